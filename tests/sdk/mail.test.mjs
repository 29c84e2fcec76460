// Confirmation and new passwords by mail, through a real mail server (http-api.md 5.2, 5.3,
// 9.6; operations.md 2.6).
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { createInterface } from "node:readline";
import { after, test } from "node:test";
import { fileURLToPath } from "node:url";
import { fixture } from "./lib/fixture.mjs";
import { authority, IdentityStubs } from "./lib/identity-stubs.mjs";

const file = (name) => fileURLToPath(new URL(name, import.meta.url));
const key = (name) => file(`../data/keys/${name}`);

const smtp = spawn("/usr/bin/python3", [file("lib/smtp_server.py"), key("tls-one.pem"), key("tls-one.key.pem")],
  { stdio: ["ignore", "pipe", "inherit"] });
after(() => smtp.kill());
const lines = createInterface({ input: smtp.stdout });
const [port] = await once(lines, "line");
const mails = [], waiting = [];
lines.on("line", (line) => { (waiting.shift() ?? ((x) => mails.push(x)))(JSON.parse(line)); });
/** The next mail; the tests' own time-out ends the wait. */
const nextMail = () => mails.length ? mails.shift() : new Promise((resolve) => waiting.push(resolve));

const stubs = await IdentityStubs.start();
after(() => stubs.stop());

const at = fixture({
  "network.outgoing.ca_path": authority,
  "app_services.confirm": "email",
  "mail.smtp.host": "localhost",
  "mail.smtp.port": port,
  "mail.smtp.username": "ros",
  "mail.smtp.password": "smtp secret",
  "mail.from": "server@example.com",
  "mail.base_url": "https://ros.example.com",
  "mail.redirect_origins": "https://app.example.com",
  "app_services.functions.resets.url": `${stubs.url}/hook`,
  "app_services.functions.resets.secret": stubs.webhookSecret,
  "app_services.reset_function": "resets",
});

/** The token of a mail's link. */
const tokenOf = (mail) => {
  const link = new URL(mail.text.match(/https:\S+/)[0]);
  return { token: link.searchParams.get("token"), tokenId: link.searchParams.get("tokenId"), link };
};
const client = () => at.client({ logIn: false });
/** Runs calls of the SDK's e-mail API; the outcome of each is "done" or its error. */
const call = async (name, ...args) => (await client()).run((context, name, args) =>
  context.app.emailPasswordAuth[name](...args).then(() => "done", (error) => error.message), name, args);
const logIn = async (email, password) => (await client()).run((context, email, password) =>
  context.logIn(context.Realm.Credentials.emailPassword(email, password)).then((id) => ({ id }), (e) => ({ error: e.message })),
email, password);

const register = async (email, password = "secret-1") => {
  assert.equal(await call("registerUser", { email, password }), "done");
  return tokenOf(await nextMail());
};
const confirmed = async (email, password) => {
  const { token, tokenId } = await register(email, password);
  assert.equal(await call("confirmUser", { token, tokenId }), "done");
};
const post = async (path, body, type = "application/json") => fetch(`${at.server.url}${path}`, {
  method: "POST", redirect: "manual", headers: { "content-type": type },
  body: type === "application/json" ? JSON.stringify(body) : new URLSearchParams(body).toString(),
});
const form = (path, body) => post(path, body, "application/x-www-form-urlencoded");

test("who registers gets a mail, and gets in once the address is confirmed", async () => {
  assert.equal(await call("registerUser", { email: "ann@example.com", password: "secret-1" }), "done");
  const mail = await nextMail();
  assert.equal(mail.to, "ann@example.com");
  assert.equal(mail.from, "server@example.com");
  assert.match(mail.subject, /Confirm/);
  const { token, tokenId, link } = tokenOf(mail);
  assert.equal(link.origin + link.pathname, "https://ros.example.com/confirm-email");
  assert.match((await logIn("ann@example.com", "secret-1")).error, /confirmation required/);
  assert.match(await call("confirmUser", { token, tokenId: "0".repeat(24) }), /unknown, used or expired/);
  assert.equal(await call("confirmUser", { token, tokenId }), "done");
  assert.ok((await logIn("ann@example.com", "secret-1")).id);
  assert.match(await call("confirmUser", { token, tokenId }), /unknown, used or expired/);
  assert.match(await call("resendConfirmationEmail", { email: "ann@example.com" }), /already confirmed/);
});

test("a confirmation can be asked for again, and the newest mail counts", async () => {
  const first = await register("bea@example.com");
  assert.equal(await call("resendConfirmationEmail", { email: "bea@example.com" }), "done");
  const second = tokenOf(await nextMail());
  assert.equal(await call("retryCustomConfirmation", { email: "bea@example.com" }), "done");
  const third = tokenOf(await nextMail());
  for (const { token, tokenId } of [first, second])
    assert.match(await call("confirmUser", { token, tokenId }), /unknown, used or expired/);
  assert.equal(await call("confirmUser", { token: third.token, tokenId: third.tokenId }), "done");
  assert.match(await call("resendConfirmationEmail", { email: "nobody@example.com" }), /user not found/);
});

test("the link of a confirmation mail works in a browser", async () => {
  const { link } = await register("cleo@example.com");
  const page = await fetch(`${at.server.url}${link.pathname}${link.search}`);
  assert.equal(page.status, 200);
  assert.match(page.headers.get("content-security-policy"), /default-src 'self'/);
  assert.equal(page.headers.get("referrer-policy"), "no-referrer");
  assert.match(await page.text(), /Your address is confirmed/);
  assert.ok((await logIn("cleo@example.com", "secret-1")).id);
  const again = await fetch(`${at.server.url}${link.pathname}${link.search}`);
  assert.equal(again.status, 403);
});

