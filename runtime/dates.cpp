#include "dates.hpp"

#include <fmt/format.h>

#include <algorithm>
#include <array>
#include <chrono>

namespace ros::runtime {

namespace {

using std::chrono::milliseconds;

/// What is left of a text that is read from the front.
class reader {
public:
  explicit reader(std::string_view text) : rest_(text) {}

  [[nodiscard]] bool at_end() const { return rest_.empty(); }
  bool take(char c) {
    if (rest_.empty() || rest_.front() != c)
      return false;
    rest_.remove_prefix(1);
    return true;
  }
  bool take(std::string_view word) {
    if (!rest_.starts_with(word))
      return false;
    rest_.remove_prefix(word.size());
    return true;
  }
  /// Everything up to the next blank.
  std::string_view take_word() {
    const auto word = rest_.substr(0, rest_.find(' '));
    rest_.remove_prefix(word.size());
    return word;
  }
  /// Exactly so many digits.
  bool take_number(int digits, int& to) {
    to = 0;
    for (int i = 0; i < digits; ++i) {
      if (rest_.empty() || rest_.front() < '0' || rest_.front() > '9')
        return false;
      to = to * 10 + (rest_.front() - '0');
      rest_.remove_prefix(1);
    }
    return true;
  }
  /// Any number of digits; those behind the third do not count.
  bool take_fraction(int& ms) {
    int digits = 0, digit = 0;
    for (ms = 0; take_number(1, digit); ++digits)
      if (digits < 3)
        ms = ms * 10 + digit;
    for (int i = digits; i < 3; ++i)
      ms *= 10;
    return digits > 0;
  }

private:
  std::string_view rest_;
};

struct fields {
  int year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0, ms = 0;
  int zone_minutes = 0; ///< east of UTC
};

std::optional<std::int64_t> to_ms(const fields& x) {
  using namespace std::chrono;
  const year_month_day date{year{x.year}, month{static_cast<unsigned>(x.month)},
                            day{static_cast<unsigned>(x.day)}};
  if (!date.ok() || x.hour > 23 || x.minute > 59 || x.second > 60)
    return std::nullopt;
  const auto time = sys_days{date}.time_since_epoch() + hours{x.hour} +
                    minutes{x.minute - x.zone_minutes} + seconds{x.second};
  return duration_cast<milliseconds>(time).count() + x.ms;
}

/// "Z", "+02", "+0200", "+02:00"; east of UTC.
bool take_zone(reader& in, int& minutes) {
  minutes = 0;
  if (in.take('Z'))
    return true;
  const bool west = in.take('-');
  if (!west && !in.take('+'))
    return false;
  int hour = 0, minute = 0;
  if (!in.take_number(2, hour))
    return false;
  if (!in.at_end() && (in.take(':'), !in.take_number(2, minute)))
    return false;
  minutes = (hour * 60 + minute) * (west ? -1 : 1);
  return hour <= 18 && minute <= 59;
}

bool take_time(reader& in, fields& x) {
  if (!in.take_number(2, x.hour) || !in.take(':') || !in.take_number(2, x.minute))
    return false;
  return !in.take(':') || in.take_number(2, x.second);
}

std::optional<std::int64_t> parse_iso8601(std::string_view text) {
  reader in{text};
  fields x;
  if (!in.take_number(4, x.year) || !in.take('-') || !in.take_number(2, x.month) || !in.take('-') ||
      !in.take_number(2, x.day))
    return std::nullopt;
  if (in.at_end())
    return to_ms(x);
  if ((!in.take('T') && !in.take(' ')) || !take_time(in, x))
    return std::nullopt;
  if ((in.take('.') || in.take(',')) && !in.take_fraction(x.ms))
    return std::nullopt;
  if (!in.at_end() && !take_zone(in, x.zone_minutes))
    return std::nullopt;
  return in.at_end() ? to_ms(x) : std::nullopt;
}

template <std::size_t N>
std::size_t take_one_of(reader& in, const std::array<std::string_view, N>& words) {
  for (std::size_t i = 0; i < N; ++i)
    if (in.take(words[i]))
      return i + 1;
  return 0;
}

std::optional<std::int64_t> parse_java_date(std::string_view text) {
  constexpr std::array<std::string_view, 7> days{"Mon", "Tue", "Wed", "Thu", "Fri", "Sat", "Sun"};
  constexpr std::array<std::string_view, 12> months{"Jan", "Feb", "Mar", "Apr", "May", "Jun",
                                                    "Jul", "Aug", "Sep", "Oct", "Nov", "Dec"};
  reader in{text};
  fields x;
  if (take_one_of(in, days) == 0 || !in.take(' '))
    return std::nullopt;
  x.month = static_cast<int>(take_one_of(in, months));
  if (x.month == 0 || !in.take(' ') || !in.take_number(2, x.day) || !in.take(' ') ||
      !take_time(in, x) || !in.take(' '))
    return std::nullopt;
  reader zone{in.take_word()};
  if (!zone.take("GMT") && !zone.take("UTC") && !zone.take("Z"))
    return std::nullopt;
  if (!zone.at_end() && (!take_zone(zone, x.zone_minutes) || !zone.at_end()))
    return std::nullopt;
  if (!in.take(' ') || !in.take_number(4, x.year) || !in.at_end())
    return std::nullopt;
  return to_ms(x);
}

} // namespace

std::string to_iso8601(std::int64_t unix_ms) {
  using namespace std::chrono;
  const sys_time<milliseconds> moment{milliseconds{unix_ms}};
  const auto date = floor<days>(moment);
  const year_month_day day{date};
  const hh_mm_ss time{moment - date};
  return fmt::format("{:04}-{:02}-{:02}T{:02}:{:02}:{:02}.{:03}Z", static_cast<int>(day.year()),
                     static_cast<unsigned>(day.month()), static_cast<unsigned>(day.day()),
                     time.hours().count(), time.minutes().count(), time.seconds().count(),
                     time.subseconds().count());
}

std::optional<std::int64_t> parse_date(std::string_view text) {
  auto result = parse_iso8601(text);
  return result ? result : parse_java_date(text);
}

} // namespace ros::runtime
