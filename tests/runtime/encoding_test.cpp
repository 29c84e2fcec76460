#include "runtime/encoding.hpp"

#include "runtime/clock.hpp"

#include <gtest/gtest.h>

#include <set>

namespace ros::runtime {
namespace {

using namespace std::string_literals;

TEST(encoding, base64_gives_the_vectors_of_rfc_4648) {
  EXPECT_EQ(base64_encode(""), "");
  EXPECT_EQ(base64_encode("f"), "Zg==");
  EXPECT_EQ(base64_encode("fo"), "Zm8=");
  EXPECT_EQ(base64_encode("foobar"), "Zm9vYmFy");
  EXPECT_EQ(base64_encode("\xfb\xff\xbf"), "+/+/");
  EXPECT_EQ(base64url_encode("\xfb\xff\xbf"), "-_-_");
  EXPECT_EQ(base64url_encode("f"), "Zg");
}

TEST(encoding, base64_reads_what_it_wrote_for_every_length) {
  std::string bytes;
  for (int i = 0; i < 300; ++i) {
    EXPECT_EQ(base64_decode(base64_encode(bytes)), bytes);
    EXPECT_EQ(base64url_decode(base64url_encode(bytes)), bytes);
    bytes.push_back(static_cast<char>(i * 37));
  }
}

TEST(encoding, base64_refuses_other_spellings) {
  for (const auto* bad : {"Zg", "Zg=", "Zg===", "Z", "=", "Zg==\n",
                          " Zg==", "Zh==", "Zg==Zg==", "Zm9v=", "-_-_", "Zm9v!"})
    EXPECT_EQ(base64_decode(bad), std::nullopt) << bad;
  EXPECT_EQ(base64_decode("Zg\0="s), std::nullopt);
}

TEST(encoding, base64url_takes_padding_or_none) {
  EXPECT_EQ(base64url_decode("Zg"), "f");
  EXPECT_EQ(base64url_decode("Zg=="), "f");
  for (const auto* bad : {"Zg=", "Z", "+/+/", "Zh", "Zg ", "=", "Zm9v="})
    EXPECT_EQ(base64url_decode(bad), std::nullopt) << bad;
}

TEST(encoding, hex_and_sha256_give_known_values) {
  EXPECT_EQ(hex_encode("\x00\x0f\xf0\xff"s), "000ff0ff");
  EXPECT_EQ(hex_encode(sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(encoding, percent_decoding_refuses_broken_escapes) {
  EXPECT_EQ(percent_decode("/a%2Fb%41%7e+"), "/a/bA~+");
  EXPECT_EQ(percent_decode("%00"), "\0"s);
  EXPECT_EQ(percent_decode(""), "");
  for (const auto* bad : {"%", "%4", "%zz", "a%4g", "%%41"})
    EXPECT_EQ(percent_decode(bad), std::nullopt) << bad;
}

TEST(encoding, utf8_sequences_are_measured_and_malformed_ones_are_none) {
  const std::pair<std::string, std::size_t> cases[] = {{"a", 1},
                                                       {"\0"s, 1},
                                                       {"\xc3\xa9x", 2},
                                                       {"\xe2\x82\xac", 3},
                                                       {"\xf0\x9f\x98\x80", 4},
                                                       {"\xf4\x8f\xbf\xbf", 4},
                                                       {"", 0},
                                                       {"\x80", 0},
                                                       {"\xc3", 0},
                                                       {"\xc3x", 0},
                                                       {"\xc0\xaf", 0},
                                                       {"\xe0\x80\x80", 0},
                                                       {"\xed\xa0\x80", 0},
                                                       {"\xf0\x80\x80\x80", 0},
                                                       {"\xf4\x90\x80\x80", 0},
                                                       {"\xff", 0}};
  for (const auto& [text, length] : cases)
    EXPECT_EQ(utf8_sequence(text), length) << hex_encode(text);
}

class counting_random final : public random_source {
public:
  std::uint64_t next() override { return values_[i_++ % 3]; }

private:
  std::uint64_t values_[3] = {0, 1, 0xfedcba9876543210};
  unsigned i_ = 0;
};

TEST(randomness, a_salt_is_never_zero_and_never_negative) {
  counting_random r;
  EXPECT_EQ(r.salt(), 0x7f6e5d4c3b2a1908); // 0 and 1 both halve to nothing
  for (int i = 0; i < 100; ++i)
    EXPECT_GT(system_random().salt(), 0);
}

TEST(randomness, hex_gives_the_digits_asked_for) {
  counting_random r;
  EXPECT_EQ(r.hex(8), "00000000");
  EXPECT_EQ(r.hex(18), "1000000000000000"
                       "01");
  std::set<std::string> seen;
  for (int i = 0; i < 100; ++i)
    seen.insert(system_random().hex(32));
  EXPECT_EQ(seen.size(), 100u);
}

TEST(clock, the_steady_clock_does_not_go_back_and_unix_time_is_plausible) {
  const auto a = system_clock().steady_us();
  const auto b = system_clock().steady_us();
  EXPECT_LE(a, b);
  EXPECT_GE(system_clock().steady_ms(), b / 1000);
  EXPECT_GT(system_clock().unix_ms(), 1'600'000'000'000);
}

TEST(encoding_utf8, replaces_what_is_no_utf8) {
  EXPECT_EQ(valid_utf8("a\xff\xc3\xa9\xc3"), "a\ufffd\u00e9\ufffd");
  EXPECT_EQ(valid_utf8(""), "");
}

TEST(encoding_percent, encodes_all_but_plain_characters) {
  EXPECT_EQ(percent_encode("/a b-._~Z9%\xff"), "%2Fa%20b-._~Z9%25%FF");
  EXPECT_EQ(percent_decode(percent_encode("\x00\xff/?#")), std::string{"\x00\xff/?#"});
}

} // namespace
} // namespace ros::runtime
