// A browser page with one real SDK client; the test drives `context`.
import { resilientSocket } from "./resilient-socket.mjs";

globalThis.WebSocket = resilientSocket(globalThis.WebSocket);
const { Realm } = await import("realm");
const bson = await import("bson");
const { dump, makeContext } = await import("./sdk-context.mjs");
const { schema } = await import("./schema.mjs");

globalThis.context = makeContext(Realm, bson, schema);
context.dump = () => dump(context.realm);
globalThis.ready = true;
