// Offline edits of two clients, merged by the rules: deletes win, the last update wins,
// lists keep everybody's insertions, increments add up.
import assert from "node:assert/strict";
import { test } from "node:test";
import { converge, fixture } from "./lib/fixture.mjs";
import { RawClient, createWithDefault, increment } from "./lib/raw-client.mjs";

const at = fixture();

/** Both clients start from `prepare`, go offline, change, and meet again; `first` is edited earlier. */
async function offlineEdits(partition, { prepare, first, second, secondUploadsFirst = false }) {
  const [a, b] = await at.pair(partition);
  await a.run(prepare);
  await converge(a, b);
  await Promise.all([a.offline(), b.offline()]);
  await a.run(first);
  await new Promise((resolve) => setTimeout(resolve, 5)); // the two edits get different timestamps
  await b.run(second);
  for (const client of secondUploadsFirst ? [b, a] : [a, b]) {
    await client.online();
    await client.settle();
  }
  await converge(a, b);
  const [left, right] = await Promise.all([a.dump(), b.dump()]);
  assert.deepEqual(left, right);
  await Promise.all([a.assertQuiet(), b.assertQuiet()]);
  return left;
}

const person = (context) =>
  context.write((realm) => realm.create("Person", { _id: 1, name: "original", age: 1, tags: ["a", "b", "c"] }));

for (const secondUploadsFirst of [false, true]) {
  const order = secondUploadsFirst ? "later edit arrives first" : "earlier edit arrives first";
  const tag = secondUploadsFirst ? "-reversed" : "";

  test(`the last update of a property wins (${order})`, async () => {
    const merged = await offlineEdits(`last-update${tag}`, {
      prepare: person, secondUploadsFirst,
      first: (context) => context.write((realm) => {
        realm.objectForPrimaryKey("Person", 1).name = "earlier";
        realm.objectForPrimaryKey("Person", 1).age = 50;
      }),
      second: (context) => context.write((realm) => { realm.objectForPrimaryKey("Person", 1).name = "later"; }),
    });
    assert.equal(merged.Person[0].name, "later");
    assert.equal(merged.Person[0].age, 50);
  });

  test(`a delete wins over a change made later (${order})`, async () => {
    const merged = await offlineEdits(`delete-wins${tag}`, {
      prepare: person, secondUploadsFirst,
      first: (context) => context.write((realm) => realm.delete(realm.objectForPrimaryKey("Person", 1))),
      second: (context) => context.write((realm) => {
        realm.objectForPrimaryKey("Person", 1).name = "too late";
        realm.objectForPrimaryKey("Person", 1).tags.push("d");
      }),
    });
    assert.deepEqual(merged.Person, []);
  });

  test(`insertions into one list are all kept, earlier ones in front (${order})`, async () => {
    const merged = await offlineEdits(`lists${tag}`, {
      prepare: person, secondUploadsFirst,
      first: (context) => context.write((realm) => realm.objectForPrimaryKey("Person", 1).tags.splice(1, 0, "A1", "A2")),
      second: (context) => context.write((realm) => {
        const { tags } = realm.objectForPrimaryKey("Person", 1);
        tags.splice(1, 0, "B1");
        tags.push("B2");
        tags.shift();
      }),
    });
    assert.deepEqual(merged.Person[0].tags, ["A1", "A2", "B1", "b", "c", "B2"]);
  });

  test(`one primary key on two devices is one object whose properties merge one by one (${order})`, async () => {
    const merged = await offlineEdits(`same-key${tag}`, {
      prepare: () => {}, secondUploadsFirst,
      first: (context) => context.write((realm) => { realm.create("Person", { _id: 7, name: "A", tags: ["a"] }); }),
      second: (context) => {
        context.write((realm) => { realm.create("Person", { _id: 7, name: "B", tags: ["b"] }); });
        context.write((realm) => { realm.objectForPrimaryKey("Person", 7).age = 42; });
      },
    });
    assert.equal(merged.Person.length, 1);
    assert.equal(merged.Person[0].name, "B");
    assert.equal(merged.Person[0].age, 42);
    assert.deepEqual(merged.Person[0].tags, ["a", "b"]);
  });

  test(`an assignment to a counter is no increment: the later wins (${order})`, async () => {
    // This SDK has no increment; its `+=` sends what came out.
    const merged = await offlineEdits(`assigned-counters${tag}`, {
      prepare: (context) => context.write((realm) => realm.create("Counter", { _id: "c", n: 100 })), secondUploadsFirst,
      first: (context) => context.write((realm) => { realm.objectForPrimaryKey("Counter", "c").n += 5; }),
      second: (context) => context.write((realm) => { realm.objectForPrimaryKey("Counter", "c").n -= 20; }),
    });
    assert.equal(merged.Counter[0].n, 80);
  });

  test(`the defaults of this SDK are values like others: the later wins (${order})`, async () => {
    // It sends the defaults of the schema without marking them, and so hides what was set before.
    const merged = await offlineEdits(`defaults${tag}`, {
      prepare: () => {}, secondUploadsFirst,
      first: (context) => context.write((realm) => { realm.create("Person", { _id: 7, name: "Ann", age: 1 }); }),
      second: (context) => context.write((realm) => { realm.create("Person", { _id: 7, age: 42 }); }),
    });
    assert.equal(merged.Person.length, 1);
    assert.equal(merged.Person[0].name, "nobody");
    assert.equal(merged.Person[0].age, 42);
  });

  test(`a default that is marked as such loses to what another device set (${order})`, async () => {
    const partition = `marked-defaults${tag}`;
    const [a, b] = await at.pair(partition);
    const marking = await RawClient.open(at.server.url, partition);
    await a.offline();
    await a.run((context) => context.write((realm) => { realm.create("Person", { _id: 7, name: "Ann" }); }));
    const defaultLater = () =>
      marking.upload(createWithDefault("Person", 7, "name", "by default"), new Date(Date.now() + 3_600_000));
    if (secondUploadsFirst)
      await defaultLater();
    await a.online();
    await a.settle();
    if (!secondUploadsFirst)
      await defaultLater();
    await converge(a, b);
    await converge(a, b);
    const content = await b.dump();
    assert.equal(content.Person[0].name, "Ann");
    assert.deepEqual(await a.dump(), content);
    marking.close();
    await Promise.all([a.assertQuiet(), b.assertQuiet()]);
  });

  test(`sets and dictionaries merge per element and per key (${order})`, async () => {
    const everything = (context) => context.write((realm) => realm.create("Everything", {
      _id: new context.bson.ObjectId("a".repeat(24)), bool: true, int: 1, float: 1, double: 1, string: "", data: new ArrayBuffer(1),
      date: new Date(0), decimal: context.bson.Decimal128.fromString("1"), oid: new context.bson.ObjectId("b".repeat(24)),
      uuid: new context.bson.UUID("01234567-89ab-4def-8123-456789abcdef"), intSet: [1, 2], intDict: { a: 1, b: 2 },
    }));
    const merged = await offlineEdits(`sets${tag}`, {
      prepare: everything, secondUploadsFirst,
      first: (context) => context.write((realm) => {
        const [x] = realm.objects("Everything");
        x.intSet.add(3);
        x.intSet.delete(1);
        x.intDict.a = 10;
        x.intDict.c = 3;
      }),
      second: (context) => context.write((realm) => {
        const [x] = realm.objects("Everything");
        x.intSet.add(4);
        x.intDict.a = 20;
        x.intDict.remove(["b"]);
      }),
    });
    assert.deepEqual(merged.Everything[0].intSet.$set, ["2", "3", "4"]);
    assert.deepEqual(merged.Everything[0].intDict.$dict, { a: 20, c: 3 });
  });

  test(`a long offline session of both sides converges (${order})`, async () => {
    const edits = (who) => `(context) => {
      for (let i = 0; i < 200; ++i)
        context.write((realm) => {
          const person = realm.objectForPrimaryKey("Person", 1);
          person.tags.splice(i % 3, 0, "${who}" + i);
          person.age = i;
          realm.create("Person", { _id: 1000 + i, name: "${who}" + i }, "modified");
          if (i % 5 === 0) realm.delete(realm.objectForPrimaryKey("Person", 1000 + i));
        });
    }`;
    const merged = await offlineEdits(`long${tag}`, {
      prepare: person, secondUploadsFirst, first: { toString: () => edits("a") }, second: { toString: () => edits("b") },
    });
    assert.equal(merged.Person.find((x) => x._id === 1).tags.length, 403);
  });
}

