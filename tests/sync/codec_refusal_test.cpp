// What a parser refuses (changesets.md 8): one row or more per R and S number.
#include "sync/codec_helpers.hpp"

#include <gtest/gtest.h>

namespace ros::sync::testing {
namespace {

struct row {
  std::string_view number;
  std::string_view bytes;  ///< "..." stands for the definitions of T and f
  std::string_view reason; ///< the message
};

std::string expand(std::string_view text) {
  constexpr std::string_view prefix = "3f0001543f010166";
  return text.starts_with("...") ? std::string(prefix).append(text.substr(3)) : std::string(text);
}

void expect_refused(const row& r) {
  SCOPED_TRACE(std::string(r.number) + ": " + std::string(r.bytes));
  const auto parsed = parse_hex(expand(r.bytes));
  ASSERT_FALSE(parsed);
  EXPECT_EQ(parsed.error().code, ec::bad_changeset);
  EXPECT_EQ(parsed.error().message, r.reason);
}

void expect_accepted(std::string_view text) {
  const auto parsed = parse_hex(expand(text));
  EXPECT_TRUE(parsed) << text << ": " << parsed.error().message;
}

/// A definition of a string of `size` bytes, then EraseTable of it.
std::string erase_table_of_name(std::size_t size) {
  std::string text = "3f00" + hex(std::string(1, static_cast<char>(size)));
  for (std::size_t i = 0; i < size; ++i) {
    text += "61";
  }
  return text + "0100";
}

/// An Update to a value of `type` ("03", "04") and a length field, then `content`.
std::string long_value(std::string_view type, std::size_t size) {
  std::string raw = unhex("3f0001543f010166 0400010101 00" + std::string(type));
  for (std::size_t rest = size; true; rest >>= 7) {
    if (rest < 0x40) {
      raw += static_cast<char>(rest);
      break;
    }
    raw += static_cast<char>(0x80U | (rest & 0x7fU));
  }
  raw.append(size, 'x');
  return raw + '\0';
}

} // namespace

TEST(codec_refusal, input_that_ends_early_is_refused) {
  const row rows[] = {
      {"R1", "80", "the input ends inside an integer (byte 0)"},
      {"R1", "3f0002", "the input ends inside a string (byte 2)"},
      {"R1", "...04000101", "the input ends inside an integer (byte 12)"},
      {"R1", "...04000101010003036162", "the input ends inside a string (byte 15)"},
      {"R1", "...040001010100060000c0", "the input ends inside a value (byte 15)"},
      {"R1", "...02000a0102030405060708090a0b", "the input ends inside a value (byte 11)"},
      {"R1", "...040001010100088080", "the input ends inside a decimal (byte 15)"},
      {"R1", "...0400010101000102", "the input ends inside an integer (byte 16)"},
  };
  for (const row& r : rows) {
    expect_refused(r);
  }
}

TEST(codec_refusal, integers_outside_their_width_are_refused) {
  const row rows[] = {
      {"R2", "...80808080808080808080 00", "an integer has too many bytes (byte 8)"},
      {"R2", "...020001ffffffffffffffffff3f", "an integer is out of range (byte 11)"},
      {"R2", "...01ffffffff1f", "an integer is out of range (byte 9)"},
      {"R2", "...01808080808000", "an integer has too many bytes (byte 9)"},
      {"R17", "...04000101010002800400", "an integer is out of range (byte 15)"},
      {"R17", "...000081808000", "an integer has too many bytes (byte 10)"},
      {"S4", "...0140", "a negative number where there can be none (byte 9)"},
      {"S4", "...40", "a negative number where there can be none (byte 8)"},
      {"S4", "...0b00010101 0041", "a negative number where there can be none (byte 14)"},
  };
  for (const row& r : rows) {
    expect_refused(r);
  }
  expect_accepted("...0200808080808000"); // type codes are declared with 64 bits
}

TEST(codec_refusal, unknown_opcodes_are_refused) {
  for (const std::string_view op : {"0e", "3e", "c000", "8104"}) { // 14, 62, 64, 257 (S1)
    expect_refused({"R3", "..." + std::string(op), "an unknown opcode (byte 8)"});
  }
}

TEST(codec_refusal, definitions_have_to_count_up_and_differ) {
  const row rows[] = {
      {"R4", "3f010154", "a string is defined with an index that is not the next one (byte 0)"},
      {"R4", "3f000154 3f000155",
       "a string is defined with an index that is not the next one (byte 4)"},
      {"R5", "3f000154 3f010155 3f020154", "a string is defined twice (byte 8)"},
      {"R5", "3f0000 3f0100", "a string is defined twice (byte 3)"},
      {"R6", "0100", "a string is used before its definition (byte 1)"},
      {"R6", "...0102", "a string is used before its definition (byte 9)"},
      {"R6", "...0400010102", "a string is used before its definition (byte 12)"},
      {"R6", "...02000302", "a string is used before its definition (byte 11)"},
      {"R6", "...04000101010140020000", "a string is used before its definition (byte 15)"},
  };
  for (const row& r : rows) {
    expect_refused(r);
  }
}

TEST(codec_refusal, values_above_the_limits_are_refused) {
  const row rows[] = {
      {"R7", "3f00f0ffff07", "a string is too long (byte 2)"},
      {"R7", "...04000101010003f0ffff07", "a string is too long (byte 15)"},
      {"9", "...04000101010004f1ffff07", "a string is too long (byte 15)"},
  };
  for (const row& r : rows) {
    expect_refused(r);
  }
  EXPECT_TRUE(parse_changeset(bytes(long_value("03", max_string_size))));
  EXPECT_FALSE(parse_changeset(bytes(long_value("03", max_string_size + 1))));
  EXPECT_TRUE(parse_changeset(bytes(long_value("04", max_binary_size))));
  EXPECT_FALSE(parse_changeset(bytes(long_value("04", max_binary_size + 1))));
}

TEST(codec_refusal, unknown_kinds_and_types_are_refused) {
  const row rows[] = {
      {"R8", "...000003", "an unknown class kind (byte 10)"},
      {"R9", "...000000010000", "a type that cannot be a primary key (byte 12)"},
      {"R9", "...000000010200", "a type that cannot be a primary key (byte 12)"},
      {"R9", "...000000010900", "a type that cannot be a primary key (byte 12)"},
      {"R10", "...0400010101000c00", "an unknown type code (byte 14)"},
      {"R10", "...0400010101004600", "an unknown type code (byte 14)"},
      {"R10", "...02000c00", "an unknown type code (byte 10)"},
      {"R10", "...0600010c0000", "an unknown type code (byte 11)"},
      {"R11", "...04000101010040010200", "a type that cannot be a value (byte 14)"},
      {"R12", "...0200020100", "a type that cannot be a primary key (byte 10)"},
      {"R12", "...0400010101000900060000000000", "a type that cannot be a primary key (byte 16)"},
      {"R14", "...060001010004", "an unknown collection type (byte 13)"},
      {"R14", "...0b000101010004", "an unknown collection type (byte 14)"},
      {"S1", "...040001010100818004 05 00", "an unknown type code (byte 14)"},
      {"S5", "...060001400000", "a type that cannot be a column (byte 11)"},
      {"S5", "...060001450000", "a type that cannot be a column (byte 11)"},
      {"S6", "...06000101000201", "a dictionary key type other than String (byte 14)"},
      {"S7", "...0400010101004500", "a type that cannot be a value (byte 14)"},
      {"S7", "...0c00010101004500", "a type that cannot be a value (byte 14)"},
  };
  for (const row& r : rows) {
    expect_refused(r);
  }
}

TEST(codec_refusal, list_instructions_without_an_index_are_refused) {
  constexpr std::string_view reason =
      "the path of a list instruction does not end with an index (byte 13)";
  for (const std::string_view text :
       {"...080001010100010100", "...08000101010140010001", "...0900010101000101",
        "...0a0001010100 01", "...0a000101010140 0101"}) {
    expect_refused({"R13", text, reason});
  }
}

TEST(codec_refusal, paths_outside_32_bits_are_refused) {
  expect_refused({"S2", "...0a000101010180808080100101", "an integer is out of range (byte 14)"});
  expect_refused({"S3", "...0400010101014100", "an integer is out of range (byte 14)"});
  expect_accepted("...0a0001010101ffffffff0f01");
}

TEST(codec_refusal, timestamps_and_decimals_out_of_range_are_refused) {
  constexpr std::string_view bad_time = "a timestamp is out of range or of mixed signs (byte 15)";
  constexpr std::string_view bad_number = "a decimal is out of range (byte 15)";
  const row rows[] = {
      {"R15", "...0400010101000501808080800800", bad_time}, // 2^31 ns
      {"S8", "...04000101010005018094ebdc0300", bad_time},  // 10^9 ns
      {"S8", "...0400010101000540ff93ebdc4300", bad_time},  // -10^9 ns
      {"S8", "...04000101010005014400", bad_time},          // (1 s, -5 ns)
      {"S8", "...04000101010005400500", bad_time},          // (-1 s, 5 ns)
      {"R16", "...040001010100088080808080808080808080808080808080000000 00", bad_number},
      {"S9", "...0400010101000880808080808080808080808080808080020000", bad_number}, // 2^113
      {"S9", "...0400010101000801e0cf000000", bad_number},                           // 10208
      {"S9", "...0400010101000801a0700000", bad_number},                             // -6177
  };
  for (const row& r : rows) {
    expect_refused(r);
  }
  expect_accepted("...0400010101000501ff93ebdc0300");                            // 10^9 - 1 ns
  expect_accepted("...04000101010008ffffffffffffffffffffffffffffffff010000 00"); // 2^113 - 1
  expect_accepted("...0400010101000801dfcf000000");                              // 10207
  expect_accepted("...04000101010008019f700000");                                // -6176
}

TEST(codec_refusal, names_have_limits) {
  expect_accepted(erase_table_of_name(57));
  expect_refused(
      {"S10", erase_table_of_name(58), "a class name is empty, too long or no UTF-8 (byte 62)"});
  expect_refused({"8.3", "3f00000100", "a class name is empty, too long or no UTF-8 (byte 4)"});
  expect_refused({"8.3", "3f0001ff0100", "a class name is empty, too long or no UTF-8 (byte 5)"});
  expect_refused(
      {"8.3", "3f0001543f0101ff070001", "a field name is too long or no UTF-8 (byte 10)"});
}

TEST(codec_refusal, field_names_end_at_63_bytes) {
  const auto erase_column = [](std::size_t size) {
    return std::string("3f0001543f01") +
           (size < 64 ? hex(std::string(1, static_cast<char>(size))) : "c000") +
           hex(std::string(size, 'f')) + "070001";
  };
  expect_accepted(erase_column(63));
  const auto parsed = parse_hex(erase_column(64));
  ASSERT_FALSE(parsed);
  EXPECT_TRUE(parsed.error().message.starts_with("a field name is too long"));
}

TEST(codec_refusal, a_move_to_the_same_place_is_refused) {
  expect_accepted("...09000101010102 0303");
  expect_refused(
      {"S11", "...09000101010102 0203", "a list element is moved to where it is (byte 15)"});
}

TEST(codec_refusal, bytes_that_are_no_utf8_survive_in_values_and_keys) {
  for (const std::string_view text : {"...0400010101000302c32800", "3f000154 3f0101ff 02000301"}) {
    const auto parsed = parse_hex(expand(text));
    ASSERT_TRUE(parsed);
    EXPECT_EQ(encode_changeset(*parsed), unhex(expand(text)));
  }
}

} // namespace ros::sync::testing
