// Everything through the HTTPS proxy: REST over TLS, sync over wss.
import assert from "node:assert/strict";
import { copyFileSync, mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, test } from "node:test";
import tls from "node:tls";
import { fileURLToPath } from "node:url";
import { converge, fixture } from "./lib/fixture.mjs";

const key = (name) => fileURLToPath(new URL(`../data/keys/${name}`, import.meta.url));

const folder = mkdtempSync(join(tmpdir(), "ros-tls-"));
after(() => rmSync(folder, { recursive: true }));
/** Makes this certificate the server's; it takes it when it starts or reloads. */
function use(name) {
  copyFileSync(key(`tls-${name}.pem`), join(folder, "certificate.pem"));
  copyFileSync(key(`tls-${name}.key.pem`), join(folder, "key.pem"));
}
use("one");

const at = fixture({
  "app_services.partition_default": "write",
  "proxy.https.enable": true,
  "proxy.https.listen_address": "127.0.0.1",
  "proxy.https.listen_port": 0,
  "proxy.https.certificate_path": join(folder, "certificate.pem"),
  "proxy.https.private_key_path": join(folder, "key.pem"),
});

const settled = async (check) => {
  for (const end = Date.now() + 20_000; Date.now() < end; await new Promise((done) => setTimeout(done, 20)))
    if (await check())
      return true;
  return false;
};

/** The name in the certificate that new connections see. */
const shown = () => new Promise((resolve, reject) => {
  const { hostname, port } = new URL(at.server.secureUrl);
  const socket = tls.connect({ host: "127.0.0.1", port, servername: hostname, rejectUnauthorized: false }, () => {
    resolve(socket.getPeerCertificate().subject.CN);
    socket.end();
  });
  socket.on("error", reject);
});

test("two clients sync over TLS, and one of them with a third that has none", async () => {
  const secure = [await at.client({ url: at.server.secureUrl }), await at.client({ url: at.server.secureUrl })];
  const plain = await at.client();
  for (const client of [...secure, plain]) {
    await client.open("over-tls");
    await client.settle();
  }
  await secure[0].run((context) => {
    context.write((realm) => realm.create("Counter", { _id: "through TLS", n: 1 }));
  });
  await converge(...secure, plain);
  const dumps = await Promise.all([...secure, plain].map((client) => client.dump()));
  assert.ok(JSON.stringify(dumps[0]).includes("through TLS"));
  assert.deepEqual(dumps[1], dumps[0]);
  assert.deepEqual(dumps[2], dumps[0]);
  await Promise.all([...secure, plain].map((client) => client.assertQuiet()));
});

test("the server takes a new certificate on SIGHUP, and keeps what it has if the new one is bad", async () => {
  assert.equal(await shown(), "Test server one");
  use("two");
  at.server.reload();
  assert.ok(await settled(async () => await shown() === "Test server two"));
  copyFileSync(key("tls-one.key.pem"), join(folder, "key.pem"));
  at.server.reload();
  assert.ok(await settled(() => at.server.output.includes("keeps the certificate it has")));
  assert.equal(await shown(), "Test server two");
});
