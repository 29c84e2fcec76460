import assert from "node:assert/strict";
import { test } from "node:test";
import { fixture } from "./lib/fixture.mjs";

const at = fixture();

const post = (path, body, headers = {}) =>
  fetch(`${at.server.url}${path}`, {
    method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers },
  });

test("an anonymous user logs in and has an id", async () => {
  const client = await at.client({ logIn: false });
  const user = await client.run(async (context) => {
    await context.logIn();
    const { user } = context;
    return { id: user.id, state: user.state, identities: user.identities.length };
  });
  assert.match(user.id, /^[0-9a-f]{24,32}$/);
  assert.equal(user.state, "LoggedIn");
  assert.equal(user.identities, 1);
  await client.assertQuiet();
});

test("two anonymous users are two users", async () => {
  const [a, b] = await Promise.all([at.client(), at.client()]);
  const id = (client) => client.run((context) => context.user.id);
  assert.notEqual(await id(a), await id(b));
});

test("a registered user logs in with e-mail and password, and is the same user every time", async () => {
  const client = await at.client({ logIn: false });
  const ids = await client.run(async (context) => {
    const { Credentials } = context.Realm;
    await context.app.emailPasswordAuth.registerUser({ email: "ann@example.com", password: "secret-1" });
    const first = await context.logIn(Credentials.emailPassword("ann@example.com", "secret-1"));
    await context.user.logOut();
    const second = await context.logIn(Credentials.emailPassword("ann@example.com", "secret-1"));
    return { first, second, email: context.user.profile.email };
  });
  assert.equal(ids.first, ids.second);
  assert.equal(ids.email, "ann@example.com");
});

test("registering an e-mail twice fails, and so does a wrong password", async () => {
  const client = await at.client({ logIn: false });
  const outcome = await client.run(async (context) => {
    const attempt = (work) => work().then(() => "accepted", (error) => error.message);
    const user = { email: "bob@example.com", password: "secret-1" };
    await context.app.emailPasswordAuth.registerUser(user);
    return {
      again: await attempt(() => context.app.emailPasswordAuth.registerUser(user)),
      wrong: await attempt(() => context.logIn(context.Realm.Credentials.emailPassword(user.email, "secret-2"))),
      unknown: await attempt(() => context.logIn(context.Realm.Credentials.emailPassword("nobody@example.com", "secret-1"))),
    };
  });
  assert.match(outcome.again, /already in use/);
  assert.match(outcome.wrong, /invalid username\/password/);
  assert.match(outcome.unknown, /invalid username\/password/);
});

test("a user created over the legacy API logs in with a current SDK as the same user", async () => {
  const created = await post("/auth", {
    provider: "password", app_id: "", data: "carla@example.com", password: "secret-1", user_info: { register: true, password: "secret-1" },
  });
  assert.ok(created.ok, await created.clone().text());
  const identity = (await created.json()).refresh_token.token_data.identity;
  const client = await at.client({ logIn: false });
  const id = await client.run((context) =>
    context.logIn(context.Realm.Credentials.emailPassword("carla@example.com", "secret-1")));
  assert.equal(id, identity);
});

test("log-out ends the session for good", async () => {
  const client = await at.client();
  const refresh = await client.run(async (context) => {
    const token = context.user.refreshToken;
    await context.user.logOut();
    return token;
  });
  const answer = await post("/api/client/v2.0/auth/session", {}, { authorization: `Bearer ${refresh}` });
  assert.equal(answer.status, 401);
});

test("a client that logs out and in again syncs on", async () => {
  const client = await at.client({ logIn: false });
  await client.run(async (context) => {
    const credentials = context.Realm.Credentials.emailPassword("dora@example.com", "secret-1");
    await context.app.emailPasswordAuth.registerUser({ email: "dora@example.com", password: "secret-1" });
    for (const round of [1, 2]) {
      await context.logIn(credentials);
      context.open("log-out-in");
      context.write((realm) => realm.create("Person", { _id: round, name: `round ${round}` }));
      await context.settle();
      context.realm.close();
      await context.user.logOut();
    }
  });
  const other = await at.client();
  await other.open("log-out-in");
  await other.settle();
  assert.deepEqual((await other.dump()).Person.map((x) => x.name), ["round 1", "round 2"]);
});
