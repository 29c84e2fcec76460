// Error documents of both HTTP faces (http-api.md 7, 9.9) and how the errors of
// AUTH and the ADMIN REALM translate into them. Pure.
#pragma once

#include <boost/json/object.hpp>

#include <caf/error.hpp>

#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::actors {

/// A problem document of the legacy API (7.1).
struct http_problem {
  unsigned status = 500;
  int code = 0; ///< 0 = none: a generic HTTP error
  std::string type, title, detail, instance;
  /// Name and reason of each parameter that is wrong.
  std::vector<std::pair<std::string, std::string>> invalid_params;

  [[nodiscard]] boost::json::object document() const;
};

/// The problem of a code of table 7.3; an unknown code makes a plain 500.
http_problem problem(int code);
/// The same about one parameter (601, 602).
http_problem problem(int code, std::string name, std::string reason);
/// A generic HTTP error: no code, because old SDKs throw on those they do not know (7.2).
http_problem plain_problem(unsigned status, std::string title);

/// An error document of the App-Services API (9.1, 9.9).
struct app_error {
  unsigned status = 500;
  std::string_view name; ///< exactly as SDKs spell it
  std::string text;

  [[nodiscard]] boost::json::object document() const;
};

/// Errors of a legacy log-in (4.4, 4.5).
http_problem login_problem(const caf::error& e);
/// Errors of the exchange of a refresh token (4.3).
http_problem exchange_problem(const caf::error& e);
/// Errors of a token in the caller's Authorization header (2.1).
http_problem caller_problem(const caf::error& e);
/// Errors of a log-in or registration at the App-Services API (9.3, 9.6).
app_error login_error(const caf::error& e);
/// Errors of a call that is authorised by a JWT (9.4, 9.5).
app_error session_error(const caf::error& e);
/// Errors of a call about an API key, likewise authorised (9.6).
app_error api_key_error(const caf::error& e);

/// Whether an error says that a token is not accepted, as opposed to what came with it.
bool is_token_error(const caf::error& e);

} // namespace ros::actors
