// What an app gets to know when the server went back to older data, and that its next
// Realm syncs.
import assert from "node:assert/strict";
import { test } from "node:test";
import { converge, fixture } from "./lib/fixture.mjs";

const at = fixture();

const create = (client, id, name) => client.run((context, id, name) =>
  context.write((realm) => realm.create("Person", { _id: id, name })), id, name);
const namesAt = async (client) => (await client.dump()).Person.map((person) => person.name);

/** `ahead` knows more than the server does afterwards, `idle` does not. */
async function restoreOlderData(partition, prepare = () => {}) {
  const [ahead, idle] = await Promise.all([at.client(), at.client()]);
  await ahead.run(prepare);
  for (const client of [ahead, idle])
    await client.open(partition);
  await create(ahead, 1, "in the backup");
  await converge(ahead, idle);
  // An SDK acknowledges what it got last; that is to be in the backup as well.
  await converge(ahead, idle);
  await idle.offline();
  await at.server.stop();
  at.server.save();
  await at.server.launch();
  await create(ahead, 2, "lost by the server");
  await ahead.settle();
  await at.server.stop();
  at.server.restore();
  await at.server.launch();
  await idle.online();
  return { ahead, idle };
}

/** Closes the Realm and opens it anew; the SDK has set the old file aside. */
async function openAgain(client, partition) {
  await client.run((context, partition) => {
    context.realm.close();
    context.open(partition);
  }, partition);
}

test("E8 in manual mode the app hears of the reset, has its old data, and syncs again with a new Realm", async () => {
  const partition = "reset-manually";
  const { ahead, idle } = await restoreOlderData(partition, (context) => context.resetManually());
  await ahead.run((context) => context.until(() => context.resets.length > 0, "the client reset"));
  const { resets, errors, problems } = await ahead.run(({ resets, errors, problems }) => ({ resets, errors, problems }));
  assert.equal(resets.length, 1);
  assert.equal(resets[0].partition, partition);
  assert.match(resets[0].path, /recovered/);
  assert.deepEqual(errors, []);
  assert.deepEqual(problems, []);
  assert.deepEqual(await namesAt(ahead), ["in the backup", "lost by the server"]);

  await openAgain(ahead, partition);
  await ahead.settle();
  assert.deepEqual(await namesAt(ahead), ["in the backup"]);
  await create(ahead, 3, "after the reset");
  await create(idle, 4, "from one who went on");
  await converge(ahead, idle);
  await converge(ahead, idle);
  assert.deepEqual(await namesAt(idle), ["in the backup", "after the reset", "from one who went on"]);
  assert.deepEqual(await ahead.dump(), await idle.dump());
  assert.equal(await ahead.run((context) => context.resets.length), 1);
  await Promise.all([ahead.assertQuiet(), idle.assertQuiet()]);
});

test("without manual mode this SDK reports the reset as an error of that name", async () => {
  const partition = "reset-by-default";
  const { ahead, idle } = await restoreOlderData(partition);
  await ahead.run((context) => context.until(() => context.errors.length > 0, "the client reset"));
  const errors = await ahead.run((context) => context.errors);
  assert.deepEqual(errors.map((error) => error.name), ["ClientReset"]);
  await create(idle, 4, "from one who went on");
  await idle.settle();
  await idle.assertQuiet();

  // A new device of the same app.
  const next = await at.client();
  await next.open(partition);
  await next.settle();
  assert.deepEqual(await namesAt(next), ["in the backup", "from one who went on"]);
});
