import assert from "node:assert/strict";
import { test } from "node:test";
import { converge, fixture } from "./lib/fixture.mjs";

const at = fixture();

test("clients go on after a restart of the server, without a reset", async () => {
  const [a, b] = await at.pair("restart");
  await a.run((context) => context.write((realm) => realm.create("Person", { _id: 1, name: "before" })));
  await converge(a, b);
  await at.server.stop();
  await a.run((context) => context.write((realm) => realm.create("Person", { _id: 2, name: "while it was down" })));
  await at.server.launch();
  await b.run((context) => context.write((realm) => realm.create("Person", { _id: 3, name: "after" })));
  await converge(a, b);
  await converge(a, b);
  const names = (content) => content.Person.map((x) => x.name);
  assert.deepEqual(names(await a.dump()), ["before", "while it was down", "after"]);
  assert.deepEqual(await a.dump(), await b.dump());
  for (const client of [a, b])
    assert.deepEqual(await client.run((context) => context.errors), []);
});

test("kill -9 during uploads loses nothing that was acknowledged and doubles nothing", async () => {
  const a = await at.client();
  await a.open("kill");
  await a.settle();
  let written = 0;
  for (let round = 0; round < 3; ++round) {
    const acknowledged = await a.run(async (context, from) => {
      for (let i = 0; i < 20; ++i)
        context.write((realm) => realm.create("Counter", { _id: `c${String(from + i).padStart(5, "0")}`, n: from + i }));
      await context.upload();
      const sure = context.realm.objects("Counter").length;
      // These are on their way while the server dies.
      for (let i = 20; i < 60; ++i)
        context.write((realm) => realm.create("Counter", { _id: `c${String(from + i).padStart(5, "0")}`, n: from + i }));
      return sure;
    }, written);
    await at.server.kill();
    await at.server.launch();
    // The SDK waits longer after every loss; the test does not.
    await a.run((context) => context.Realm.App.Sync.reconnect(context.app));
    const reader = await at.client();
    await reader.open("kill");
    await reader.run((context) => context.download());
    const there = (await reader.dump()).Counter.length;
    assert.ok(there >= acknowledged, `${there} of ${acknowledged} acknowledged objects are there`);
    await reader.stop();
    written += 60;
  }
  await a.settle();
  const reader = await at.client();
  await reader.open("kill");
  await reader.settle();
  const content = await reader.dump();
  assert.equal(content.Counter.length, written);
  assert.deepEqual(content, await a.dump());
  assert.deepEqual(await a.run((context) => context.errors), []);
});

test("a cut connection is taken up again", async () => {
  const [a, b] = await at.pair("cut");
  await a.run((context) => {
    context.cutConnection();
    context.write((realm) => realm.create("Person", { _id: 1, name: "after the cut" }));
  });
  await converge(a, b);
  assert.equal((await b.dump()).Person[0].name, "after the cut");
});

test("a first sync of 10,000 objects arrives complete", async () => {
  const writer = await at.client();
  await writer.open("ten-thousand");
  await writer.run(async (context) => {
    for (let batch = 0; batch < 20; ++batch)
      context.write((realm) => {
        for (let i = 0; i < 500; ++i)
          realm.create("Item", { _id: new context.bson.UUID(), text: `item ${batch * 500 + i} with some text to carry`, n: batch * 500 + i });
      });
    await context.upload();
  });
  const reader = await at.client();
  const found = await reader.run(async (context) => {
    context.realm = await context.Realm.open(context.configuration("ten-thousand"));
    const items = context.realm.objects("Item");
    return { count: items.length, sum: items.sum("n") };
  });
  assert.deepEqual(found, { count: 10_000, sum: (9_999 * 10_000) / 2 });
  await Promise.all([writer.assertQuiet(), reader.assertQuiet()]);
});
