// Every provider of others, over real HTTPS: the SDK's log-ins, those of older SDKs, and
// functions (http-api.md 4.5, 4.6, 9.3, 9.7).
import assert from "node:assert/strict";
import { mkdtempSync, readFileSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { after, beforeEach, test } from "node:test";
import { fixture } from "./lib/fixture.mjs";
import { authority, cloudKitKey, IdentityStubs } from "./lib/identity-stubs.mjs";

const stubs = await IdentityStubs.start();
after(() => stubs.stop());
beforeEach(() => { stubs.outage = 0; });

const folder = mkdtempSync(join(tmpdir(), "ros-log-"));
after(() => rmSync(folder, { recursive: true }));

const at = fixture({
  "logging.level": "all",
  "logging.path": join(folder, "log"),
  "network.outgoing.ca_path": authority,
  "auth.providers.google.clientId": "google-app",
  "auth.providers.google.clientSecret": stubs.clientSecret,
  "auth.providers.google.api_base_url": stubs.url,
  "auth.providers.facebook.appId": "fb-app",
  "auth.providers.facebook.appSecret": "fb-secret",
  "auth.providers.facebook.api_base_url": stubs.url,
  "auth.providers.cloudkit.key_id": "0".repeat(64),
  "auth.providers.cloudkit.private_key_path": cloudKitKey,
  "auth.providers.cloudkit.container": "iCloud.com.example",
  "auth.providers.cloudkit.api_base_url": stubs.url,
  "auth.providers.azuread.tenant_id": "the-tenant",
  "auth.providers.azuread.api_base_url": stubs.url,
  "auth.providers.apple.clientId": "com.example.app",
  "auth.providers.apple.api_base_url": stubs.url,
  "auth.providers.jwt.jwksUrl": `${stubs.url}/jwks`,
  "auth.providers.custom/function.webhook_url": `${stubs.url}/hook`,
  "auth.providers.custom/function.secret": stubs.webhookSecret,
  "auth.providers.custom/mine.webhook_url": `${stubs.url}/hook`,
  "auth.providers.custom/mine.secret": stubs.webhookSecret,
  "app_services.functions.sum.url": `${stubs.url}/hook`,
  "app_services.functions.sum.secret": stubs.webhookSecret,
  "app_services.functions.fails.url": `${stubs.url}/hook`,
  "app_services.functions.fails.secret": stubs.webhookSecret,
});

const post = async (path, body, headers = {}) => {
  const answer = await fetch(`${at.server.url}${path}`, {
    method: "POST", body: JSON.stringify(body), headers: { "content-type": "application/json", ...headers },
  });
  return { status: answer.status, body: await answer.json() };
};
const legacy = (provider, data, more = {}) =>
  post("/auth", { provider, data, app_id: "com.example.app", user_info: {}, ...more });
const apps = "/api/client/v2.0/app/sdk-tests";
const logIn = (provider, body) => post(`${apps}/auth/providers/${provider}/login`, body);

const appleClaims = (more = {}) => ({ iss: "https://appleid.apple.com", aud: "com.example.app", sub: "apple-1", ...more });
const azureClaims = (more = {}) =>
  ({ iss: "https://sts.windows.net/the-tenant/", tid: "the-tenant", unique_name: "az@example.com", ...more });

/** What the SDK makes of these credentials: the user's id, or the error. */
const tryLogIn = async (kind, payload) => {
  const client = await at.client({ logIn: false });
  return client.run(async (context, [kind, payload]) => {
    const user = () => context.logIn(context.Realm.Credentials[kind](payload));
    return user().then((id) => ({ id, token: context.user.accessToken }), (error) => ({ error: error.message }));
  }, [kind, payload]);
};
/** Of the identities of a user, as SDKs know them. */
const typesOf = async (token) => {
  const answer = await fetch(`${at.server.url}/api/client/v2.0/auth/profile`, { headers: { authorization: `Bearer ${token}` } });
  return (await answer.json()).identities.map((x) => x.provider_type);
};

for (const [kind, payload, type, bad] of [
  ["jwt", () => stubs.token({ userId: "jane-of-the-app" }), "custom-token", () => `${stubs.token({ userId: "x" }).slice(0, -4)}AAAA`],
  ["function", () => ({ username: "hook-user" }), "custom-function", () => ({ username: "stranger" })],
  ["google", () => ({ idToken: "google:gil" }), "oauth2-google", () => ({ idToken: "forged" })],
  ["google", () => ({ authCode: "good code" }), "oauth2-google", () => ({ authCode: "bad code" })],
  ["facebook", () => "facebook:fay", "oauth2-facebook", () => "forged"],
  ["apple", () => stubs.token(appleClaims()), "oauth2-apple", () => stubs.token(appleClaims({ aud: "another" }))],
])
  test(`the SDK logs in with ${kind}${payload().authCode ? " and an authorisation code" : ""}, as the same user every time`, async () => {
    const first = await tryLogIn(kind, payload());
    assert.ok(first.id, first.error);
    assert.deepEqual(await typesOf(first.token), [type]);
    if (kind === "jwt")
      assert.equal(first.id, "jane-of-the-app");
    const second = await tryLogIn(kind, payload());
    assert.equal(second.id, first.id);
    const refused = await tryLogIn(kind, bad());
    assert.match(refused.error ?? "", /authentication failed/);
  });

test("the SDK logs in with an API key of its own making", async () => {
  const client = await at.client({ logIn: false });
  const ids = await client.run(async (context) => {
    const { Credentials } = context.Realm;
    await context.app.emailPasswordAuth.registerUser({ email: "kay@example.com", password: "secret-1" });
    const owner = await context.logIn(Credentials.emailPassword("kay@example.com", "secret-1"));
    const { key } = await context.user.apiKeys.create("mine");
    await context.user.logOut();
    return { owner, byKey: await context.logIn(Credentials.apiKey(key)) };
  });
  assert.equal(ids.byKey, ids.owner);
});

test("an anonymous user keeps its Realm when it becomes one of another provider", async () => {
  const client = await at.client();
  const outcome = await client.run(async (context, token) => {
    const before = context.user.id;
    await context.user.linkCredentials(context.Realm.Credentials.jwt(token));
    return { before, after: context.user.id, token: context.user.accessToken };
  }, stubs.token({ userId: "linked" }));
  assert.equal(outcome.after, outcome.before);
  assert.deepEqual(await typesOf(outcome.token), ["custom-token"]);
});

test("the SDK calls functions of the operator's", async () => {
  const client = await at.client();
  const outcome = await client.run(async (context) => {
    const { user } = context;
    const error = await user.functions.fails().catch((e) => e.message);
    const unknown = await user.functions.nobody().catch((e) => e.message);
    return { sum: await user.functions.sum(1, 2, 3), id: user.id, error, unknown };
  });
  assert.equal(Number(outcome.sum.sum), 6);
  assert.equal(outcome.sum.user, outcome.id);
  assert.match(outcome.error, /no such luck/);
  assert.match(outcome.unknown, /function not found: 'nobody'/);
});

// -- older SDKs ------------------------------------------------------------------------

for (const [provider, good, bad] of [
  ["google", "google:leg", "forged"],
  ["facebook", "facebook:leg", "forged"],
  ["cloudkit", "_leg", "leg"],
  ["azuread", () => stubs.token(azureClaims()), () => stubs.token(azureClaims({ tid: "another" }))],
  ["apple", () => stubs.token(appleClaims({ sub: "leg" })), () => stubs.token(appleClaims({ exp: 1 }))],
  ["jwt", () => stubs.token({ userId: "leg" }), "nonsense"],
  ["custom/mine", "leg", "stranger"],
])
  test(`older SDKs log in with ${provider}`, async () => {
    const value = (x) => typeof x === "function" ? x() : x;
    const first = await legacy(provider, value(good));
    assert.equal(first.status, 200, JSON.stringify(first.body));
    const data = first.body.refresh_token.token_data;
    assert.equal(data.app_id, "com.example.app");
    assert.equal((await legacy(provider, value(good))).body.refresh_token.token_data.identity, data.identity);
    const refused = await legacy(provider, value(bad));
    assert.deepEqual([refused.status, refused.body.code], [401, 611]);
    const empty = await legacy(provider, "");
    assert.deepEqual([empty.status, empty.body.code], [400, 602]);
  });

test("CloudKit is known under the names that SDKs have for it", async () => {
  const ids = await Promise.all(["cloudkit", "icloud", "iCloud"].map(async (name) =>
    (await legacy(name, "_alias")).body.refresh_token.token_data.identity));
  assert.equal(new Set(ids).size, 1);
});

test("a token for an app that may be an administrator makes one", async () => {
  const { body } = await legacy("jwt", stubs.token({ userId: "boss", isAdmin: true }));
  assert.equal(body.refresh_token.token_data.is_admin, true);
  const { body: later } = await legacy("jwt", stubs.token({ userId: "boss2", isAdmin: "true" }));
  assert.equal(later.refresh_token.token_data.is_admin, false);
});

test("a provider that is down is trouble that clients wait out, and is then left alone", async () => {
  stubs.outage = 503;
  const answer = await legacy("facebook", "facebook:x");
  assert.deepEqual([answer.status, answer.body.code], [503, 802]);
  assert.equal((await logIn("oauth2-facebook", { accessToken: "facebook:x" })).status, 503);
  for (let i = 0; i < 5; ++i)
    assert.equal((await legacy("facebook", "facebook:x")).status, 503);
  const asked = stubs.requests.length;
  const azure = await legacy("azuread", stubs.token(azureClaims()));
  assert.equal(azure.status, 200, "its keys are known");
  assert.equal((await legacy("facebook", "facebook:x")).status, 503);
  assert.equal(stubs.requests.length, asked, "nobody was asked");
});

test("no secret of these exchanges is in the log", () => {
  const log = readFileSync(join(folder, "log"), "utf8");
  assert.match(log, /facebook answers with status 503/);
  for (const secret of [stubs.clientSecret, stubs.webhookSecret, "google:", "facebook:", "fb-secret", "eyJ"])
    assert.ok(!log.includes(secret), secret);
});
