// The classes that the tests sync: one of everything that the SDK can store.
export const schema = [
  {
    name: "Person",
    primaryKey: "_id",
    properties: {
      _id: "int",
      name: { type: "string", default: "nobody" },
      age: { type: "int", default: 0 },
      tags: "string[]",
      friends: "Person[]",
      best: "Person?",
    },
  },
  { name: "Address", embedded: true, properties: { street: "string", zip: "int?" } },
  {
    name: "Counter",
    primaryKey: "_id",
    properties: { _id: "string", n: "int" },
  },
  {
    name: "Everything",
    primaryKey: "_id",
    properties: {
      _id: "objectId",
      bool: "bool", int: "int", float: "float", double: "double", string: "string",
      data: "data", date: "date", decimal: "decimal128", oid: "objectId", uuid: "uuid",
      mixed: "mixed",
      optBool: "bool?", optInt: "int?", optDouble: "double?", optString: "string?", optDate: "date?",
      optDecimal: "decimal128?", optOid: "objectId?", optUuid: "uuid?", optData: "data?",
      ints: "int[]", strings: "string[]", dates: "date[]", uuids: "uuid[]", mixeds: "mixed[]",
      optStrings: "string?[]",
      intSet: "int<>", stringSet: "string<>", oidSet: "objectId<>", mixedSet: "mixed<>",
      intDict: "int{}", stringDict: "string?{}", mixedDict: "mixed{}",
      address: "Address?", addresses: "Address[]", addressDict: "Address{}",
      person: "Person?", people: "Person[]", peopleSet: "Person<>", peopleDict: "Person{}",
    },
  },
  { name: "Item", primaryKey: "_id", properties: { _id: "uuid", text: "string", n: "int" } },
];
