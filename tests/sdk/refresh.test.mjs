import assert from "node:assert/strict";
import { test } from "node:test";
import { converge, fixture } from "./lib/fixture.mjs";
import { claimsOf } from "./lib/tokens.mjs";

const at = fixture();

test("a client refreshes its access token and syncs on with the new one", async () => {
  const client = await at.client();
  await client.open("refresh");
  await client.settle();
  const before = await client.run((context) => context.user.accessToken);
  // Tokens carry whole seconds: one made in the same second would be the same text.
  const { iat } = claimsOf(before);
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

/** A client whose access token, good for a few seconds, is the one its connection was made with. */
async function clientWithShortToken(partition) {
  const client = await at.client({ logIn: false });
  await client.run((context, key) => context.shortenTokens(8, key), at.server.privateKey);
  await client.run((context) => context.logIn());
  await client.open(partition);
  await client.settle();
  const token = await client.run((context) => context.user.accessToken);
  return { client, token, expires: claimsOf(token).exp * 1000 };
}

const refreshes = (client) => client.run((context) =>
  context.restCalls.filter((call) => call.method === "POST" && call.path.endsWith("/auth/session")).map((call) => call.status));
const createPerson = (client, id) => client.run((context, id) =>
  context.write((realm) => realm.create("Person", { _id: id, name: `person ${id}` })), id);

test("a token that expires during a connection is tolerated, and refreshed by the SDK itself before the next one", async () => {
  const [paused, cut, witness] = await Promise.all([
    clientWithShortToken("expiry"), clientWithShortToken("expiry"), at.client(),
  ]);
  await witness.open("expiry");
  // The SDK takes a token for expired when it has been so for five seconds.
  const late = Math.max(paused.expires, cut.expires) + 6000;
  await witness.run((context, late) => context.until(() => Date.now() > late, "the end of the tokens"), late);
  for (const { token } of [paused, cut]) {
    const answer = await fetch(`${at.server.url}/api/client/v2.0/auth/profile`, { headers: { authorization: `Bearer ${token}` } });
    assert.equal(answer.status, 401);
  }

  // The connections live on.
  await createPerson(paused.client, 1);
  await createPerson(cut.client, 2);
  await converge(paused.client, cut.client, witness);
  assert.deepEqual((await witness.dump()).Person.map((x) => x._id), [1, 2]);
  assert.deepEqual(await refreshes(paused.client), []);
  assert.deepEqual(await refreshes(cut.client), []);

  // The next connections need a new token, and nothing written meanwhile is lost.
  await paused.client.offline();
  await createPerson(paused.client, 3);
  await paused.client.online();
  await cut.client.run((context) => context.cutConnection());
  await createPerson(cut.client, 4);
  // This SDK is not told that its old token was refused (a browser hides the 401), so it
  // asks for a new one when its app resumes the session, as on return to the foreground.
  await cut.client.offline();
  await cut.client.online();
  await converge(paused.client, cut.client, witness);
  await converge(paused.client, cut.client, witness);
  for (const { client, token } of [paused, cut]) {
    assert.deepEqual(await refreshes(client), [201]);
    assert.notEqual(await client.run((context) => context.user.accessToken), token);
    assert.deepEqual(await client.dump(), await witness.dump());
    await client.assertQuiet();
  }
  assert.deepEqual((await witness.dump()).Person.map((x) => x._id), [1, 2, 3, 4]);
});
