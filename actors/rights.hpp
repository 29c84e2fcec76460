// What a user may do with a Realm: three independent flags, and their names in the
// REST APIs (access-control.md 1). Pure values, owned by nobody.
#pragma once

#include <caf/meta/type_name.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace ros::actors {

struct rights {
  bool read = false;   ///< download, i.e. BIND
  bool write = false;  ///< upload; without read nobody can sync
  bool manage = false; ///< change permissions, make offers, see permission rows

  /// Whether any flag is set.
  [[nodiscard]] constexpr bool any() const noexcept { return read || write || manage; }
  /// What both allow.
  friend constexpr rights operator&(rights a, rights b) noexcept {
    return {a.read && b.read, a.write && b.write, a.manage && b.manage};
  }
  /// What either allows.
  friend constexpr rights operator|(rights a, rights b) noexcept {
    return {a.read || b.read, a.write || b.write, a.manage || b.manage};
  }
  friend constexpr bool operator==(rights, rights) = default;
};
template <class Inspector>
typename Inspector::result_type inspect(Inspector& f, rights& x) {
  return f(caf::meta::type_name("rights"), x.read, x.write, x.manage);
}

inline constexpr rights no_rights{};
inline constexpr rights read_only{true, false, false};
inline constexpr rights read_write{true, true, false};
inline constexpr rights all_rights{true, true, true};

/// For messages and tests: "rw-", "---".
std::string to_string(rights x);

/// The ladder of the REST APIs: every level includes those before it.
enum class access_level : std::uint8_t { none, read, write, manage };

/// The highest level whose flags are all set; {w} alone is none.
[[nodiscard]] constexpr access_level level_of(rights x) noexcept {
  if (!x.read)
    return access_level::none;
  if (!x.write)
    return access_level::read;
  return x.manage ? access_level::manage : access_level::write;
}
[[nodiscard]] constexpr rights rights_of(access_level x) noexcept {
  return {x >= access_level::read, x >= access_level::write, x >= access_level::manage};
}
/// As the REST APIs write it: none, read, write, admin.
std::string to_string(access_level x);
/// The opposite; nothing for any other text.
std::optional<access_level> parse_access_level(std::string_view text);

} // namespace ros::actors
