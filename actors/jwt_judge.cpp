#include "jwt_judge.hpp"

#include "realm_path.hpp"

#include "runtime/log.hpp"

#include <boost/json/serialize.hpp>

#include <algorithm>

namespace json = boost::json;

namespace ros::actors {

namespace {

/// Clocks of others may be ahead.
constexpr std::int64_t tolerance_s = 60;

/// A number of seconds; nothing if it is absent. `is_bad` if it is anything else.
std::optional<double> date_member(const json::object& claims, std::string_view name, bool& is_bad) {
  const auto* value = claims.if_contains(name);
  if (!value)
    return std::nullopt;
  if (!value->is_number()) {
    is_bad = true;
    return std::nullopt;
  }
  return value->to_number<double>();
}

bool holds_now(const json::object& claims, const jwt_rules& rules, std::int64_t now_s,
               std::string& why) {
  bool is_bad = false;
  const auto until = date_member(claims, "exp", is_bad);
  const auto from = date_member(claims, "nbf", is_bad);
  const auto now = static_cast<double>(now_s);
  if (is_bad || (rules.must_expire && !until))
    why = "it does not say until when it holds";
  else if (until && *until <= now)
    why = "it has expired";
  else if (from && *from > now + tolerance_s)
    why = "it does not hold yet";
  else
    return true;
  return false;
}

/// "aud" is a text or a list of them.
bool is_for(const json::object& claims, const std::vector<std::string>& audiences) {
  if (audiences.empty())
    return true;
  const auto accepts = [&](const json::value& x) {
    return x.is_string() &&
           std::find(audiences.begin(), audiences.end(), x.get_string()) != audiences.end();
  };
  const auto* value = claims.if_contains("aud");
  if (!value)
    return false;
  if (const auto* list = value->if_array())
    return std::any_of(list->begin(), list->end(), accepts);
  return accepts(*value);
}

std::string id_of(const json::object& claims, const jwt_rules& rules) {
  for (const auto& field : rules.id_fields) {
    const auto* value = claims.if_contains(field);
    if (value && value->is_string() && !value->get_string().empty())
      return std::string{value->get_string()};
    if (value && (value->is_int64() || value->is_uint64()))
      return json::serialize(*value);
  }
  return {};
}

/// http-api.md 4.5: ids of users stand in paths, and "__" is the server's own.
bool is_good_user_id(const std::string& id) {
  return !id.starts_with("__") && id.find('/') == std::string::npos &&
         is_valid_realm_path('/' + id);
}

class jwt final : public judge {
public:
  jwt(judge_means means, jwt_rules rules, std::unique_ptr<jwk_source> keys)
      : means_(std::move(means)), rules_(std::move(rules)), keys_(std::move(keys)) {}

  void examine(const credentials& x, verdict_handler then) override {
    if (x.data.empty())
      return then(caf::make_error(auth_ec::bad_parameter, std::string{"data"}));
    auto token = runtime::read_foreign_jwt(x.data);
    if (!token)
      return then(refuse("it is no JWT"));
    auto key_id = token->key_id;
    keys_->find(
        key_id, [this, token = std::move(*token), then](caf::expected<jwk_source::keys> keys) {
          then(keys ? judge_token(token, *keys) : caf::expected<verdict>{std::move(keys.error())});
        });
  }

private:
  static caf::error refuse(std::string_view why) {
    log::debug("auth refuses a JWT: {}", why);
    return refused();
  }

  [[nodiscard]] caf::expected<verdict> judge_token(const runtime::foreign_jwt& token,
                                                   const jwk_source::keys& keys) const {
    const bool is_signed = std::any_of(keys.begin(), keys.end(), [&](const auto& key) {
      return key.verify(token.algorithm, token.signed_bytes, token.signature);
    });
    if (!is_signed)
      return refuse("no key that is known has signed it");
    std::string why;
    auto result = judge_claims(token.claims, rules_, means_.now_s(), why);
    if (!result)
      return refuse(why);
    return result;
  }

  judge_means means_;
  jwt_rules rules_;
  std::unique_ptr<jwk_source> keys_;
};

} // namespace

caf::expected<verdict> judge_claims(const json::object& claims, const jwt_rules& rules,
                                    std::int64_t now_s, std::string& why) {
  if (!holds_now(claims, rules, now_s, why))
    return refused();
  if (!rules.issuer.empty() && string_member(claims, "iss") != rules.issuer) {
    why = "it is of another issuer";
    return refused();
  }
  if (!is_for(claims, rules.audiences)) {
    why = "it is for another audience";
    return refused();
  }
  for (const auto& [name, value] : rules.required)
    if (const auto* found = claims.if_contains(name); !found || *found != value) {
      why = "its attribute " + name + " is not as required";
      return refused();
    }
  verdict result{id_of(claims, rules), rules.owns_user_ids};
  for (auto& c : result.account_id)
    if (rules.escaped_characters.find(c) != std::string::npos)
      c = '_';
  if (result.account_id.empty() || (rules.owns_user_ids && !is_good_user_id(result.account_id))) {
    why = result.account_id.empty() ? "it does not say whose it is"
                                    : "it names somebody who cannot be a user";
    return refused();
  }
  if (!rules.admin_field.empty()) {
    const auto* flag = claims.if_contains(rules.admin_field);
    result.is_admin = flag && *flag == rules.admin_value;
  }
  return result;
}

std::unique_ptr<judge> jwt_judge(judge_means means, jwt_rules rules,
                                 std::unique_ptr<jwk_source> keys) {
  return std::make_unique<jwt>(std::move(means), std::move(rules), std::move(keys));
}

} // namespace ros::actors
