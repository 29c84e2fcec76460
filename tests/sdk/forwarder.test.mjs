// Behind nginx and haproxy: clients see the forwarder's address and TLS only (F53).
import assert from "node:assert/strict";
import { after, test } from "node:test";
import { setDefaultResultOrder } from "node:dns";
import { fileURLToPath } from "node:url";
import { converge, fixture } from "./lib/fixture.mjs";
import { Forwarder, makes } from "./lib/forwarder.mjs";

setDefaultResultOrder("ipv4first");
const key = (name) => fileURLToPath(new URL(`../data/keys/${name}`, import.meta.url));
const at = fixture({ "app_services.partition_default": "write", "proxy.trusted_proxies": "[127.0.0.1/32]" });
let forwarder;
after(() => forwarder?.stop());

for (const make of Object.keys(makes))
  test(`two clients sync through ${make}, which ends TLS in front of the back ends`, async () => {
    forwarder = await Forwarder.start(make, {
      ...at.server.backEnds, certificate: key("tls-one.pem"), key: key("tls-one.key.pem") });
    const location = await (await fetch(`${forwarder.url}/api/client/v2.0/app/my-app/location`)).json();
    assert.equal(location.hostname, forwarder.url);
    assert.equal(location.ws_hostname, forwarder.url.replace("https", "wss"));
    const clients = [await at.client({ url: forwarder.url }), await at.client({ url: forwarder.url })];
    for (const client of clients) {
      await client.open(`through-${make}`);
      await client.settle();
    }
    await clients[0].run((context) => {
      context.write((realm) => realm.create("Counter", { _id: "forwarded", n: 1 }));
    });
    await converge(...clients);
    const dumps = await Promise.all(clients.map((client) => client.dump()));
    assert.ok(JSON.stringify(dumps[0]).includes("forwarded"));
    assert.deepEqual(dumps[1], dumps[0]);
    await Promise.all(clients.map((client) => client.assertQuiet()));
    await Promise.all(clients.map((client) => client.stop()));
    await forwarder.stop();
    forwarder = null;
  });