test("increments that two devices make at the same time add up", async () => {
  const [a, b] = await at.pair("increments");
  await a.run((context) => context.write((realm) => realm.create("Counter", { _id: "c", n: 100 })));
  await converge(a, b);
  const writers = await Promise.all([RawClient.open(at.server.url, "increments"), RawClient.open(at.server.url, "increments")]);
  await Promise.all([writers[0].upload(increment("Counter", "c", "n", 5)), writers[1].upload(increment("Counter", "c", "n", -20))]);
  for (const client of [a, b])
    await client.run((context) => context.until(() => context.realm.objectForPrimaryKey("Counter", "c").n === 85, "the sum"));
  writers.forEach((writer) => writer.close());
  await Promise.all([a.assertQuiet(), b.assertQuiet()]);
});

test("increments of others are added to what a device assigned before, and lost to what it assigned later", async () => {
  for (const [hours, sum] of [[1, 45], [-1, 40]]) {
    const partition = `increments-${hours}`;
    const [a] = await at.pair(partition);
    await a.run((context) => context.write((realm) => realm.create("Counter", { _id: "c", n: 100 })));
    await a.settle();
    const writer = await RawClient.open(at.server.url, partition);
    await a.offline();
    await a.run((context) => context.write((realm) => { realm.objectForPrimaryKey("Counter", "c").n = 40; }));
    await writer.upload(increment("Counter", "c", "n", 5), new Date(Date.now() + hours * 3_600_000));
    await a.online();
    await a.settle();
    await a.settle();
    const reader = await at.client();
    await reader.open(partition);
    await reader.settle();
    assert.equal((await reader.dump()).Counter[0].n, sum);
    assert.deepEqual(await a.dump(), await reader.dump());
    writer.close();
  }
});

test("both clients edit at the same time while connected and end equal", async () => {
  const [a, b] = await at.pair("live");
  await a.run(person);
  await converge(a, b);
  const edit = async (context, who) => {
    for (let i = 0; i < 100; ++i) {
      context.write((realm) => {
        const person = realm.objectForPrimaryKey("Person", 1);
        person.name = `${who} ${i}`;
        person.tags.push(`${who}${i}`);
      });
      if (i % 10 === 0)
        await context.upload();
    }
  };
  await Promise.all([a.run(edit, "a"), b.run(edit, "b")]);
  await converge(a, b);
  await converge(a, b);
  const [left, right] = await Promise.all([a.dump(), b.dump()]);
  assert.deepEqual(left, right);
  assert.equal(left.Person[0].tags.length, 203);
  await Promise.all([a.assertQuiet(), b.assertQuiet()]);
});

test("a change arrives at the other client without asking", async () => {
  const [a, b] = await at.pair("push");
  const seen = b.run((context) => context.until(() => context.realm.objects("Person").length === 1, "the pushed object"));
  await a.run(person);
  await seen;
});
