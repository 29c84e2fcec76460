// How changesets survive a round trip, what admission does to them, and which
// protocol version they need (changesets.md 7, 10, 11 and assertions 5 to 14).
#include "sync/codec_helpers.hpp"

#include <gtest/gtest.h>

namespace ros::sync::testing {
namespace {

changeset parsed(std::string_view text, int protocol_version = newest_protocol_version) {
  auto result = parse_hex(text, protocol_version);
  EXPECT_TRUE(result) << text << ": " << (result ? "" : result.error().message);
  return result ? *result : changeset{};
}

std::string round_trip(std::string_view text) {
  return hex(encode_changeset(parsed(text)));
}

/// The bytes without blanks.
std::string plain(std::string_view text) {
  return hex(unhex(text));
}

void expect_same(std::string_view text) {
  EXPECT_EQ(round_trip(text), plain(text));
}

/// The definitions of T and f, then an Update of T[1].f to these bytes.
std::string update(std::string_view payload) {
  return "3f0001543f010166 0400010101 00" + std::string(payload) + "00";
}

} // namespace

TEST(codec_forms, the_empty_changeset_is_no_bytes) {
  EXPECT_TRUE(parsed("").instructions.empty());
  EXPECT_EQ(round_trip(""), "");
}

TEST(codec_forms, definitions_alone_encode_to_nothing) {
  const changeset changes = parsed("3f000154 3f010166");
  EXPECT_EQ(changes.strings.size(), 2U);
  EXPECT_EQ(encode_changeset(changes), "");
}

TEST(codec_forms, unused_definitions_survive) {
  expect_same("3f000154 3f010166 3f0200 0100");
}

TEST(codec_forms, definitions_move_in_front_of_the_instructions) {
  EXPECT_EQ(round_trip("3f0001 54 02 00 01 01 3f0104 6e616d65 04 00 01 01 01 00 03 02 426f 00"
                       "3f0201 55 02 02 03 00"),
            plain("3f0001 54 3f0104 6e616d65 3f0201 55 02 00 01 01"
                  "04 00 01 01 01 00 03 02 426f 00 02 02 03 00"));
}

TEST(codec_forms, keys_are_references_and_values_inline) {
  const changeset changes = parsed("3f000154 3f010166 3f02016b 04 00 0302 01 00 03 016b 00");
  const instruction& in = changes.instructions.at(0);
  EXPECT_EQ(std::get<interned>(in.key), interned{2});
  EXPECT_EQ(std::get<text>(in.value.data).content, "k");
}

TEST(codec_forms, strings_are_views_into_the_input) {
  const bytes data(unhex(update("03 02 6869")));
  const auto changes = parse_changeset(data);
  ASSERT_TRUE(changes);
  const std::string_view content = std::get<text>(changes->instructions[0].value.data).content;
  EXPECT_EQ(content, "hi");
  EXPECT_GE(content.data(), data.data());
  EXPECT_LT(content.data(), data.data() + data.size());
}

TEST(codec_forms, string_tokens_are_positions_in_the_virtual_buffer) {
  // Definitions of 1 and 1 bytes, a value of 2, a definition of 3, a value of 1.
  const changeset changes = parsed("3f000154 3f010166 0400010101 00 03026869 00"
                                   "3f0203616263 0400010101 00 0401ff 00");
  EXPECT_EQ(std::get<text>(changes.instructions[0].value.data).offset, 2U);
  EXPECT_EQ(std::get<text>(changes.instructions[1].value.data).offset, 7U);
  EXPECT_EQ(changes.virtual_size, 8U);
}

TEST(codec_forms, an_update_has_a_prior_size_only_if_its_path_ends_with_an_index) {
  const instruction array = parsed("3f0001543f010166 0400010101 01 02 0105 03").instructions.at(0);
  EXPECT_TRUE(is_array_update(array));
  EXPECT_EQ(array.prior_size, 3U);
  const instruction field =
      parsed("3f0001543f010166 0400010101 02 02 4001 0105 03").instructions.at(0);
  EXPECT_FALSE(is_array_update(field));
  EXPECT_EQ(field.prior_size, 0U);
  EXPECT_TRUE(field.is_default);
}

TEST(codec_forms, a_column_names_its_target_before_its_key_type) {
  const instruction in = parsed("3f0001543f0101663f0201550600010901020203").instructions.at(0);
  EXPECT_EQ(in.target_class, interned{2});
  EXPECT_EQ(in.key_type, value_type::string);
}

TEST(codec_forms, decimals_survive_exactly) {
  expect_same(update("08ffffffffbfcce3c6b7809feceab7c2f6010000"));
  expect_same(update("08000001"));     // -0
  expect_same(update("0800e0c70000")); // Infinity
  expect_same(update("0800e0c70001")); // -Infinity
  expect_same(update("0800e0cb0000")); // NaN
  // The last byte may carry seven bits; it is written with at most six.
  EXPECT_EQ(round_trip(update("0840 00 00")), plain(update("08c000 00 00")));
}

TEST(codec_forms, the_largest_coefficient_survives) {
  changeset changes =
      one({"T", "f"}, on_field(opcode::update, decimal_value((1ULL << 49) - 1, UINT64_MAX, -6176)));
  const auto again = parse_changeset(bytes(encode_changeset(changes)));
  ASSERT_TRUE(again);
  EXPECT_EQ(std::get<decimal128>(again->instructions[0].value.data),
            std::get<decimal128>(changes.instructions[0].value.data));
}

TEST(codec_forms, bit_patterns_of_nan_survive) {
  expect_same(update("06 010080ff"));
  expect_same(update("06 efbeadff"));
  expect_same(update("07 010000000000f0ff"));
  expect_same(update("07 efbeaddeefbef87f"));
  expect_same(update("06 00000080")); // -0
}

TEST(codec_forms, clear_takes_every_collection) {
  for (const std::string_view kind : {"00", "01", "02", "03"}) {
    expect_same("3f0001543f010166 0b00010101 00" + std::string(kind));
    EXPECT_TRUE(parse_hex("3f0001543f010166 0b00010101 00" + std::string(kind), 2));
  }
  EXPECT_FALSE(parse_hex("3f0001543f010166 0b00010101 00 04", 2));
}

TEST(codec_forms, clear_of_protocol_version_1_ends_with_a_size) {
  const changeset changes = parsed("3f0001543f010166 0b00010101 00 ac02", 1);
  EXPECT_EQ(changes.instructions.at(0).collection, collection_type::single);
  EXPECT_FALSE(parse_hex("3f0001543f010166 0b00010101 00 ac02", 2));
}

TEST(codec_forms, timestamps_before_1970_survive) {
  expect_same(update("05 40 44"));
  expect_same(update("05 00 44"));
}

TEST(codec_forms, padding_and_flags_become_canonical) {
  EXPECT_EQ(round_trip("3f0001 54 8200 00 01 8100"), plain("3f0001 54 02 00 01 01"));
  EXPECT_EQ(round_trip(update("02 ff01")), plain(update("02 01")));
  EXPECT_EQ(round_trip("3f0001543f010166 0400010101 00 0105 07"),
            plain("3f0001543f010166 0400010101 00 0105 01"));
}

TEST(codec_forms, encoding_shrinks_to_what_is_left) {
  changeset changes = parsed(update("04 3f" + hex(std::string(63, 'x'))));
  changes.instructions[0].value = int_value(1);
  EXPECT_EQ(hex(encode_changeset(changes)), plain(update("0101")));
}

TEST(codec_admission, objects_made_before_the_identifier_get_their_owner) {
  // Key, link key with hi 0; key with hi 7.
  changeset changes = parsed("3f000154 3f010166 04 00 40 00 05 01 00 09 00 40 00 06 00"
                             "02 00 40 07 08");
  EXPECT_TRUE(adopt_local_objects(changes, 9));
  EXPECT_EQ(hex(encode_changeset(changes)),
            plain("3f000154 3f010166 04 00 40 09 05 01 00 09 00 40 09 06 00 02 00 40 07 08"));
  EXPECT_FALSE(adopt_local_objects(changes, 10));
}

TEST(codec_admission, other_keys_are_left_alone) {
  changeset changes = parsed("3f000154 02000100 020000");
  EXPECT_FALSE(adopt_local_objects(changes, 9));
}

TEST(codec_versions, a_changeset_needs_the_version_of_its_newest_feature) {
  const auto version = [](std::string_view text) {
    return required_protocol_version(parsed("3f0001543f010166 " + std::string(text)));
  };
  EXPECT_EQ(version(""), 1);
  EXPECT_EQ(version("02000101"), 1);
  EXPECT_EQ(version("02000b000102030405060708090a0b0c0d0e0f"), 3); // UUID key
  EXPECT_EQ(version("000000010b00"), 3);                           // UUID primary key
  EXPECT_EQ(version("000002010100"), 6);                           // asymmetric
  EXPECT_EQ(version("000001"), 1);                                 // embedded
  EXPECT_EQ(version("060001000100"), 3);                           // Mixed
  EXPECT_EQ(version("060001010101"), 1);                           // list
  EXPECT_EQ(version("06000101010203"), 3);                         // dictionary
  EXPECT_EQ(version("060001010003"), 3);                           // set
  EXPECT_EQ(version("0400010101004300"), 3);                       // Erased
  EXPECT_EQ(version("0400010101004200"), 13);                      // Dictionary in Mixed
  EXPECT_EQ(version("08000101010100 44 00"), 13);                  // List in Mixed
  EXPECT_EQ(version("0c00010101000107"), 3);                       // SetInsert
  EXPECT_EQ(version("040001010100090000 00"), 1);                  // link
  EXPECT_EQ(version("0b000101010001"), 1);                         // Clear
}

} // namespace ros::sync::testing
