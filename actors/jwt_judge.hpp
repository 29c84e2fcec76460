// The JUDGE of JWTs that others issued (http-api.md 4.5, 9.3): providers jwt, azuread and
// apple.
#pragma once

#include "judge.hpp"
#include "jwk_source.hpp"

#include "runtime/foreign_jwt.hpp"

#include <boost/json/value.hpp>

#include <map>
#include <memory>
#include <string>
#include <vector>

namespace ros::actors {

/// What a token must say, and what it then means.
struct jwt_rules {
  std::string issuer{};                  ///< empty: any
  std::vector<std::string> audiences{};  ///< one of them; empty: any
  bool must_expire = false;              ///< tokens without "exp" are refused
  std::vector<std::string> id_fields{};  ///< the first that is there counts
  std::string admin_field{};             ///< empty: tokens say nothing about administrators
  boost::json::value admin_value = true; ///< what it must equal
  std::map<std::string, boost::json::value> required{}; ///< members and their values
  std::string escaped_characters{};                     ///< each becomes '_' in ids
  bool owns_user_ids = false;                           ///< the id is the user's
};

/// What a verified token means at this time; it fails with auth_ec::invalid_credentials, and
/// `why` then says what is wrong in words for the log. Pure.
caf::expected<verdict> judge_claims(const boost::json::object& claims, const jwt_rules& rules,
                                    std::int64_t now_s, std::string& why);

std::unique_ptr<judge> jwt_judge(judge_means means, jwt_rules rules,
                                 std::unique_ptr<jwk_source> keys);

} // namespace ros::actors
