// A real server process with keys, configuration and data of its own.
import { spawn } from "node:child_process";
import { generateKeyPairSync } from "node:crypto";
import { cpSync, existsSync, mkdtempSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { fileURLToPath } from "node:url";

const binary = process.env.ROS_SERVER
  ?? fileURLToPath(new URL("../../../build/release/bin/realm-object-server", import.meta.url));
const living = new Set();
const pause = (ms) => new Promise((resolve) => setTimeout(resolve, ms));

export class Server {
  #process;
  #folder = mkdtempSync(join(tmpdir(), "ros-sdk-"));
  #port = 0;
  #securePort = 0;
  /** Ports of the HTTP and the sync back end, for a proxy of another make. */
  backEnds = { http: 0, sync: 0 };
  #settings;
  output = "";

  /** @param {Record<string, unknown>} settings configuration keys, dotted */
  static async start(settings = {}) {
    const server = new Server();
    server.#settings = { "app_services.partition_default": "write", ...settings };
    mkdirSync(join(server.#folder, "root"));
    const { publicKey, privateKey } = generateKeyPairSync("rsa", {
      modulusLength: 2048,
      publicKeyEncoding: { type: "spki", format: "pem" },
      privateKeyEncoding: { type: "pkcs8", format: "pem" },
    });
    writeFileSync(join(server.#folder, "public.pem"), publicKey);
    writeFileSync(join(server.#folder, "private.pem"), privateKey);
    await server.launch();
    return server;
  }

  get url() { return `http://127.0.0.1:${this.#port}`; }
  /** Of the HTTPS proxy, if the settings enable it; on another port after each launch(). */
  get secureUrl() { return `https://localhost:${this.#securePort}`; }
  /** What tokens are signed with, PEM. */
  get privateKey() { return readFileSync(join(this.#folder, "private.pem"), "utf8"); }
  get adminToken() { return readFileSync(join(this.#folder, "admin_token.base64"), "utf8").trim(); }

  /** Starts the process; again on the same port and data after stop() or kill(). */
  async launch() {
    const at = (name) => join(this.#folder, name);
    const portsFile = at("root/ports.json");
    rmSync(portsFile, { force: true });
    const settings = {
      "auth.admin_token_path": at("admin_token.base64"),
      "proxy.http.listen_address": "127.0.0.1",
      "proxy.http.listen_port": this.#port,
      "network.http.listen_port": 0,
      "network.sync.listen_port": 0,
      ...this.#settings,
    };
    writeFileSync(at("configuration.yml"), "");
    const options = Object.entries(settings).flatMap(([key, value]) => ["--set", `${key}=${value}`]);
    this.#process = spawn(binary, ["-c", at("configuration.yml"), "--root", at("root"), "--public-key", at("public.pem"),
      "--private-key", at("private.pem"), ...options], { stdio: ["ignore", "pipe", "pipe"] });
    living.add(this.#process);
    for (const stream of [this.#process.stdout, this.#process.stderr])
      stream.on("data", (data) => { this.output = (this.output + data).slice(-20_000); });
    const process = this.#process;
    process.once("error", (error) => { this.output += error.message; });
    process.once("exit", () => living.delete(process));
    for (const deadline = Date.now() + 30_000; ; await pause(20)) {
      if (process.exitCode !== null || Date.now() > deadline)
        throw new Error(`the server did not start: ${this.output}`);
      if (!existsSync(portsFile))
        continue;
      const ports = JSON.parse(readFileSync(portsFile, "utf8"));
      this.#port = ports.proxy_http;
      this.#securePort = ports.proxy_https;
      this.backEnds = { http: ports.http, sync: ports.sync };
      const health = await fetch(`${this.url}/health`).catch(() => null);
      if (health?.status === 200)
        return;
    }
  }

  async #end(signal) {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null)
      return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill(signal);
    await ended;
  }
  /** Asks the server to end. */
  stop() { return this.#end("SIGTERM"); }
  /** SIGHUP: the log file and the certificate are opened again. */
  reload() { this.#process.kill("SIGHUP"); }
  /** kill -9. */
  kill() { return this.#end("SIGKILL"); }

  /** Keeps a copy of the data of a stopped server. */
  save() { cpSync(join(this.#folder, "root"), join(this.#folder, "saved"), { recursive: true }); }
  /** Puts back what save() kept, before launch(). */
  restore() {
    rmSync(join(this.#folder, "root"), { recursive: true });
    cpSync(join(this.#folder, "saved"), join(this.#folder, "root"), { recursive: true });
  }

  /** Ends it for good and removes its data. */
  async dispose() {
    await this.stop();
    rmSync(this.#folder, { recursive: true, force: true });
  }
}

process.on("exit", () => living.forEach((child) => child.kill("SIGKILL")));
