// How the ADMIN REALM's rows look in column family `admin`: keys by kind, values
// as JSON objects, of which readers ignore members they do not know.
#pragma once

#include "admin_state.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ros::actors {

/// The letter in front of a key, before '/'.
enum class row_kind : char {
  account = 'a',    ///< a/<provider>\0<provider id>
  counter = 'n',    ///< n/realm: the next Realm id
  realm = 'r',      ///< r/<path>
  revocation = 't', ///< t/<token key>
  user = 'u',       ///< u/<user id>
};

std::string row_key(row_kind kind, std::string_view name);
std::string account_key(const account_name& name);
/// The pair behind an account's row name; nothing if there is no separator.
std::optional<account_name> parse_account_name(std::string_view name);

inline constexpr std::string_view realm_counter_key = "n/realm";

} // namespace ros::actors
