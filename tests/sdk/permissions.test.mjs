import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture } from "./lib/fixture.mjs";

const at = fixture({ "app_services.partition_default": "none" });

test("without a rule nobody gets at a partition, and the app is told why", async () => {
  const client = await at.client();
  await client.open("closed");
  await client.run((context) => context.until(() => context.errors.length > 0, "the refusal"));
  const [error] = await client.run((context) => context.errors);
  assert.match(error.message, /permission/i);
});
