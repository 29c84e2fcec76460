// What a client process and a browser page do alike: an app, a user, a Realm, and
// everything the SDK says while at it.

/**
 * @param {object} Realm the SDK
 * @param {object} bson its BSON library
 * @param {object[]} schema
 */
export function makeContext(Realm, bson, schema) {
  const context = {
    Realm, bson, schema,
    app: null, user: null, realm: null, clientReset: null,
    errors: [],   // what onError got
    resets: [],   // what onManual of a client reset got
    problems: [], // log lines of level error and above
    log: [],

    connect(url, appId = "sdk-tests") {
      context.app = new Realm.App({ id: appId, baseUrl: url });
      Realm.App.Sync.setLogLevel(context.app, "debug");
      Realm.App.Sync.setLogger(context.app, (level, message) => {
        const line = `${level} ${message}`;
        context.log.push(line);
        if (context.log.length > 5000)
          context.log.shift();
        // Levels: 0 all, 1 trace, 2 debug, 3 detail, 4 info, 5 warn, 6 error, 7 fatal.
        const severe = typeof level === "number" ? level >= 6 : ["error", "fatal"].includes(level);
        if (severe)
          context.problems.push(line);
      });
    },

    async logIn(credentials = Realm.Credentials.anonymous()) {
      context.user = await context.app.logIn(credentials);
      return context.user.id;
    },

    /** Realms opened from now on leave client resets to the app. */
    resetManually() {
      context.clientReset = {
        mode: Realm.ClientResetMode.Manual,
        onManual: (session, path) => context.resets.push({ partition: session.config.partitionValue, path }),
      };
    },

    configuration(partitionValue) {
      return {
        schema,
        sync: {
          user: context.user,
          partitionValue,
          ...(context.clientReset && { clientReset: context.clientReset }),
          onError: (_, error) => context.errors.push({ name: error.name, code: error.code, message: error.message }),
        },
      };
    },

    /** Opens without waiting for the server. */
    open(partitionValue) {
      context.realm = new Realm(context.configuration(partitionValue));
      return context.realm;
    },

    write(change) { context.realm.write(() => { change(context.realm); }); },
    upload() { return context.realm.syncSession.uploadAllLocalChanges(); },
    download() { return context.realm.syncSession.downloadAllServerChanges(); },
    async settle() {
      await context.upload();
      await context.download();
    },
    offline() { context.realm.syncSession.pause(); },
    online() { context.realm.syncSession.resume(); },

    /** Resolves once `condition()` holds; re-checked at every change of the Realm. */
    until(condition, what = "condition", ms = 30_000) {
      return new Promise((resolve, reject) => {
        let timer;
        const check = () => {
          let holds = false;
          try { holds = condition(); } catch (error) { return finish(() => reject(error)); }
          if (holds)
            finish(resolve);
        };
        const finish = (end) => {
          clearTimeout(timer);
          clearInterval(poll);
          end();
        };
        const poll = setInterval(check, 20);
        timer = setTimeout(() => finish(() => reject(new Error(`timed out waiting for ${what}`))), ms);
        check();
      });
    },
  };
  return context;
}

/** Everything in the Realm as plain data, the same at every client that has the same content. */
export function dump(realm) {
  const plain = (value) => {
    if (value === null || value === undefined || typeof value === "boolean" || typeof value === "string"
        || typeof value === "number")
      return value === undefined ? null : value;
    if (typeof value === "bigint") return { $int: String(value) };
    if (value instanceof Date) return { $date: value.getTime() };
    if (value instanceof ArrayBuffer) return { $data: [...new Uint8Array(value)] };
    if (ArrayBuffer.isView(value)) return { $data: [...new Uint8Array(value.buffer, value.byteOffset, value.byteLength)] };
    if (value._bsontype) return { [`$${value._bsontype}`]: value.toString() };
    if (typeof value.objectSchema === "function") {
      const description = value.objectSchema();
      return description.embedded ? { $embedded: fields(value, description) }
                                  : { $link: [description.name, plain(value[description.primaryKey])] };
    }
    const kind = value.constructor?.name ?? "";
    if (kind === "Set" || kind.endsWith("Set"))
      return { $set: [...value].map(plain).map((x) => JSON.stringify(x)).sort() };
    if (kind === "List" || kind === "Results" || Array.isArray(value)) return [...value].map(plain);
    return { $dict: Object.fromEntries(Object.keys(value).sort().map((key) => [key, plain(value[key])])) };
  };
  const fields = (object, description) =>
    Object.fromEntries(Object.keys(description.properties).sort().map((name) => [name, plain(object[name])]));
  const content = {};
  for (const description of [...realm.schema].sort((a, b) => (a.name < b.name ? -1 : 1))) {
    if (description.embedded)
      continue;
    content[description.name] = [...realm.objects(description.name)]
      .map((object) => fields(object, description))
      .sort((a, b) => (JSON.stringify(a._id) < JSON.stringify(b._id) ? -1 : 1));
  }
  return content;
}
