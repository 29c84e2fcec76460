// Reading heads and entry headers: names and decimal numbers with fixed
// separators. Internal to the wire messages of sync/.
#pragma once

#include <concepts>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ros::sync {

/// Takes fields off the front of a text. Once something was wrong, everything is.
class field_reader {
public:
  explicit field_reader(std::string_view text) : rest_(text) {}

  /// Characters up to the next blank or the end.
  std::string_view word();
  /// A decimal number < 2^63, ended by `separator`, which is consumed too.
  std::uint64_t number_before(char separator);
  /// A blank, then a decimal number < 2^63.
  std::uint64_t number();

  /// Nothing was wrong so far.
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  /// Nothing was wrong and nothing is left.
  [[nodiscard]] bool finished() const noexcept { return ok_ && rest_.empty(); }
  [[nodiscard]] std::string_view rest() const noexcept { return rest_; }

private:
  std::uint64_t digits();

  std::string_view rest_;
  bool ok_ = true;
};

/// Adds a blank and a number.
void append_field(std::string& out, std::uint64_t number);
void append_field(std::string& out, std::int64_t number);

/// `name` with its fields and the line feed behind them.
template <std::integral... Numbers>
std::string make_head(std::string_view name, Numbers... numbers) {
  std::string out{name};
  (append_field(out, numbers), ...);
  out += '\n';
  return out;
}

} // namespace ros::sync
