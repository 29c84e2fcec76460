// Access tokens as the server makes them, with a life of the test's choosing.
import { sign } from "node:crypto";

export const claimsOf = (token) => JSON.parse(Buffer.from(token.split(".")[1], "base64url"));

/** The same token, signed with the server's own key, but good for `seconds` from now only. */
export function withLifetime(token, seconds, privateKey) {
  const [header, payload] = token.split(".");
  const claims = JSON.parse(Buffer.from(payload, "base64url"));
  claims.exp = Math.floor(Date.now() / 1000) + seconds;
  const signed = `${header}.${Buffer.from(JSON.stringify(claims)).toString("base64url")}`;
  return `${signed}.${sign("RSA-SHA256", Buffer.from(signed), privateKey).toString("base64url")}`;
}
