// Variable-length integers (changesets.md 2.1) and UTF-8.
#include "sync/codec_helpers.hpp"
#include "sync/utf8.hpp"
#include "sync/varint.hpp"

#include <gtest/gtest.h>

#include <optional>

namespace ros::sync::testing {
namespace {

std::string written(std::int64_t n) {
  char out[max_varint64_size];
  return hex({out, static_cast<std::size_t>(write_signed_varint(out, n) - out)});
}

std::string written_unsigned(std::uint64_t n) {
  char out[max_varint64_size];
  return hex({out, static_cast<std::size_t>(write_varint(out, n) - out)});
}

varint read(std::string_view text, int max_size = max_varint64_size) {
  const std::string raw = unhex(text);
  const char* at = raw.data();
  return read_varint(at, raw.data() + raw.size(), max_size);
}

const std::string nines = "ffffffffffffffffff";

/// The Int payload of an Update, if the changeset with these bytes is good.
std::optional<std::int64_t> as_int_payload(const std::string& number) {
  const auto parsed = parse_hex("3f0001543f010166 04000101010001" + number + "00");
  if (!parsed) {
    return std::nullopt;
  }
  return std::get<std::int64_t>(parsed->instructions[0].value.data);
}

/// The `lo` of a GlobalKey, an unsigned field.
std::optional<std::uint64_t> as_key_lo(const std::string& number) {
  const auto parsed = parse_hex("3f000154 02004002" + number);
  if (!parsed) {
    return std::nullopt;
  }
  return std::get<global_key>(parsed->instructions[0].key).lo;
}

} // namespace

TEST(codec_varint, signed_numbers_are_written_as_documented) {
  EXPECT_EQ(written(0), "00");
  EXPECT_EQ(written(-1), "40");
  EXPECT_EQ(written(1), "01");
  EXPECT_EQ(written(-64), "7f");
  EXPECT_EQ(written(63), "3f");
  EXPECT_EQ(written(-65), "c040");
  EXPECT_EQ(written(64), "c000");
  EXPECT_EQ(written(8191), "ff3f");
  EXPECT_EQ(written(8192), "80c000");
  EXPECT_EQ(written(INT64_MAX), nines + "00");
  EXPECT_EQ(written(INT64_MIN), nines + "40");
}

TEST(codec_varint, unsigned_numbers_are_written_as_documented) {
  EXPECT_EQ(written_unsigned(0), "00");
  EXPECT_EQ(written_unsigned(63), "3f");
  EXPECT_EQ(written_unsigned(64), "c000");
  EXPECT_EQ(written_unsigned(8191), "ff3f");
  EXPECT_EQ(written_unsigned(8192), "80c000");
  EXPECT_EQ(written_unsigned(UINT32_MAX), "ffffffff0f");
  EXPECT_EQ(written_unsigned(UINT64_MAX), nines + "01");
}

TEST(codec_varint, extremes_are_read_back) {
  EXPECT_EQ(as_int_payload(nines + "40"), INT64_MIN);
  EXPECT_EQ(as_int_payload(nines + "00"), INT64_MAX);
  EXPECT_EQ(as_key_lo(nines + "01"), UINT64_MAX);
  EXPECT_EQ(as_int_payload(nines + "01"), std::nullopt);
  EXPECT_EQ(as_int_payload(nines + "41"), std::nullopt);
  EXPECT_EQ(as_key_lo(nines + "02"), std::nullopt);
}

TEST(codec_varint, padding_is_accepted_up_to_the_permitted_length) {
  EXPECT_EQ(as_int_payload("8100"), 1);
  EXPECT_EQ(as_int_payload("81808080808080808000"), 1);
  EXPECT_EQ(as_int_payload("8180808080808080808000"), std::nullopt);
}

TEST(codec_varint, failures_say_why_and_do_not_move) {
  EXPECT_EQ(read("").outcome, varint_outcome::truncated);
  EXPECT_EQ(read("8080").outcome, varint_outcome::truncated);
  EXPECT_EQ(read("808000", max_varint8_size).outcome, varint_outcome::too_long);
  EXPECT_EQ(read("ffffffffff00", max_varint32_size).outcome, varint_outcome::too_long);
  EXPECT_EQ(read(nines + "3f").outcome, varint_outcome::too_large);

  const std::string raw = unhex("8080");
  const char* at = raw.data();
  read_varint(at, raw.data() + raw.size(), max_varint64_size);
  EXPECT_EQ(at, raw.data());
}

TEST(codec_varint, negative_numbers_are_refused_where_there_can_be_none) {
  EXPECT_EQ(as_key_lo("40"), std::nullopt);
  EXPECT_EQ(as_key_lo("7f"), std::nullopt);
}

TEST(codec_utf8, well_formed_text_is_recognized) {
  EXPECT_TRUE(is_utf8(""));
  EXPECT_TRUE(is_utf8("T_1"));
  EXPECT_TRUE(is_utf8(unhex("c280 dfbf e0a080 ed9fbf ee8080 efbfbf f0908080 f48fbfbf")));
}

TEST(codec_utf8, other_bytes_are_not) {
  for (const std::string_view bad :
       {"80", "c0 80", "c1 bf", "c2", "c2 20", "e0 9f bf", "ed a0 80", "e1 80", "e1 80 41",
        "f0 8f bf bf", "f4 90 80 80", "f1 80 80", "f5 80 80 80", "ff", "41 bf"}) {
    EXPECT_FALSE(is_utf8(unhex(bad))) << bad;
  }
}

} // namespace ros::sync::testing
