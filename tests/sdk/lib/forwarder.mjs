// A stand-alone reverse proxy of another make in front of the server's two back ends: it
// ends TLS and forwards by path, as docs describe for operators.
import { spawn } from "node:child_process";
import { createServer } from "node:net";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";

const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

/** A port that was free a moment ago; the proxies here cannot choose one and tell it. */
const freePort = () => new Promise((resolve) => {
  const probe = createServer().listen(0, "127.0.0.1", () => {
    const { port } = probe.address();
    probe.close(() => resolve(port));
  });
});

const isSync = "^(/realm-sync(/|$)|/api/client/v2.0/app/[^/]+/realm-sync)";

const nginx = (at) => ({
  command: "nginx",
  args: ["-p", at.folder, "-e", "stderr", "-c", at.file],
  text: `
daemon off;
pid nginx.pid;
worker_processes 1;
error_log stderr warn;
events { worker_connections 512; }
http {
  access_log off;
  client_body_temp_path body; proxy_temp_path proxy; fastcgi_temp_path fastcgi;
  uwsgi_temp_path uwsgi; scgi_temp_path scgi;
  map $http_upgrade $connection_upgrade { default upgrade; '' close; }
  server {
    listen 127.0.0.1:${at.port} ssl;
    ssl_certificate ${at.certificate};
    ssl_certificate_key ${at.key};
    proxy_http_version 1.1;
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $proxy_add_x_forwarded_for;
    proxy_set_header X-Forwarded-Proto $scheme;
    location ~ ${isSync} {
      proxy_pass http://127.0.0.1:${at.sync};
      proxy_set_header Upgrade $http_upgrade;
      proxy_set_header Connection $connection_upgrade;
      proxy_read_timeout 1h;
      proxy_buffering off;
    }
    location / { proxy_pass http://127.0.0.1:${at.http}; }
  }
}`,
});

const haproxy = (at) => {
  writeFileSync(join(at.folder, "both.pem"), readFileSync(at.certificate) + readFileSync(at.key));
  return {
    command: "haproxy",
    args: ["-db", "-f", at.file],
    text: `
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  timeout tunnel 1h
frontend all
  bind 127.0.0.1:${at.port} ssl crt ${join(at.folder, "both.pem")}
  option forwardfor
  http-request set-header X-Forwarded-Proto https
  use_backend sync if { path_reg ${isSync.replaceAll("$", "\\$")} }
  default_backend rest
backend sync
  server ros 127.0.0.1:${at.sync}
backend rest
  server ros 127.0.0.1:${at.http}
`,
  };
};

export const makes = { nginx, haproxy };

export class Forwarder {
  #process;
  #folder = mkdtempSync(join(tmpdir(), "ros-forwarder-"));
  url = "";
  output = "";

  /** @param {{http: number, sync: number, certificate: string, key: string}} options ports and files */
  static async start(make, options) {
    const self = new Forwarder();
    const port = await freePort();
    const at = { ...options, port, folder: self.#folder, file: join(self.#folder, "configuration") };
    const { command, args, text } = makes[make](at);
    writeFileSync(at.file, text);
    self.#process = spawn(command, args, { stdio: ["ignore", "pipe", "pipe"],
      env: { ...process.env, PATH: `${process.env.PATH}:/usr/sbin` } });
    self.#process.once("error", (error) => { self.output += error.message; });
    for (const stream of [self.#process.stdout, self.#process.stderr])
      stream.on("data", (data) => { self.output += data; });
    self.url = `https://localhost:${port}`;
    for (const end = Date.now() + 20_000; ; await pause(20)) {
      if (self.#process.exitCode !== null || Date.now() > end)
        throw new Error(`${make} did not start: ${self.output}`);
      const health = await fetch(`${self.url}/health`).catch(() => null);
      if (health?.status === 200)
        return self;
    }
  }

  async stop() {
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGTERM");
    await ended;
    rmSync(this.#folder, { recursive: true });
  }
}
