import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture } from "./lib/fixture.mjs";

const at = fixture();

test("a client refreshes its access token and syncs on with the new one", async () => {
  const client = await at.client();
  await client.open("refresh");
  await client.settle();
  const before = await client.run((context) => context.user.accessToken);
  // Tokens carry whole seconds: one made in the same second would be the same text.
  const { iat } = JSON.parse(Buffer.from(before.split(".")[1], "base64url"));
  await client.run((context, iat) => context.until(() => Date.now() >= (iat + 1) * 1000, "the next second"), iat);
  await client.run((context) => context.user.refreshCustomData());
  assert.notEqual(await client.run((context) => context.user.accessToken), before);
  await client.run((context) => {
    context.realm.close();
    context.open("refresh");
    context.write((realm) => realm.create("Person", { _id: 1, name: "later" }));
  });
  await client.settle();
  await client.assertQuiet();
});
