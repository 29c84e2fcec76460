// How the ADMIN REALM's rows look in column family `admin`: keys by kind, values as JSON
// objects, of which readers ignore members they do not know. Permission rows, of which
// there may be millions, have a short form of their own.
#pragma once

#include "admin_messages.hpp"

#include <boost/json/array.hpp>
#include <boost/json/object.hpp>

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::actors {

/// A row to write, or to remove where there is no value.
struct admin_row {
  std::string key;
  std::optional<std::string> value{};
  friend bool operator==(const admin_row&, const admin_row&) = default;
};

/// The letter in front of a key, before '/'.
enum class row_kind : char {
  account = 'a',    ///< a/<provider>\0<provider id>
  deletion = 'd',   ///< d/<Realm id>: data that is still to be removed
  key = 'k',        ///< k/<API key id>
  mail = 'm',       ///< m/<hash of a mailed token>
  counter = 'n',    ///< n/realm, n/audit: the next number; n/setup: there was an administrator
  offer = 'o',      ///< o/<offerer>\0<offer id>
  permission = 'p', ///< p/<path>\0<user id, or nothing>: "rwm <Unix milliseconds>"
  quota = 'q',      ///< q/u<user id>, q/r<path>
  realm = 'r',      ///< r/<path>
  revocation = 't', ///< t/<token key>
  user = 'u',       ///< u/<user id>
  audit = 'z',      ///< z/<number, 20 digits>; behind all others, never in memory
};

std::string row_key(row_kind kind, std::string_view name);
/// A key whose name has two parts.
std::string row_key(row_kind kind, std::string_view first, std::string_view second);
/// The two parts of a name; nothing if there is no separator.
std::optional<std::pair<std::string_view, std::string_view>> split_name(std::string_view name);

std::string account_key(const account_name& name);
std::string audit_key(std::uint64_t number);

inline constexpr std::string_view realm_counter_key = "n/realm";
inline constexpr std::string_view audit_counter_key = "n/audit";
inline constexpr std::string_view setup_key = "n/setup";
/// All keys that are kept in memory are below.
inline constexpr std::string_view first_audit_key = "z/";

admin_row write_row(std::string key, const boost::json::object& value);
inline admin_row remove_row(std::string key) {
  return {std::move(key)};
}

boost::json::array write_metadata(const std::vector<metadata_row>& rows);
std::string write_rights(rights x);

/// "rw- 1700000000000"
std::string write_permission(rights allowed, std::int64_t updated_ms);
/// The opposite; nothing for any other text.
std::optional<std::pair<rights, std::int64_t>> parse_permission(std::string_view text);

/// A row of the audit log.
admin_row write_audit(const audit_record& x);
/// The opposite; nothing if the row makes no sense.
std::optional<audit_record> read_audit_row(std::string_view key, std::string_view value);

/// Members of a row's value; one that is mistyped, or missing without a default, leaves
/// ok() false.
class row_reader {
public:
  explicit row_reader(std::string_view text);
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  std::string text(std::string_view name, std::optional<std::string> otherwise = std::nullopt);
  std::int64_t number(std::string_view name, std::optional<std::int64_t> otherwise = std::nullopt);
  bool flag(std::string_view name, std::optional<bool> otherwise = std::nullopt);
  rights allowed(std::string_view name);
  /// Rows of [key, value]; none if the member is missing.
  std::vector<metadata_row> metadata(std::string_view name);
  [[nodiscard]] bool has(std::string_view name) const { return object_.contains(name); }

private:
  boost::json::object object_;
  bool ok_ = true;
};

} // namespace ros::actors
