import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture } from "./lib/fixture.mjs";

// Access tokens that are too old as soon as they are there: every session has to
// refresh first.
const at = fixture({ "app_services.access_token_ttl": "1s" });

test("a client whose access token ran out gets a fresh one by itself and syncs", async () => {
  const client = await at.client();
  const before = await client.run((context) => context.user.accessToken);
  const lifetime = JSON.parse(Buffer.from(before.split(".")[1], "base64url"));
  // The SDK refreshes at the start of a session once `exp` lies more than five seconds back.
  await client.run((_, exp) => new Promise((resolve) => setTimeout(resolve, exp * 1000 + 6_000 - Date.now())), lifetime.exp);
  await client.open("refresh");
  await client.run((context) => context.write((realm) => realm.create("Person", { _id: 1, name: "late" })));
  await client.settle();
  assert.notEqual(await client.run((context) => context.user.accessToken), before);
  const other = await at.client();
  await other.open("refresh");
  await other.settle();
  assert.equal((await other.dump()).Person[0].name, "late");
});
