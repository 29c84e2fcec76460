// The core scenario in a real browser: pages of another origin than the server's.
import assert from "node:assert/strict";
import { createServer } from "node:http";
import { readFile } from "node:fs/promises";
import { extname, join, normalize } from "node:path";
import { fileURLToPath } from "node:url";
import { after, before, test } from "node:test";
import { chromium } from "playwright-core";
import { Server } from "./lib/server.mjs";

const here = fileURLToPath(new URL(".", import.meta.url));
const types = { ".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm", ".html": "text/html" };
const page = `<!doctype html><meta charset="utf-8">
<script type="importmap">{"imports": {
  "realm": "/node_modules/realm/dist/bundle.browser.mjs",
  "bson": "/node_modules/bson/dist/bson.browser.esm.js",
  "debug": "/lib/debug-stand-in.mjs"}}</script>
<script type="module" src="/lib/page.mjs"></script>`;

let server, files, browser;

before(async () => {
  server = await Server.start();
  files = createServer(async (request, response) => {
    const path = normalize(new URL(request.url, "http://localhost").pathname);
    try {
      const body = path === "/" ? page : await readFile(join(here, path));
      response.writeHead(200, { "content-type": types[path === "/" ? ".html" : extname(path)] ?? "application/octet-stream" }).end(body);
    } catch {
      response.writeHead(404).end();
    }
  });
  await new Promise((resolve) => files.listen(0, "127.0.0.1", resolve));
  browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
});
after(async () => {
  await browser?.close();
  files?.close();
  files?.closeAllConnections?.();
  await server?.dispose();
});

async function openPage(partition) {
  const tab = await (await browser.newContext()).newPage();
  await tab.goto(`http://localhost:${files.address().port}/`);
  await tab.waitForFunction(() => globalThis.ready === true);
  await tab.evaluate(async ([url, partition]) => {
    context.connect(url);
    await context.logIn();
    context.open(partition);
    await context.settle();
  }, [server.url, partition]);
  return {
    run: (work, ...args) => tab.evaluate(([source, args]) => (0, eval)(`(${source})`)(context, ...args), [work.toString(), args]),
  };
}

test("two pages of another origin log in, sync, edit offline and converge", async () => {
  const [a, b] = [await openPage("browser"), await openPage("browser")];
  await a.run((context) => context.write((realm) => realm.create("Person", { _id: 1, name: "from A", tags: ["a"] })));
  await b.run((context) => context.until(() => context.realm.objects("Person").length === 1, "A's object"));

  await a.run((context) => context.offline());
  await b.run((context) => context.offline());
  await a.run((context) => context.write((realm) => {
    realm.objectForPrimaryKey("Person", 1).name = "offline A";
    realm.objectForPrimaryKey("Person", 1).tags.push("A");
  }));
  await b.run((context) => new Promise((resolve) => setTimeout(resolve, 5)).then(() => context.write((realm) => {
    realm.objectForPrimaryKey("Person", 1).name = "offline B";
    realm.objectForPrimaryKey("Person", 1).tags.push("B");
  })));
  for (const client of [a, b])
    await client.run((context) => { context.online(); return context.settle(); });
  await a.run((context) => context.download());

  const [left, right] = [await a.run((context) => context.dump()), await b.run((context) => context.dump())];
  assert.deepEqual(left, right);
  assert.equal(left.Person[0].name, "offline B");
  assert.deepEqual(left.Person[0].tags, ["a", "A", "B"]);
  for (const client of [a, b])
    assert.deepEqual(await client.run(({ errors, problems }) => ({ errors, problems })), { errors: [], problems: [] });
});

test("a page takes up its connection after a restart of the server", async () => {
  const a = await openPage("browser-restart");
  await server.stop();
  await a.run((context) => context.write((realm) => realm.create("Person", { _id: 1, name: "patient" })));
  await server.launch();
  await a.run((context) => context.upload());
  const b = await openPage("browser-restart");
  assert.equal(await b.run((context) => context.realm.objectForPrimaryKey("Person", 1)?.name), "patient");
});
