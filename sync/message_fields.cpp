#include "message_fields.hpp"

#include <algorithm>
#include <charconv>
#include <limits>

namespace ros::sync {

std::string_view field_reader::word() {
  const auto end = std::min(rest_.find(' '), rest_.size());
  const auto result = rest_.substr(0, end);
  rest_.remove_prefix(end);
  return result;
}

std::uint64_t field_reader::digits() {
  std::uint64_t value = 0;
  const auto* begin = rest_.data();
  const auto [end, error] = std::from_chars(begin, begin + rest_.size(), value);
  constexpr auto most = static_cast<std::uint64_t>(std::numeric_limits<std::int64_t>::max());
  if (!ok_ || error != std::errc{} || value > most) {
    ok_ = false;
    return 0;
  }
  rest_.remove_prefix(static_cast<std::size_t>(end - begin));
  return value;
}

std::uint64_t field_reader::number_before(char separator) {
  const auto value = digits();
  if (!ok_ || rest_.empty() || rest_.front() != separator) {
    ok_ = false;
    return 0;
  }
  rest_.remove_prefix(1);
  return value;
}

std::uint64_t field_reader::number() {
  if (!ok_ || rest_.empty() || rest_.front() != ' ') {
    ok_ = false;
    return 0;
  }
  rest_.remove_prefix(1);
  return digits();
}

namespace {

template <class Number>
void append(std::string& out, Number number) {
  char text[24];
  text[0] = ' ';
  const auto [end, error] = std::to_chars(text + 1, text + sizeof text, number);
  static_cast<void>(error); // 23 characters hold every 64-bit number
  out.append(text, end);
}

} // namespace

void append_field(std::string& out, std::uint64_t number) {
  append(out, number);
}

void append_field(std::string& out, std::int64_t number) {
  append(out, number);
}

} // namespace ros::sync
