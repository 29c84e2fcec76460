import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture } from "./lib/fixture.mjs";

const at = fixture({ "app_services.partition_default": "none" });

/** A call of the administration API; the answer's JSON, if it has any. */
async function administer(method, path, body) {
  const answer = await fetch(`${at.server.url}/api/admin/v1${path}`, {
    method, body: body && JSON.stringify(body),
    headers: { "content-type": "application/json", authorization: at.server.adminToken },
  });
  assert.ok(answer.ok, `${method} ${path}: ${answer.status} ${await answer.clone().text()}`);
  return answer.status === 204 ? null : answer.json();
}
const realm = (partition) => `/realms/${encodeURIComponent(`/__partition/s-${partition}`)}`;
const create = (partition) => administer("POST", "/realms", { path: `/__partition/s-${partition}` });
/** Gives the users these rights, and nobody else any. */
const allow = (partition, rows) => administer("PUT", `${realm(partition)}/permissions`, {
  permissions: rows.map(([user_id, rights]) => ({
    user_id, read: rights.includes("r"), write: rights.includes("w"), manage: false })),
});
const id = (client) => client.run((context) => context.user.id);
const refusal = (client) => client.run(async (context) => {
  await context.until(() => context.errors.length > 0, "the refusal");
  return context.errors[0].message;
});

test("without a rule nobody gets at a partition, and the app is told why", async () => {
  const client = await at.client();
  await client.open("closed");
  assert.match(await refusal(client), /permission/i);
});

test("a permission opens a Realm for one user, and a default one for all", async () => {
  await create("team");
  const [writer, reader, stranger] = await Promise.all([at.client(), at.client(), at.client()]);
  await allow("team", [[await id(writer), "rw"], [await id(reader), "r"]]);
  for (const client of [writer, reader]) {
    await client.open("team");
    await client.settle();
  }
  await writer.run((context) => {
    context.write((realm) => realm.create("Counter", { _id: "allowed", n: 1 }));
    return context.upload();
  });
  await reader.run((context) => context.download());
  assert.match(JSON.stringify(await reader.dump()), /allowed/);
  await stranger.open("team");
  assert.match(await refusal(stranger), /permission/i);
  await allow("team", [[null, "rw"]]);
  const late = await at.client();
  await late.open("team");
  await late.settle();
  assert.match(JSON.stringify(await late.dump()), /allowed/);
  await Promise.all([writer, late].map((client) => client.assertQuiet()));
});

test("who may only read is told so when it writes", async () => {
  await create("read-only");
  const [writer, reader] = await Promise.all([at.client(), at.client()]);
  await allow("read-only", [[await id(writer), "rw"], [await id(reader), "r"]]);
  for (const client of [writer, reader]) { // the writer brings the schema
    await client.open("read-only");
    await client.settle();
  }
  await reader.run((context) => {
    context.write((realm) => realm.create("Counter", { _id: "forbidden", n: 1 }));
  });
  assert.match(await refusal(reader), /permission|write/i);
});

test("a right that is given while connected takes effect with the next write", async () => {
  await create("promoted");
  const [owner, user] = await Promise.all([at.client(), at.client()]);
  const rows = (rights) => Promise.all([owner, user].map(id)).then(([a, b]) => [[a, "rw"], [b, rights]]);
  await allow("promoted", await rows("r"));
  for (const client of [owner, user]) {
    await client.open("promoted");
    await client.settle();
  }
  await allow("promoted", await rows("rw"));
  await user.run((context) => {
    context.write((realm) => realm.create("Counter", { _id: "promoted", n: 1 }));
    return context.upload();
  });
  await owner.run((context) => context.download());
  assert.match(JSON.stringify(await owner.dump()), /promoted/);
  await user.assertQuiet();
});

test("a right that is taken away while connected ends the session at once", async () => {
  await create("demoted");
  const user = await at.client();
  await allow("demoted", [[await id(user), "rw"]]);
  await user.open("demoted");
  await user.settle();
  await allow("demoted", []);
  assert.match(await refusal(user), /permission/i);
});

test("a suspended user is logged out of what it has open, and cannot come back", async () => {
  await create("suspended");
  const client = await at.client({ logIn: false });
  const user = { email: "s@example.com", password: "secret-1" };
  await client.run(async (context, user) => {
    await context.app.emailPasswordAuth.registerUser(user);
    await context.logIn(context.Realm.Credentials.emailPassword(user.email, user.password));
  }, user);
  const userId = await id(client);
  await allow("suspended", [[userId, "rw"]]);
  await client.open("suspended");
  await client.settle();
  await administer("PATCH", `/users/${userId}`, { status: "suspended" });
  const again = await client.run((context, user) =>
    context.logIn(context.Realm.Credentials.emailPassword(user.email, user.password))
      .then(() => "accepted", (error) => error.message), user);
  assert.notEqual(again, "accepted");
  assert.equal((await administer("GET", `/users/${userId}`)).status, "suspended");
});

test("a user can be deleted, by itself", async () => {
  const client = await at.client({ logIn: false });
  const gone = await client.run(async (context) => {
    const user = { email: "d@example.com", password: "secret-1" };
    await context.app.emailPasswordAuth.registerUser(user);
    await context.logIn(context.Realm.Credentials.emailPassword(user.email, user.password));
    const { id } = context.user;
    await context.app.deleteUser(context.user);
    return id;
  });
  const answer = await fetch(`${at.server.url}/api/admin/v1/users/${gone}`, {
    headers: { authorization: at.server.adminToken } });
  assert.equal(answer.status, 404);
});

test("an anonymous user becomes a permanent one by linking", async () => {
  const client = await at.client();
  const linked = await client.run(async (context) => {
    const user = { email: "l@example.com", password: "secret-1" };
    const credentials = context.Realm.Credentials.emailPassword(user.email, user.password);
    const before = context.user.id;
    await context.app.emailPasswordAuth.registerUser(user);
    await context.user.linkCredentials(credentials);
    const after = context.user.id;
    const { email } = context.user.profile;
    await context.user.logOut();
    return { before, after, email, later: await context.logIn(credentials) };
  });
  assert.equal(linked.after, linked.before);
  assert.equal(linked.later, linked.before);
  assert.equal(linked.email, "l@example.com");
});

test("API keys are made, listed, switched off and removed", async () => {
  const client = await at.client({ logIn: false });
  const seen = await client.run(async (context) => {
    const user = { email: "k@example.com", password: "secret-1" };
    await context.app.emailPasswordAuth.registerUser(user);
    await context.logIn(context.Realm.Credentials.emailPassword(user.email, user.password));
    const keys = context.user.apiKeys;
    const logIn = (key) => context.app.logIn(context.Realm.Credentials.apiKey(key))
      .then((user) => user.id, () => "refused");
    const owner = context.user;
    const made = await keys.create("first");
    const used = await logIn(made.key);
    await keys.disable(made._id);
    const off = await keys.fetch(made._id);
    const whileOff = await logIn(made.key);
    await keys.enable(made._id);
    const all = await keys.fetchAll();
    await keys.delete(made._id);
    return { key: made.key.length, off: off.disabled, all: all.map((x) => x.name),
      left: (await keys.fetchAll()).length, isOwner: used === owner.id, whileOff,
      gone: await logIn(made.key) };
  });
  assert.equal(seen.key, 64);
  assert.deepEqual({ ...seen, key: 0 }, { key: 0, off: true, all: ["first"], left: 0, isOwner: true,
    whileOff: "refused", gone: "refused" });
});
