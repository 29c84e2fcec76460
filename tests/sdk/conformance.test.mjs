// Items of the conformance checklist (sync-protocol.md 10) that speak of a real client, as
// far as no other file here is about them.
import assert from "node:assert/strict";
import { test } from "node:test";
import { converge, fixture } from "./lib/fixture.mjs";

const at = fixture();

test("S11 a client comes back by itself after a shutdown", async () => {
  const [a, b] = await at.pair("shutdown");
  await at.server.stop();
  await at.server.launch();
  // Nobody calls Sync.reconnect.
  await a.run((context) => context.write((realm) => realm.create("Person", { _id: 1, name: "after" })));
  await converge(a, b);
  assert.equal((await b.dump()).Person[0].name, "after");
  for (const client of [a, b])
    assert.deepEqual(await client.run((context) => context.errors), []);
});

test("X1 flexible sync is refused with an error that the app hears, and no crash", async () => {
  const client = await at.client();
  const [error] = await client.run(async (context) => {
    const { Realm, schema, user, errors } = context;
    context.realm = new Realm({
      schema,
      sync: {
        user, flexible: true,
        onError: (_, e) => errors.push({ name: e.name, code: e.code, message: e.message }),
      },
    });
    await context.until(() => errors.length > 0, "an error");
    return errors;
  });
  assert.match(error.message, /partition-based/);
  // The same process goes on with partition-based sync.
  await client.run((context) => { context.realm.close(); });
  await client.open("after-refusal");
  await client.run((context) => context.write((realm) => realm.create("Person", { _id: 1, name: "Ann" })));
  await client.settle();
});
