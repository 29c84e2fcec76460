// What the browser build of the SDK expects of its surroundings and plain Node does
// not have. Import this before the SDK.
import { readFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { webcrypto } from "node:crypto";
import WebSocketOfWs from "ws";
import { resilientSocket } from "./resilient-socket.mjs";

globalThis.window = globalThis;
if (!globalThis.navigator)
  globalThis.navigator = { userAgent: "Node", languages: ["en"] };
globalThis.crypto ??= webcrypto;

const networkFetch = globalThis.fetch;
globalThis.fetch = async (url, options) => {
  if (!String(url).startsWith("file:"))
    return networkFetch(url, options);
  const bytes = await readFile(fileURLToPath(String(url)));
  return new Response(bytes, { headers: { "content-type": "application/wasm" } });
};

/**
 * What tests do with REST calls: every call is noted, and `rewrite(call, text)` may give
 * the SDK another body than the server did.
 */
export const rest = { calls: [], rewrite: null };

/** As much of XMLHttpRequest as the SDK's REST transport uses. */
globalThis.XMLHttpRequest = class {
  readyState = 0;
  status = 0;
  statusText = "";
  response = null;
  responseType = "";
  timeout = 0;
  withCredentials = false;
  #method = "GET";
  #url = "";
  #headers = {};
  #responseHeaders = "";

  open(method, url) {
    this.#method = method;
    this.#url = url;
    this.readyState = 1;
  }
  setRequestHeader(name, value) { this.#headers[name] = value; }
  getAllResponseHeaders() { return this.#responseHeaders; }
  getResponseHeader() { return null; }
  overrideMimeType() {}
  abort() {}

  send(body) {
    networkFetch(this.#url, { method: this.#method, headers: this.#headers, body: body ?? undefined })
      .then(async (answer) => {
        const call = { method: this.#method, path: new URL(this.#url).pathname, status: answer.status };
        rest.calls.push(call);
        this.response = await answer.arrayBuffer();
        if (rest.rewrite) {
          const text = rest.rewrite(call, Buffer.from(this.response).toString());
          this.response = new Uint8Array(Buffer.from(text)).buffer;
        }
        this.status = answer.status;
        this.statusText = answer.statusText;
        answer.headers.forEach((value, name) => { this.#responseHeaders += `${name}: ${value}\r\n`; });
        this.readyState = 4;
        this.onreadystatechange?.({});
        this.onload?.({});
      })
      .catch(() => {
        this.readyState = 4;
        this.onerror?.({});
      });
  }
};

/** Connections as the client made them, newest last: tests cut them. */
export const sockets = [];
const Resilient = resilientSocket(WebSocketOfWs);
globalThis.WebSocket = class extends Resilient {
  constructor(...args) {
    super(...args);
    sockets.push(this);
  }
};
