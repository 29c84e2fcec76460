import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture } from "./lib/fixture.mjs";

const at = fixture({ "app_services.ttls.access_token": 60 });

test("a client whose access token ran out gets a fresh one by itself and syncs", async () => {
  const client = await at.client();
  const before = await client.run((context) => context.user.accessToken);
  // For this client two minutes pass: its SDK finds the token too old and asks for another one.
  await client.run(() => {
    const now = Date.now;
    Date.now = () => now() + 120_000;
  });
  await client.open("refresh");
  await client.run((context) => context.write((realm) => realm.create("Person", { _id: 1, name: "late" })));
  await client.settle();
  assert.notEqual(await client.run((context) => context.user.accessToken), before);
  const other = await at.client();
  await other.open("refresh");
  await other.settle();
  assert.equal((await other.dump()).Person[0].name, "late");
});
