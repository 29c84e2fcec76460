import assert from "node:assert/strict";
import { test } from "node:test";
import { converge, fixture } from "./lib/fixture.mjs";

const at = fixture();

/** Runs in a client: an object with every property set. */
function createEverything(context) {
  const { ObjectId, UUID, Decimal128 } = context.bson;
  const oid = (digit) => new ObjectId(digit.repeat(24));
  const uuid = (digit) => new UUID(`${digit.repeat(8)}-0000-4000-8000-000000000000`);
  const bytes = (...xs) => new Uint8Array(xs).buffer;
  context.write((realm) => {
    const ann = realm.create("Person", { _id: 1, name: "Ann" });
    const bob = realm.create("Person", { _id: 2, name: "Bob", best: ann, friends: [ann] });
    realm.create("Everything", {
      _id: oid("a"),
      bool: true, int: -9007199254740991, float: 1.5, double: -0.1, string: "äöü \u{1f600} \u0000 end",
      data: bytes(0, 1, 255), date: new Date(1_700_000_000_123), decimal: Decimal128.fromString("-12.345E+10"),
      oid: oid("b"), uuid: uuid("c"), mixed: "mixed text",
      optInt: 0, optString: "", optDate: new Date(0), optDecimal: Decimal128.fromString("0"), optOid: oid("0"), optUuid: uuid("0"),
      optData: bytes(),
      ints: [3, 1, 2, 1], strings: ["", "x", "x"], dates: [new Date(1), new Date(2_000)], uuids: [uuid("1"), uuid("2")],
      mixeds: [1, "two", true, null, new Date(4), ann, Decimal128.fromString("5.5"), oid("6"), uuid("7"), 8.5],
      optStrings: ["a", null, "b"],
      intSet: [5, 6, 5], stringSet: ["p", "q"], oidSet: [oid("d")], mixedSet: [1, "1", null, bob],
      intDict: { one: 1, two: 2 }, stringDict: { none: null, some: "s" }, mixedDict: { n: 1, s: "s", o: ann },
      address: { street: "Main", zip: 12345 }, addresses: [{ street: "First" }, { street: "Second", zip: 2 }],
      addressDict: { home: { street: "Home", zip: 1 } },
      person: bob, people: [bob, ann, bob], peopleSet: [ann, bob], peopleDict: { a: ann, none: null },
    });
  });
}

test("an object with every property type looks the same at the other client", async () => {
  const [a, b] = await at.pair("types");
  await a.run(createEverything);
  await converge(a, b);
  const sent = await a.dump();
  assert.equal(sent.Everything.length, 1);
  assert.equal(sent.Everything[0].mixeds.length, 10);
  assert.deepEqual(await b.dump(), sent);
  await Promise.all([a.assertQuiet(), b.assertQuiet()]);
});

test("changes of every kind of collection reach the other client", async () => {
  const [a, b] = await at.pair("collections");
  await a.run(createEverything);
  await converge(a, b);
  await b.run((context) => context.write((realm) => {
    const [x] = realm.objects("Everything");
    const [ann, bob] = realm.objects("Person").sorted("_id");
    x.ints.splice(1, 1, 10, 11);
    x.strings.push("last");
    x.mixeds[0] = "changed";
    x.mixeds.pop();
    x.intSet.delete(5);
    x.intSet.add(7);
    x.mixedSet.add(2.5);
    x.intDict.three = 3;
    x.intDict.remove(["one"]);
    x.mixedDict.o = null;
    x.address.street = "Side";
    x.addresses[1].zip = 22;
    x.addresses.push({ street: "Third" });
    x.people.shift();
    x.peopleSet.delete(ann);
    x.peopleDict.none = bob;
    x.optInt = null;
    x.person = null;
    x.mixed = ann;
  }));
  await converge(b, a);
  const changed = await b.dump();
  assert.deepEqual(changed.Everything[0].ints, [3, 10, 11, 2, 1]);
  assert.equal(changed.Everything[0].addresses.length, 3);
  assert.deepEqual(await a.dump(), changed);
  await Promise.all([a.assertQuiet(), b.assertQuiet()]);
});

test("a deleted object disappears everywhere and links to it become null", async () => {
  const [a, b] = await at.pair("deletion");
  await a.run(createEverything);
  await converge(a, b);
  await b.run((context) => context.write((realm) => realm.delete(realm.objectForPrimaryKey("Person", 1))));
  await converge(b, a);
  const content = await a.dump();
  assert.deepEqual(content.Person.map((x) => x._id), [2]);
  assert.equal(content.Person[0].best, null);
  assert.deepEqual(content, await b.dump());
});