test("pages lead on to named origins only", async () => {
  for (const [target, leads] of [["https://app.example.com/done?x=1", true], ["https://evil.example.com/", false],
    ["https://app.example.com@evil.example.com/", false], ["javascript:alert(1)", false], ["//evil.example.com", false]]) {
    const { link } = await register(`to-${Math.abs(target.length)}-${leads}-${target.replace(/\W/g, "")}@example.com`.slice(-60));
    const answer = await fetch(`${at.server.url}${link.pathname}${link.search}&redirectUrl=${encodeURIComponent(target)}`,
      { redirect: "manual" });
    assert.equal(answer.status, leads ? 303 : 200, target);
    assert.equal(answer.headers.get("location"), leads ? target : null);
  }
});

test("a registered address is linked once it is confirmed, and stays confirmed", async () => {
  const { token, tokenId } = await register("hedi@example.com");
  const anonymous = await at.client();
  const link = () => anonymous.run((context) =>
    context.user.linkCredentials(context.Realm.Credentials.emailPassword("hedi@example.com", "secret-1"))
      .then(() => context.user.id, (error) => error.message));
  assert.match(await link(), /confirmation required/);
  assert.equal(await call("confirmUser", { token, tokenId }), "done");
  const id = await link();
  assert.equal(id, await anonymous.run((context) => context.user.id));
  assert.deepEqual(await logIn("hedi@example.com", "secret-1"), { id });
});

test("a forgotten password is replaced with the token of a mail", async () => {
  await confirmed("dora@example.com", "secret-1");
  assert.equal(await call("sendResetPasswordEmail", { email: "dora@example.com" }), "done");
  const mail = await nextMail();
  assert.match(mail.subject, /Reset/);
  const { token, tokenId } = tokenOf(mail);
  assert.match(await call("resetPassword", { token, tokenId, password: "short" }), /between 6 and 128/);
  assert.equal(await call("resetPassword", { token, tokenId, password: "secret-2" }), "done");
  assert.match((await logIn("dora@example.com", "secret-1")).error, /invalid username\/password/);
  assert.ok((await logIn("dora@example.com", "secret-2")).id);
  assert.match(await call("sendResetPasswordEmail", { email: "nobody@example.com" }), /user not found/);
});

test("or in the form that the mail leads to", async () => {
  await confirmed("edda@example.com", "secret-1");
  assert.equal(await call("sendResetPasswordEmail", { email: "edda@example.com" }), "done");
  const { token, link } = tokenOf(await nextMail());
  const page = await fetch(`${at.server.url}${link.pathname}${link.search}&email=%22%3E%3Cscript%3E`);
  const html = await page.text();
  assert.ok(html.includes(token) && html.includes("password-repeated") && !html.includes("<script>"), html);
  const fields = { email: "edda@example.com", token, password: "secret+2 ü", "password-repeated": "secret+2 ü", "redirect-url": "" };
  const differs = await form("/reset-password", { ...fields, "password-repeated": "other" });
  assert.equal(differs.status, 400);
  assert.match(await differs.text(), /The two passwords differ/);
  assert.equal((await form("/reset-password", fields)).status, 200);
  assert.ok((await logIn("edda@example.com", "secret+2 ü")).id);
  assert.equal((await form("/reset-password", fields)).status, 403);
});

test("a function of the operator's decides on new passwords", async () => {
  await confirmed("fee@example.com", "secret-1");
  const reset = (password, word) =>
    call("callResetPasswordFunction", { email: "fee@example.com", password }, word);
  assert.match(await reset("secret-2", "fail"), /failed to reset password for user "fee@example.com"/);
  assert.equal(await reset("secret-2", "pending"), "done");
  assert.ok((await logIn("fee@example.com", "secret-1")).id, "nothing has changed yet");
  const { token, tokenId } = JSON.parse(stubs.requests.at(-1).body).arguments[0];
  assert.equal(await call("resetPassword", { token, tokenId, password: "secret-3" }), "done");
  assert.ok((await logIn("fee@example.com", "secret-3")).id);
  assert.equal(await reset("secret-4", "success"), "done");
  assert.ok((await logIn("fee@example.com", "secret-4")).id);
});

test("older SDKs reset passwords and confirm addresses", async () => {
  const update = async (provider_id, data) => {
    const answer = await post("/auth/password/updateAccount", { provider_id, data });
    return [answer.status, (await answer.json()).code];
  };
  await confirmed("gwen@example.com", "secret-1");
  assert.deepEqual(await update("gwen@example.com", { action: "reset_password" }), [200, undefined]);
  const { token } = tokenOf(await nextMail());
  assert.deepEqual(await update("gwen@example.com", { action: "complete_reset", token, new_password: "secret-2" }), [200, undefined]);
  assert.deepEqual(await update("gwen@example.com", { action: "complete_reset", token, new_password: "secret-3" }), [403, 614]);
  assert.ok((await logIn("gwen@example.com", "secret-2")).id);
  assert.deepEqual(await update("nobody@example.com", { action: "reset_password" }), [200, undefined]);
  assert.deepEqual(await update("gwen@example.com", { action: "request_email_confirmation" }), [200, undefined]);
  assert.deepEqual(await update("gwen@example.com", { action: "confirm_email", token: "x" }), [403, 614]);
  assert.deepEqual(await update("gwen@example.com", { action: "dance" }), [400, 601]);
  assert.deepEqual(await update("gwen@example.com", {}), [400, 602]);
  assert.equal(mails.length, 0);
});
