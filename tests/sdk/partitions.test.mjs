import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture } from "./lib/fixture.mjs";

const at = fixture();

/** Opens a partition whose value is made in the client, and writes one object if a name is given. */
async function visit(client, make, name) {
  return client.run(async (context, make, name) => {
    const value = new Function("bson", `return ${make}`)(context.bson);
    context.open(value);
    if (name)
      context.write((realm) => realm.create("Counter", { _id: name, n: 1 }));
    await context.settle();
    const names = context.realm.objects("Counter").map((x) => x._id).sort();
    context.realm.close();
    return names;
  }, make, name);
}

test("every kind of partition value is a Realm of its own and the same for everybody", async () => {
  const kinds = [
    '"plain"', '"with/slash and space"', '"ünïcode \u{1f600}"', '""', '"42"', "42", "-7", 'new bson.ObjectId("0123456789abcdef01234567")',
    'new bson.UUID("01234567-89ab-4def-8123-456789abcdef")', "null",
  ];
  const writer = await at.client();
  for (const kind of kinds)
    assert.deepEqual(await visit(writer, kind, `written to ${kind}`), [`written to ${kind}`]);
  const reader = await at.client();
  for (const kind of kinds)
    assert.deepEqual(await visit(reader, kind), [`written to ${kind}`]);
  await Promise.all([writer.assertQuiet(), reader.assertQuiet()]);
});

test("partitions do not mix", async () => {
  const [a, b] = [await at.client(), await at.client()];
  await visit(a, '"left"', "l");
  await visit(b, '"right"', "r");
  assert.deepEqual(await visit(a, '"right"'), ["r"]);
  assert.deepEqual(await visit(b, '"left"'), ["l"]);
});
