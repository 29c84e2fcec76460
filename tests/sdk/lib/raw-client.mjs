// As much of the sync protocol as it takes to upload one changeset: for changes that the
// SDK of these tests cannot make (sync-protocol.md 3).
import WebSocket from "ws";

const json = (answer) => answer.json();

/** A client file of its own, up to date with the Realm when opened. */
export class RawClient {
  #socket;
  #messages = [];
  #wake = () => {};
  #server = 0; // last server version that it has

  static async open(url, partition, appId = "sdk-tests") {
    const { access_token: token } = await fetch(`${url}/api/client/v2.0/app/${appId}/auth/providers/anon-user/login`, {
      method: "POST", headers: { "content-type": "application/json" }, body: JSON.stringify({ provider: "anon-user" }),
    }).then(json);
    const client = new RawClient();
    client.#socket = new WebSocket(
      `${url.replace("http", "ws")}/api/client/v2.0/app/${appId}/realm-sync?baas_at=${token}`, "com.mongodb.realm-sync#9");
    client.#socket.on("message", (data) => {
      client.#messages.push(data.toString("latin1").split("\n", 1)[0].split(" "));
      client.#wake();
    });
    await new Promise((resolve, reject) => client.#socket.on("open", resolve).on("error", reject));
    const path = JSON.stringify(partition);
    client.#send(`bind 1 ${Buffer.byteLength(path)} 0 1 0\n${path}`);
    const [, , ident, salt] = await client.#next("ident");
    client.#send(`ident 1 ${ident} ${salt} 0 0 0 0\n`);
    client.#send("mark 1 1\n");
    await client.#next("mark");
    return client;
  }

  #send(head, body = Buffer.alloc(0)) { this.#socket.send(Buffer.concat([Buffer.from(head), body])); }

  /** The next message of this name; downloads on the way are noted. */
  async #next(name) {
    for (;;) {
      while (this.#messages.length === 0)
        await new Promise((resolve) => { this.#wake = resolve; });
      const message = this.#messages.shift();
      if (message[0] === "download")
        this.#server = Number(message[2]);
      if (message[0] === name)
        return message;
      if (message[0].endsWith("error"))
        throw new Error(`the server said ${message.join(" ")}`);
    }
  }

  /** Uploads a changeset made on what this client has; resolves once it is acknowledged. */
  async upload(changeset, at = new Date()) {
    const timestamp = at.getTime() - Date.UTC(2015, 0, 1);
    const entry = Buffer.concat([Buffer.from(`2 ${this.#server} ${timestamp} 0 ${changeset.length} `), changeset]);
    this.#send(`upload 1 0 ${entry.length} 0 2 ${this.#server} ${this.#server}\n`, entry);
    while (Number((await this.#next("download"))[6]) < 2);
  }

  close() { this.#socket.terminate(); }
}

const text = (value) => [Buffer.byteLength(value), ...Buffer.from(value)];
const names = (...all) => all.flatMap((name, index) => [0x3f, index, ...text(name)]);
/** Small integers only: -64 to 63. */
const integer = (value) => (value < 0 ? 0x40 | ~value : value);

/** AddInteger on a property of an object with a string key (changesets.md 6). */
export function increment(className, key, property, by) {
  return Buffer.from([...names(className, property, key), 0x05, 0, 3, 2, 1, 0, integer(by)]);
}

/** CreateObject with an integer key, and Update of a string property marked as a default. */
export function createWithDefault(className, key, property, value) {
  const object = [0, 1, integer(key)];
  return Buffer.from([...names(className, property), 0x02, ...object, 0x04, ...object, 1, 0, 3, ...text(value), 1]);
}
