// Stand-ins for the servers of identity providers: real HTTPS with the tests' own authority,
// answers in the forms of http-api.md 4.5 and 4.6.
import { createHash, createHmac, createSign, createVerify, generateKeyPairSync } from "node:crypto";
import { readFileSync } from "node:fs";
import { createServer } from "node:https";
import { fileURLToPath } from "node:url";

const key = (name) => fileURLToPath(new URL(`../../data/keys/${name}`, import.meta.url));
export const authority = key("tls-ca.pem");
export const cloudKitKey = key("ec.pkcs8.pem");

const encode = (x) => Buffer.from(JSON.stringify(x)).toString("base64url");
const seconds = () => Math.floor(Date.now() / 1000);

export class IdentityStubs {
  #server;
  #keys = generateKeyPairSync("rsa", { modulusLength: 2048 });
  requests = [];
  /** Status with which everything is answered; 0: as it should be. */
  outage = 0;
  webhookSecret = "webhook secret";
  clientSecret = "client secret";

  static async start() {
    const self = new IdentityStubs();
    self.#server = createServer({ cert: readFileSync(key("tls-one.pem")), key: readFileSync(key("tls-one.key.pem")) },
      async (request, response) => {
        let body = "";
        for await (const part of request)
          body += part;
        self.requests.push({ method: request.method, url: request.url, headers: request.headers, body });
        const [status, answer] = self.outage ? [self.outage, {}] : self.#answer(request, body);
        response.writeHead(status, { "content-type": "application/json" }).end(JSON.stringify(answer));
      });
    await new Promise((done) => self.#server.listen(0, "127.0.0.1", done));
    return self;
  }
  get url() { return `https://localhost:${this.#server.address().port}`; }
  stop() { this.#server.closeAllConnections(); this.#server.close(); }

  /** A JWT of the issuer whose keys are at /auth/keys, /jwks and behind the OpenID document. */
  token(claims) {
    const bytes = `${encode({ alg: "RS256", kid: "one" })}.${encode({ exp: seconds() + 600, ...claims })}`;
    return `${bytes}.${createSign("sha256").update(bytes).sign(this.#keys.privateKey).toString("base64url")}`;
  }

  #answer(request, body) {
    const { pathname, searchParams } = new URL(request.url, "https://localhost");
    switch (pathname) {
    case "/oauth2/v3/tokeninfo": return this.#google(searchParams.get("id_token"));
    case "/token": {
      const form = new URLSearchParams(body);
      return form.get("code") === "good code" && form.get("client_secret") === this.clientSecret
        ? [200, { id_token: "google:gus" }] : [400, { error: "invalid_grant" }];
    }
    case "/debug_token":
      return [200, { data: { app_id: "fb-app", is_valid: searchParams.get("input_token").startsWith("facebook:") } }];
    case "/me": return [200, { id: searchParams.get("access_token").replace("facebook:", ""), name: "F" }];
    case "/auth/keys": case "/jwks":
      return [200, { keys: [{ ...this.#keys.publicKey.export({ format: "jwk" }), kid: "one", use: "sig" }] }];
    case "/the-tenant/.well-known/openid-configuration": return [200, { jwks_uri: `${this.url}/jwks` }];
    case "/database/1/iCloud.com.example/development/public/users/discover": return this.#cloudKit(request, body);
    case "/hook": return this.#hook(request, body);
    }
    return [404, {}];
  }

  #google(token) {
    if (!token.startsWith("google:"))
      return [400, { error: "invalid_token" }];
    return [200, { sub: token.slice(7), aud: "google-app", exp: String(seconds() + 600), email: "gus@example.com" }];
  }

  #cloudKit(request, body) {
    const name = JSON.parse(body).lookupInfos[0].userRecordName;
    const signed = [request.headers["x-apple-cloudkit-request-iso8601date"],
      createHash("sha256").update(body).digest("base64"), request.url].join(":");
    const holds = createVerify("sha256").update(signed).verify(readFileSync(key("ec.spki.pem")),
      request.headers["x-apple-cloudkit-request-signaturev1"], "base64");
    if (!holds || request.headers["x-apple-cloudkit-request-keyid"] !== "0".repeat(64))
      return [401, { serverErrorCode: "AUTHENTICATION_FAILED" }];
    return name.startsWith("_") ? [200, { users: [{ lookupInfo: { userRecordName: name } }] }]
      : [400, { reason: "No valid user ids to lookup" }];
  }

  #hook(request, body) {
    const expected = `sha256=${createHmac("sha256", this.webhookSecret).update(body).digest("hex")}`;
    if (request.headers["x-realm-signature"] !== expected)
      return [500, {}];
    const call = JSON.parse(body);
    if (call.name === "sum") // a function
      return [200, { sum: call.arguments.reduce((a, b) => a + b, 0), user: call.user.id }];
    if (call.name === "fails")
      return [400, { error: "no such luck" }];
    if (call.name === "resets")
      return [200, { status: call.arguments[1] }];
    const name = call.user_info?.username ?? call.data;
    return name === "stranger" ? [401, {}] : [200, { provider_id: name, metadata: { name } }];
  }
}
