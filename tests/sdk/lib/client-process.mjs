// One real SDK client in a process of its own (an instance of the SDK cannot be
// reset). Runs functions that the test sends.
import { rest, sockets } from "./stand-ins.mjs";
import { withLifetime } from "./tokens.mjs";
import * as bson from "bson";
import { dump, makeContext } from "./sdk-context.mjs";
import { schema } from "./schema.mjs";

const { Realm } = await import("../node_modules/realm/dist/bundle.browser.mjs");
const context = makeContext(Realm, bson.default ?? bson, schema);
context.dump = () => dump(context.realm);
context.cutConnection = () => sockets.at(-1)?.cut();
context.restCalls = rest.calls;
/** Access tokens got by logging in from now on end after `seconds`; refreshed ones are untouched. */
context.shortenTokens = (seconds, privateKey) => {
  rest.rewrite = (call, text) => {
    if (!call.path.endsWith("/login") || call.status !== 200)
      return text;
    const answer = JSON.parse(text);
    return JSON.stringify({ ...answer, access_token: withLifetime(answer.access_token, seconds, privateKey) });
  };
};
/** As if the SDK itself had said it. */
context.say = (message) => sockets.at(-1).send(new TextEncoder().encode(message));
context.protocol = () => sockets.at(-1)?.protocol;

const AsyncFunction = Object.getPrototypeOf(async () => {}).constructor;
process.on("message", async ({ id, source, args }) => {
  try {
    const run = new AsyncFunction("context", "args", `return (${source})(context, ...args)`);
    process.send({ id, value: await run(context, args) });
  } catch (error) {
    process.send({ id, error: { message: error?.message ?? String(error), code: error?.code, stack: error?.stack } });
  }
});
process.on("disconnect", () => process.exit(0));
process.on("unhandledRejection", (reason) => context.problems.push(`unhandled rejection: ${reason}`));
process.send({ ready: true });
