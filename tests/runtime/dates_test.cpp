// Dates as text (runtime/dates).
#include "runtime/dates.hpp"

#include <gtest/gtest.h>

namespace ros::runtime {
namespace {

constexpr std::int64_t noon = 1'496'664'000'000; // 2017-06-05T12:00:00Z

TEST(dates_test, writes_utc_with_milliseconds) {
  EXPECT_EQ(to_iso8601(0), "1970-01-01T00:00:00.000Z");
  EXPECT_EQ(to_iso8601(1'496'430'437'703), "2017-06-02T19:07:17.703Z");
  EXPECT_EQ(to_iso8601(-1), "1969-12-31T23:59:59.999Z");
}

TEST(dates_test, reads_iso_8601_with_and_without_fraction_and_zone) {
  for (const auto* text :
       {"2017-06-05T12:00:00Z", "2017-06-05T12:00:00.000Z", "2017-06-05T12:00:00",
        "2017-06-05 12:00", "2017-06-05T14:00:00+02:00", "2017-06-05T14:00:00+0200",
        "2017-06-05T04:30:00.0-07:30", "2017-06-05T14:00:00+02", "2017-06-05T12:00:00,000Z"})
    EXPECT_EQ(parse_date(text), noon) << text;
  EXPECT_EQ(parse_date("2017-06-05T12:00:00.1234567Z"), noon + 123);
  EXPECT_EQ(parse_date("2017-06-05T12:00:00.5Z"), noon + 500);
  EXPECT_EQ(parse_date("1970-01-01"), 0);
}

TEST(dates_test, reads_what_java_prints) {
  for (const auto* text :
       {"Mon Jun 05 12:00:00 GMT 2017", "Mon Jun 05 12:00:00 UTC 2017",
        "Mon Jun 05 14:00:00 GMT+02:00 2017", "Mon Jun 05 04:30:00 GMT-07:30 2017"})
    EXPECT_EQ(parse_date(text), noon) << text;
}

TEST(dates_test, refuses_what_is_no_date) {
  for (const auto* text :
       {"", "x", "2017", "2017-13-05T12:00:00Z", "2017-06-31T12:00:00Z", "2017-06-05T25:00:00Z",
        "2017-06-05T12:00:00Zx", "2017-06-05T12:00:00.", "2017-06-05T12:00:00+", "2017-06-05T",
        "Mon Jun 05 12:00 GMT", "Mon Jun 05 12:00:00 GMT+ 2017", "Mon Jun 05 12:00:00 CEST 2017",
        "Mon Jun 05 12:00:00", "Foo Jun 05 12:00:00 GMT 2017", "1496664000000"})
    EXPECT_FALSE(parse_date(text)) << text;
}

TEST(dates_test, reads_what_it_writes) {
  for (const std::int64_t ms : {std::int64_t{0}, noon, noon + 7, std::int64_t{253'402'300'799'999}})
    EXPECT_EQ(parse_date(to_iso8601(ms)), ms);
}

} // namespace
} // namespace ros::runtime
