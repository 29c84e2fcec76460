// The conformance assertions of changesets.md 16 that are about bytes, 1 to 14, 28, 31 and
// 32, each under its number; those about applying are in changeset_assertions_state_test.cpp.
// 1 and 8 are also checked by the golden vectors (tests/vectors/codec_vectors.cpp).
#include "sync/codec_helpers.hpp"

#include "sync/varint.hpp"

#include <gtest/gtest.h>

#include <bit>
#include <cstdint>
#include <string>
#include <string_view>

namespace ros::sync::testing {
namespace {

/// "..." stands for the definitions of T and f.
std::string full(std::string_view text) {
  constexpr std::string_view prefix = "3f0001543f010166";
  return hex(unhex(text.starts_with("...") ? std::string(prefix).append(text.substr(3))
                                           : std::string(text)));
}

std::string round_trip(std::string_view text) {
  const auto parsed = parse_hex(full(text));
  EXPECT_TRUE(parsed) << text << ": " << (parsed ? "" : parsed.error().message);
  return parsed ? hex(encode_changeset(*parsed)) : std::string{};
}

instruction first_of(std::string_view text) {
  const auto parsed = parse_hex(full(text));
  EXPECT_TRUE(parsed) << text;
  return parsed ? parsed->instructions.at(0) : instruction{};
}

bool is_refused(std::string_view text, int protocol_version = newest_protocol_version) {
  const auto parsed = parse_hex(full(text), protocol_version);
  return !parsed && parsed.error().code == ec::bad_changeset;
}

/// An Update of T[1].f to this payload.
std::string update(std::string_view payload) {
  return "...0400010101 00" + std::string(payload) + "00";
}

TEST(changeset_assertions, C01_byte_examples_parse_and_encode_to_themselves) {
  for (const std::string_view text :
       {"3f0001543f01035f6964000000010100",
        "3f0001543f01035f6964000002010a01",
        "3f0001543f0100000000014000",
        "3f000154000001",
        "3f0001540100",
        "3f0001543f010166060001010000",
        "3f0001543f010166060001030101",
        "3f0001543f0101663f02015506000109010002",
        "3f0001543f0101663f0201550600010901020203",
        "3f0001543f0101660600010b0003",
        "3f0001543f010166060001000100",
        "3f0001543f010166070001",
        "3f00015402000101",
        "3f00015402000140",
        "3f000154020000",
        "3f00015402004002ac02",
        "3f0001543f01016102000301",
        "3f00015402000a0102030405060708090a0b0c",
        "3f00015402000b000102030405060708090a0b0c0d0e0f",
        "3f00015403000101",
        "3f0001543f0101660400010101000000",
        "...04000101010001c00000",
        "...04000101010001c04000",
        "3f0001543f01016604000101010001ffffffffffffffffff4000",
        "3f0001543f010166040001010100020100",
        "3f0001543f0101660400010101000302686900",
        "3f0001543f010166040001010100040200ff00",
        "...04000101010005010500",
        "...04000101010005404400",
        "3f0001543f010166040001010100060000c03f00",
        "3f0001543f0101660400010101000700000000000002c000",
        "3f0001543f010166040001010100080f400000",
        "3f0001543f01016604000101010008c000000100",
        "...0400010101000800e0c7000000",
        "...0400010101000800e0cb000000",
        "3f0001543f01016604000101010008ffffffffbfcce3c6b7809feceab7c2f601000000",
        "3f0001543f0101663f0201550400010101000902010200",
        "3f0001543f0101663f0201553f03016b0400010101000902030300",
        "3f0001543f0101660400010101000a0102030405060708090a0b0c00",
        "...0400010101004100",
        "...0400010101004200",
        "...0400010101004400",
        "3f0001543f010166040001010100010501",
        "3f0001543f0101663f02016b04000101010140024300",
        "3f0001543f01016604000101010102010503",
        "3f0001543f0101663f020167040001010102014002010500",
        "3f0001543f01016605000101010003",
        "3f0001543f0101660800010101010003016100",
        "3f0001543f010166090001010101000203",
        "3f0001543f0101660a00010101010103",
        "3f0001543f0101660b000101010001",
        "3f0001543f0101660c00010101000107",
        "...0d00010101000107"})
    EXPECT_EQ(round_trip(text), full(text));
}

/// The encoder's bytes, of a signed and, for numbers that are not negative, an unsigned one.
void expect_varint(std::int64_t n, std::string_view bytes) {
  char out[max_varint64_size];
  EXPECT_EQ(hex({out, static_cast<std::size_t>(write_signed_varint(out, n) - out)}), bytes) << n;
  if (n >= 0) {
    EXPECT_EQ(hex({out, static_cast<std::size_t>(write_varint(out, static_cast<std::uint64_t>(n)) -
                                                 out)}),
              bytes)
        << n;
  }
}

TEST(changeset_assertions, C02_varints_are_those_of_the_table) {
  expect_varint(0, "00");
  expect_varint(1, "01");
  expect_varint(63, "3f");
  expect_varint(64, "c000");
  expect_varint(8191, "ff3f");
  expect_varint(8192, "80c000");
  expect_varint(0xffff'ffff, "ffffffff0f");
  expect_varint(INT64_MAX, "ffffffffffffffffff00");
  expect_varint(-1, "40");
  expect_varint(-64, "7f");
  expect_varint(-65, "c040");
  expect_varint(INT64_MIN, "ffffffffffffffffff40");
  char out[max_varint64_size];
  EXPECT_EQ(hex({out, static_cast<std::size_t>(write_varint(out, UINT64_MAX) - out)}),
            "ffffffffffffffffff01");
}

TEST(changeset_assertions, C03_the_ends_of_the_range_are_read) {
  const std::string nines = "ffffffffffffffffff";
  const auto as_signed = [](const std::string& number) {
    return std::get<std::int64_t>(first_of(update("01" + number)).value.data);
  };
  EXPECT_EQ(as_signed(nines + "40"), INT64_MIN);
  EXPECT_EQ(as_signed(nines + "00"), INT64_MAX);
  EXPECT_TRUE(is_refused(update("01" + nines + "01")));
  const auto key = first_of("3f000154 02004002" + nines + "01").key;
  EXPECT_EQ(std::get<global_key>(key).lo, UINT64_MAX);
}

TEST(changeset_assertions, C04_numbers_may_be_longer_than_necessary) {
  EXPECT_EQ(std::get<std::int64_t>(first_of(update("01 8100")).value.data), 1);
}

TEST(changeset_assertions, C05_definitions_alone_encode_to_nothing) {
  EXPECT_EQ(round_trip("3f000154 3f010166 3f0200"), "");
}

TEST(changeset_assertions, C06_unused_definitions_survive_beside_an_instruction) {
  EXPECT_EQ(round_trip("3f000154 3f0103756e75 3f0200 0100"), "3f0001543f0103756e753f02000100");
}

TEST(changeset_assertions, C07_definitions_move_to_the_front_in_order) {
  EXPECT_EQ(round_trip("3f0001 54 02000101 3f0104 6e616d65 040001010100 03026f6b 00"
                       "3f0201 55 02020300"),
            full("3f0001 54 3f0104 6e616d65 3f0201 55 02000101 040001010100 03026f6b 00 02020300"));
}

/// At least one input for each row; codec_refusal_test.cpp has the borders and reasons.
TEST(changeset_assertions, C08_each_row_of_8_1_is_rejected) {
  const std::pair<const char*, std::string> rows[] = {
      {"R1", "...04000101"},
      {"R1", "...040001010100 0600c0"},
      {"R1", "...0400"},
      {"R2", update("01 ffffffffffffffffffff00")},
      {"R2", "...01 ffffffff1f"},
      {"R3", "...0e"},
      {"R3", "...3e"},
      {"R4", "3f010154"},
      {"R4", "3f000154 3f020155 0100"},
      {"R5", "3f000154 3f010154 0100"},
      {"R6", "3f000154 0101"},
      {"R6", "0100 3f000154"},
      {"R8", "...0000 03"},
      {"R9", "...0000 00 01 02 00"},
      {"R10", update("0c")},
      {"R10", "...0200 0c"},
      {"R10", "...060001 0c 00 00"},
      {"R11", update("40 01 02")},
      {"R12", "...0200 02 01"},
      {"R12", update("09 00 06 00000000")},
      {"R13", "...0800010101 00 0101 00"},
      {"R13", "...0900010101 01 4001 01 02"},
      {"R13", "...0a00010101 00 01"},
      {"R14", "...060001 01 00 04"},
      {"R14", "...0b00010101 00 04"},
      {"R15", update("05 01 8080808008")},
      {"R16", update("08 808080808080808080808080808080808080 00 00 00")},
      {"R17", update("02 8004")},
  };
  for (const auto& [number, text] : rows)
    EXPECT_TRUE(is_refused(text)) << number << ' ' << text;
  const auto too_long = unhex(full("...0400010101 00 03 f0ffff07")) + std::string(16'777'201, '\0');
  EXPECT_FALSE(parse_changeset(bytes(too_long))); // R7
}

TEST(changeset_assertions, C08_each_row_of_8_2_is_rejected) {
  const std::string long_name = "3f003a" + hex(std::string(58, 'c')) + "0100";
  const std::pair<const char*, std::string> rows[] = {
      {"S1", "...8104"},
      {"S1", update("818004 05")},
      {"S2", "...0a00010101 01 808080801001 01"},
      {"S3", "...0400010101 01 41 00"},
      {"S4", "...0140"},
      {"S4", "...0b00010101 00 41"},
      {"S5", "...060001 41 00 00"},
      {"S5", "...060001 45 00 00"},
      {"S6", "...060001 01 00 02 01"},
      {"S7", update("45")},
      {"S8", update("05 01 8094ebdc03")},
      {"S8", update("05 01 44")},
      {"S9", update("08 8080808080808080808080808080808002 00 00")},
      {"S9", update("08 01 e0cf00 00")},
      {"S10", long_name},
      {"S11", "...0900010101 01 02 02 03"},
  };
  for (const auto& [number, text] : rows)
    EXPECT_TRUE(is_refused(text)) << number << ' ' << text;
}

TEST(changeset_assertions, C09_string_keys_are_references_and_string_values_inline) {
  const auto parsed = parse_hex("3f000154 3f010166 3f02016b 0400 0302 01 00 03016b 00");
  ASSERT_TRUE(parsed);
  const auto& in = parsed->instructions.front(); // its text points into the changeset
  EXPECT_EQ(std::get<interned>(in.key), interned{2});
  EXPECT_EQ(std::get<text>(in.value.data).content, "k");
}

TEST(changeset_assertions, C10_an_update_has_a_prior_size_iff_its_path_ends_with_an_index) {
  EXPECT_EQ(first_of("...0400010101 01 02 0105 03").prior_size, 3u);
  EXPECT_EQ(first_of("...0400010101 02 4001 02 0105 03").prior_size, 3u);
  const auto field = first_of("...0400010101 02 02 4001 0105 03");
  EXPECT_EQ(field.prior_size, 0u);
  EXPECT_TRUE(field.is_default);
  EXPECT_TRUE(first_of("...0400010101 00 0105 01").is_default);
}

TEST(changeset_assertions, C11_a_column_has_target_before_key_type_and_only_if_it_applies) {
  const auto dictionary_of_links = first_of("3f0001543f0101663f02015506000109 01 02 02 03");
  EXPECT_EQ(dictionary_of_links.target_class, interned{2});
  EXPECT_EQ(dictionary_of_links.key_type, value_type::string);
  // Each is followed by an EraseTable, which would be eaten by an operand too many.
  for (const auto* text : {"...060001 01 00 00 0100", "...060001 09 01 01 00 0100",
                           "...060001 01 00 02 03 0100", "...060001 09 01 02 00 03 0100"}) {
    const auto parsed = parse_hex(full(text));
    ASSERT_TRUE(parsed) << text;
    ASSERT_EQ(parsed->instructions.size(), 2u) << text;
    EXPECT_EQ(parsed->instructions[1].op, opcode::erase_table);
  }
}

TEST(changeset_assertions, C12_decimals_survive_exactly) {
  for (const auto* payload :
       {"08 ffffffffbfcce3c6b7809feceab7c2f601 00 00", // 10^34 - 1
        "08 ffffffffbfcce3c6b7809feceab7c2f601 00 01", "08 00 00 01", "08 00 e0c700 00",
        "08 00 e0c700 01", "08 00 e0cb00 00", "08 0f 40 00", "08 c000 00 01"})
    EXPECT_EQ(round_trip(update(payload)), full(update(payload))) << payload;
}

TEST(changeset_assertions, C13_bit_patterns_of_nan_survive) {
  for (const auto* payload : {"06 010080ff", "06 efbeadff", "06 0000c07f", "07 010000000000f0ff",
                              "07 efbeaddeefbef87f", "07 000000000000f8ff"})
    EXPECT_EQ(round_trip(update(payload)), full(update(payload)));
}

TEST(changeset_assertions, C14_clear_takes_0_to_3_and_not_4) {
  for (int version = 2; version <= newest_protocol_version; ++version) {
    for (const auto* kind : {"00", "01", "02", "03"})
      EXPECT_TRUE(parse_hex(full("...0b00010101 00" + std::string{kind}), version));
    EXPECT_TRUE(is_refused("...0b00010101 00 04", version));
  }
}

TEST(changeset_assertions, C28_names_have_limits) {
  const auto erase_class = [](std::size_t size) {
    return "3f00" + hex(std::string(1, static_cast<char>(size))) + hex(std::string(size, 'c')) +
           "0100";
  };
  EXPECT_FALSE(is_refused(erase_class(57)));
  EXPECT_TRUE(is_refused(erase_class(58)));
  EXPECT_FALSE(is_refused("3f000154 3f01 3f" + hex(std::string(63, 'f')) + "070001"));
  EXPECT_TRUE(is_refused("3f000154 3f01 c000" + hex(std::string(64, 'f')) + "070001"));
}

TEST(changeset_assertions, C31_timestamps_have_one_sign) {
  EXPECT_EQ(round_trip(update("05 40 44")), full(update("05 40 44"))); // (-1 s, -5 ns)
  EXPECT_TRUE(is_refused(update("05 01 44")));                         // (1 s, -5 ns)
}

// The other half, that only classes without primary key take them, is in the state test.
TEST(changeset_assertions, C32_a_global_key_is_a_key_and_no_value) {
  EXPECT_TRUE(is_refused(update("40 02 05")));
  EXPECT_TRUE(is_refused("...0c00010101 00 40 02 05"));
  EXPECT_EQ(std::get<global_key>(first_of("3f000154 020040 02 05").key), (global_key{2, 5}));
}

} // namespace
} // namespace ros::sync::testing
