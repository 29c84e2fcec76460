// The test's side of a client process.
import { fork } from "node:child_process";
import { fileURLToPath } from "node:url";

const program = fileURLToPath(new URL("./client-process.mjs", import.meta.url));
const living = new Set();

export class Client {
  #process;
  #waiting = new Map();
  #next = 1;

  /** Starts a client process, connected to `url` and, unless told otherwise, logged in. */
  static async start(url, { logIn = true, appId } = {}) {
    const client = new Client();
    await client.#launch();
    await client.run((context, url, appId) => context.connect(url, appId), url, appId);
    if (logIn)
      await client.run((context) => context.logIn());
    return client;
  }

  #launch() {
    return new Promise((resolve, reject) => {
      this.#process = fork(program, { serialization: "advanced", stdio: ["ignore", "pipe", "pipe", "ipc"] });
      living.add(this.#process);
      let output = "";
      for (const stream of [this.#process.stdout, this.#process.stderr])
        stream.on("data", (data) => { output = (output + data).slice(-4000); });
      this.#process.on("message", (message) => {
        if (message.ready)
          return resolve();
        const { resolve: done, reject: failed } = this.#waiting.get(message.id);
        this.#waiting.delete(message.id);
        if (message.error)
          failed(Object.assign(new Error(message.error.message), { code: message.error.code, remote: message.error.stack }));
        else
          done(message.value);
      });
      this.#process.on("exit", (code) => {
        living.delete(this.#process);
        const error = new Error(`the client process ended (${code}): ${output}`);
        reject(error);
        for (const { reject: failed } of this.#waiting.values())
          failed(error);
        this.#waiting.clear();
      });
    });
  }

  /** Runs `work(context, ...args)` in the client; both travel as text and plain data. */
  run(work, ...args) {
    const id = this.#next++;
    return new Promise((resolve, reject) => {
      this.#waiting.set(id, { resolve, reject });
      this.#process.send({ id, source: work.toString(), args });
    });
  }

  open(partition) { return this.run((context, x) => { context.open(x); }, partition); }
  settle() { return this.run((context) => context.settle()); }
  offline() { return this.run((context) => context.offline()); }
  online() { return this.run((context) => context.online()); }
  dump() { return this.run((context) => context.dump()); }

  /** Fails if the SDK logged an error or reported one to the app. */
  async assertQuiet() {
    const { problems, errors } = await this.run(({ problems, errors }) => ({ problems, errors }));
    if (problems.length || errors.length)
      throw new Error(`the SDK complained: ${JSON.stringify({ problems, errors }, null, 2)}`);
  }

  async stop() {
    if (this.#process.exitCode !== null || this.#process.signalCode !== null)
      return;
    const ended = new Promise((resolve) => this.#process.once("exit", resolve));
    this.#process.kill("SIGKILL");
    await ended;
  }
}

process.on("exit", () => living.forEach((child) => child.kill("SIGKILL")));
