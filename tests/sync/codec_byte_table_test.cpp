// The byte examples of changesets.md 14, in both directions.
#include "sync/codec_helpers.hpp"

#include <gtest/gtest.h>

namespace ros::sync::testing {
namespace {

struct row {
  std::string_view about;
  std::string_view bytes; ///< "..." stands for the definitions of T and f
  changeset changes;
};

std::string full_hex(const row& r) {
  constexpr std::string_view prefix = "3f0001543f010166";
  return r.bytes.starts_with("...") ? std::string(prefix).append(r.bytes.substr(3))
                                    : std::string(r.bytes);
}

changeset table(std::string_view key_field, value_type type, bool nullable,
                class_kind kind = class_kind::top_level) {
  instruction in;
  in.kind = kind;
  in.field = {1};
  in.type = type;
  in.nullable = nullable;
  return one({"T", key_field}, in);
}

changeset embedded_table() {
  instruction in;
  in.kind = class_kind::embedded;
  return one({"T"}, in);
}

changeset column(value_type type, bool nullable, collection_type collection) {
  instruction in;
  in.op = opcode::add_column;
  in.field = {1};
  in.type = type;
  in.nullable = nullable;
  in.collection = collection;
  if (collection == collection_type::dictionary) {
    in.key_type = value_type::string;
  }
  if (type == value_type::link) {
    in.target_class = {2};
    return one({"T", "f", "U"}, in);
  }
  return one({"T", "f"}, in);
}

changeset erase_column() {
  instruction in;
  in.op = opcode::erase_column;
  in.field = {1};
  return one({"T", "f"}, in);
}

changeset object(opcode op, object_key key) {
  instruction in;
  in.op = op;
  in.key = key;
  return std::holds_alternative<interned>(key) ? one({"T", "a"}, in) : one({"T"}, in);
}

changeset erase_table() {
  instruction in;
  in.op = opcode::erase_table;
  return one({"T"}, in);
}

changeset set_to(value payload) {
  return one({"T", "f"}, on_field(opcode::update, std::move(payload)));
}

changeset sized(instruction in, std::uint32_t prior_size, std::uint32_t to_index = 0) {
  in.prior_size = prior_size;
  in.to_index = to_index;
  return one({"T", "f"}, in);
}

changeset clear_list() {
  instruction in = on_field(opcode::clear);
  in.collection = collection_type::list;
  return one({"T", "f"}, in);
}

changeset default_five() {
  instruction in = on_field(opcode::update, int_value(5));
  in.is_default = true;
  return one({"T", "f"}, in);
}

std::vector<row> schema_rows() {
  using enum value_type;
  return {
      {"AddTable T, pk _id Int not null", "3f0001543f01035f6964000000010100",
       table("_id", integer, false)},
      {"AddTable T, asymmetric, pk _id ObjectId nullable", "3f0001543f01035f6964000002010a01",
       table("_id", value_type::object_id, true, class_kind::asymmetric)},
      {"AddTable T, no pk", "3f0001543f0100000000014000", table("", value_type::global_key, false)},
      {"AddTable T, embedded", "3f000154000001", embedded_table()},
      {"EraseTable T", "3f0001540100", erase_table()},
      {"AddColumn f Int not null", "3f0001543f010166060001010000",
       column(integer, false, collection_type::single)},
      {"AddColumn f list of nullable String", "3f0001543f010166060001030101",
       column(string, true, collection_type::list)},
      {"AddColumn f Link to U, nullable", "3f0001543f0101663f02015506000109010002",
       column(value_type::link, true, collection_type::single)},
      {"AddColumn f dictionary of Link to U", "3f0001543f0101663f0201550600010901020203",
       column(value_type::link, true, collection_type::dictionary)},
      {"AddColumn f set of UUID", "3f0001543f0101660600010b0003",
       column(value_type::uuid, false, collection_type::set)},
      {"AddColumn f Mixed", "3f0001543f010166060001000100",
       column(null, true, collection_type::single)},
      {"EraseColumn f", "3f0001543f010166070001", erase_column()},
  };
}

std::vector<row> object_rows() {
  return {
      {"CreateObject T[1]", "3f00015402000101", object(opcode::create_object, std::int64_t{1})},
      {"CreateObject T[-1]", "3f00015402000140", object(opcode::create_object, std::int64_t{-1})},
      {"CreateObject T[null]", "3f000154020000", object(opcode::create_object, {})},
      {"CreateObject T[\"a\"]", "3f0001543f01016102000301",
       object(opcode::create_object, interned{1})},
      {"CreateObject T[ObjectId]", "3f00015402000a0102030405060708090a0b0c",
       object(opcode::create_object, counting_id<sync::object_id>(1))},
      {"CreateObject T[UUID]", "3f00015402000b000102030405060708090a0b0c0d0e0f",
       object(opcode::create_object, counting_id<sync::uuid>(0))},
      {"CreateObject T[GlobalKey hi 2 lo 300]", "3f00015402004002ac02",
       object(opcode::create_object, sync::global_key{2, 300})},
      {"EraseObject T[1]", "3f00015403000101", object(opcode::erase_object, std::int64_t{1})},
  };
}

std::vector<row> scalar_rows() {
  using enum value_type;
  return {
      {"null", "3f0001543f0101660400010101000000", set_to({})},
      {"Int 64", "...04000101010001c00000", set_to(int_value(64))},
      {"Int -65", "...04000101010001c04000", set_to(int_value(-65))},
      {"Int -2^63", "3f0001543f01016604000101010001ffffffffffffffffff4000",
       set_to(int_value(INT64_MIN))},
      {"true", "3f0001543f010166040001010100020100", set_to({boolean, true})},
      {"\"hi\"", "3f0001543f0101660400010101000302686900", set_to(string_value("hi"))},
      {"binary 00 ff", "3f0001543f010166040001010100040200ff00",
       set_to(binary_value({"\x00\xff", 2}))},
      {"timestamp (1 s, 5 ns)", "...04000101010005010500",
       set_to({value_type::timestamp, sync::timestamp{1, 5}})},
      {"timestamp (-1 s, -5 ns)", "...04000101010005404400",
       set_to({value_type::timestamp, sync::timestamp{-1, -5}})},
      {"float 1.5", "3f0001543f010166040001010100060000c03f00",
       set_to({value_type::float32, sync::float32{0x3fc0'0000}})},
      {"double -2.25", "3f0001543f0101660400010101000700000000000002c000",
       set_to({value_type::float64, sync::float64{0xc002'0000'0000'0000}})},
      {"decimal 1.5", "3f0001543f010166040001010100080f400000", set_to(decimal_value(0, 15, -1))},
      {"decimal -64", "3f0001543f01016604000101010008c000000100",
       set_to(decimal_value(0, 64, 0, true))},
      {"decimal +Infinity", "...0400010101000800e0c7000000", set_to(decimal_value(0, 0, 9184))},
      {"decimal NaN", "...0400010101000800e0cb000000", set_to(decimal_value(0, 0, 9696))},
      {"decimal 10^34-1", "3f0001543f01016604000101010008ffffffffbfcce3c6b7809feceab7c2f601000000",
       set_to(decimal_value(0x1'ed09'bead'87c0, 0x378d'8e63'ffff'ffff, 0))},
      {"ObjectId", "3f0001543f0101660400010101000a0102030405060708090a0b0c00",
       set_to({value_type::object_id, counting_id<sync::object_id>(1)})},
      {"ObjectValue", "...0400010101004100", set_to(plain_value(object_value))},
      {"Dictionary", "...0400010101004200", set_to(plain_value(dictionary))},
      {"List", "...0400010101004400", set_to(plain_value(list))},
      {"5, default", "3f0001543f010166040001010100010501", default_five()},
  };
}

std::vector<row> link_and_path_rows() {
  const value to_int{value_type::link, sync::link{{2}, std::int64_t{2}}};
  const value to_string{value_type::link, sync::link{{2}, interned{3}}};
  instruction array_update = on_field(opcode::update, int_value(5), {at_index(2)});
  array_update.prior_size = 3;
  return {
      {"link U[2]", "3f0001543f0101663f0201550400010101000902010200",
       one({"T", "f", "U"}, on_field(opcode::update, to_int))},
      {"link U[\"k\"]", "3f0001543f0101663f0201553f03016b0400010101000902030300",
       one({"T", "f", "U", "k"}, on_field(opcode::update, to_string))},
      {"f[\"k\"] = Erased", "3f0001543f0101663f02016b04000101010140024300",
       one({"T", "f", "k"},
           on_field(opcode::update, plain_value(value_type::erased), {at_string(2)}))},
      {"f[2] = 5, prior size 3", "3f0001543f01016604000101010102010503",
       one({"T", "f"}, array_update)},
      {"f[1].g = 5", "3f0001543f0101663f020167040001010102014002010500",
       one({"T", "f", "g"}, on_field(opcode::update, int_value(5), {at_index(1), at_string(2)}))},
  };
}

std::vector<row> list_and_set_rows() {
  return {
      {"AddInteger += 3", "3f0001543f01016605000101010003",
       one({"T", "f"}, on_field(opcode::add_integer, int_value(3)))},
      {"ArrayInsert f[0] \"a\", prior size 0", "3f0001543f0101660800010101010003016100",
       sized(on_field(opcode::array_insert, string_value("a"), {at_index(0)}), 0)},
      {"ArrayMove f[0] to 2, prior size 3", "3f0001543f010166090001010101000203",
       sized(on_field(opcode::array_move, {}, {at_index(0)}), 3, 2)},
      {"ArrayErase f[1], prior size 3", "3f0001543f0101660a00010101010103",
       sized(on_field(opcode::array_erase, {}, {at_index(1)}), 3)},
      {"Clear (list)", "3f0001543f0101660b000101010001", clear_list()},
      {"SetInsert 7", "3f0001543f0101660c00010101000107",
       one({"T", "f"}, on_field(opcode::set_insert, int_value(7)))},
      {"SetErase 7", "...0d00010101000107",
       one({"T", "f"}, on_field(opcode::set_erase, int_value(7)))},
  };
}

void check(const std::vector<row>& rows) {
  for (const row& r : rows) {
    SCOPED_TRACE(r.about);
    EXPECT_EQ(hex(encode_changeset(r.changes)), full_hex(r));
    const auto parsed = parse_hex(full_hex(r));
    ASSERT_TRUE(parsed) << parsed.error().message;
    EXPECT_EQ(parsed->instructions.size(), 1U);
    EXPECT_EQ(hex(encode_changeset(*parsed)), full_hex(r));
  }
}

} // namespace

TEST(codec_byte_table, schema_instructions_have_the_documented_bytes) {
  check(schema_rows());
}
TEST(codec_byte_table, object_instructions_have_the_documented_bytes) {
  check(object_rows());
}
TEST(codec_byte_table, updates_with_plain_values_have_the_documented_bytes) {
  check(scalar_rows());
}
TEST(codec_byte_table, links_and_paths_have_the_documented_bytes) {
  check(link_and_path_rows());
}
TEST(codec_byte_table, list_and_set_instructions_have_the_documented_bytes) {
  check(list_and_set_rows());
}

} // namespace ros::sync::testing
