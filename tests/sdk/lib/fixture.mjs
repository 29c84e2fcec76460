// A server for one test file, and clients that end with their test.
import { after, afterEach, before } from "node:test";
import { Client } from "./client.mjs";
import { Server } from "./server.mjs";

/** Declares the hooks; use `server` and `client()` inside tests. */
export function fixture(settings = {}) {
  const open = [];
  const self = {
    server: null,
    async client({ url = self.server.url, ...options } = {}) {
      const client = await Client.start(url, options);
      open.push(client);
      return client;
    },
    /** Two clients that have opened one partition and seen its first state. */
    async pair(partition) {
      const pair = await Promise.all([self.client(), self.client()]);
      for (const client of pair) {
        await client.open(partition);
        await client.settle();
      }
      return pair;
    },
  };
  before(async () => { self.server = await Server.start(settings); });
  afterEach(async () => {
    await Promise.all(open.splice(0).map((client) => client.stop()));
  });
  after(() => self.server?.dispose());
  return self;
}

/** Brings all clients to the same content: everything up, then everything down. */
export async function converge(...clients) {
  for (const client of clients)
    await client.run((context) => context.upload());
  for (const client of clients)
    await client.run((context) => context.download());
}
