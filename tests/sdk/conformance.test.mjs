// Items of the conformance checklist (sync-protocol.md 10) that speak of a real client, as
// far as no other file here is about them; client resets (E8) are in client_reset.test.mjs.
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

const create = (client, id) => client.run((context, id) =>
  context.write((realm) => realm.create("Person", { _id: id, name: `person ${id}` })), id);
const count = async (client) => (await client.dump()).Person.length;

test("M4 waiting for uploads and downloads ends: on an empty Realm, after writes, after a reconnect, with two writers", async () => {
  const a = await at.client();
  await a.open("m4");
  await a.run((context) => context.download());
  await a.run((context) => context.upload());
  await create(a, 1);
  await a.settle();
  await a.run((context) => context.cutConnection());
  await a.settle();
  await create(a, 2);
  await a.settle();
  const b = await at.client();
  await b.open("m4");
  for (let i = 10; i < 30; i += 2) {
    await Promise.all([create(a, i), create(b, i + 1)]);
    await Promise.all([a.settle(), b.settle()]);
  }
  await converge(a, b);
  assert.equal(await count(a), 22);
  assert.deepEqual(await a.dump(), await b.dump());
  await Promise.all([a.assertQuiet(), b.assertQuiet()]);
});

test("M5 what was written before the connection is there within a second", async () => {
  const times = [];
  for (let round = 0; round < 3; ++round) {
    const client = await at.client();
    times.push(await client.run(async (context, round) => {
      context.open(`m5-${round}`);
      context.write((realm) => realm.create("Person", { _id: 1, name: "early" }));
      const begin = Date.now();
      await context.upload();
      return Date.now() - begin;
    }, round));
    await client.assertQuiet();
  }
  // The machine may be busy with other things, but not every time.
  assert.ok(Math.min(...times) < 1000, `it took ${times} ms`);
});

test("E10 after a temporary error of its session the SDK silently binds again and goes on", async () => {
  const client = await at.client();
  await client.open("e10");
  await client.settle();
  // The server answers this with 201, Transient, tryAgain.
  await client.run((context) => context.say('json_error 233 15 1\n{"message":"x"}'));
  await create(client, 1);
  await client.settle();
  const reader = await at.client();
  await reader.open("e10");
  await reader.settle();
  assert.equal(await count(reader), 1);
  assert.deepEqual(await client.run((context) => context.errors), []);
});

test("E11 after an error of its own the SDK is told to reset the client", async () => {
  const client = await at.client();
  await client.open("e11");
  await client.settle();
  await client.run((context) => context.say('json_error 212 15 1\n{"message":"x"}'));
  await client.run((context) => context.until(() => context.errors.length > 0, "the client reset"));
  assert.deepEqual((await client.run((context) => context.errors)).map((error) => error.name), ["ClientReset"]);
});
