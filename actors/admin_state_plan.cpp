// What each command of the ADMIN REALM would write.
#include "admin_state.hpp"
#include "admin_state_rows.hpp"
#include "realm_path.hpp"

#include <boost/json/object.hpp>
#include <boost/json/serialize.hpp>

namespace json = boost::json;

namespace ros::actors {

namespace {

/// Revocations are kept this much longer than the token, since an access token
/// made from a refresh token in its last moments outlives it.
constexpr std::int64_t revocation_slack_s = 24 * 3600;

admin_row write_row(std::string key, json::object value) {
  return {std::move(key), json::serialize(value)};
}

admin_row write_account(const account_name& name, const std::string& user_id,
                        const std::string& credential) {
  return write_row(account_key(name), {{"user", user_id}, {"credential", credential}});
}

} // namespace

caf::expected<admin_plan> admin_state::plan(const admin_command& command,
                                            const plan_inputs& inputs) const {
  return std::visit([&](const auto& x) { return plan_one(x, inputs); }, command);
}

caf::expected<admin_plan> admin_state::plan_one(const register_user& x,
                                                const plan_inputs& inputs) const {
  auto name = x.account;
  if (name.id.empty())
    name.id = inputs.user_id;
  if (accounts_.contains(name))
    return caf::make_error(auth_ec::account_exists);
  admin_plan plan;
  plan.answer = user_record{inputs.user_id, false, false, inputs.now_ms, {name}};
  plan.rows.push_back(
      write_row(row_key(row_kind::user, inputs.user_id),
                {{"admin", false}, {"suspended", false}, {"created", inputs.now_ms}}));
  plan.rows.push_back(write_account(name, inputs.user_id, x.credential));
  return plan;
}

caf::expected<admin_plan> admin_state::plan_one(const set_credential& x, const plan_inputs&) const {
  auto found = accounts_.find(x.account);
  if (found == accounts_.end())
    return caf::make_error(auth_ec::unknown_account);
  admin_plan plan;
  plan.answer = true;
  plan.rows.push_back(write_account(x.account, found->second.user_id, x.credential));
  plan.reads.push_back(row_key(row_kind::user, found->second.user_id));
  return plan;
}

caf::expected<admin_plan> admin_state::plan_one(const delete_user& x, const plan_inputs&) const {
  admin_plan plan;
  plan.answer = users_.contains(x.user_id);
  if (!users_.contains(x.user_id))
    return plan;
  plan.rows.push_back({row_key(row_kind::user, x.user_id), std::nullopt});
  if (auto accounts = accounts_of_.find(x.user_id); accounts != accounts_of_.end())
    for (const auto& name : accounts->second)
      plan.rows.push_back({account_key(name), std::nullopt});
  return plan;
}

caf::expected<admin_plan> admin_state::plan_one(const revoke_token_key& x,
                                                const plan_inputs&) const {
  admin_plan plan;
  plan.answer = true;
  if (revoked_.contains(x.token_key))
    return plan;
  auto expires = x.expires_s == 0 ? 0 : x.expires_s + revocation_slack_s;
  plan.rows.push_back(
      write_row(row_key(row_kind::revocation, x.token_key), {{"expires", expires}}));
  return plan;
}

std::vector<admin_row> admin_state::outdated_revocations(std::int64_t now_ms,
                                                         std::size_t limit) const {
  std::vector<admin_row> rows;
  for (const auto& [when_s, key] : revoked_by_expiry_) {
    if (when_s > now_ms / 1000 || rows.size() == limit)
      break;
    rows.push_back({row_key(row_kind::revocation, key), std::nullopt});
  }
  return rows;
}

caf::expected<admin_plan> admin_state::plan_one(const ensure_realm& x,
                                                const plan_inputs& inputs) const {
  auto may = allowed(x.who, x.path);
  auto key = row_key(row_kind::realm, x.path);
  admin_plan plan;
  if (auto* row = realm(x.path)) {
    if (!may.any())
      return caf::make_error(ec::denied, std::string{"no permission to read this Realm"});
    plan.answer = realm_grant{*row, may};
    return plan;
  }
  if (!may.write || !is_creatable(x.path))
    return caf::make_error(ec::denied, std::string{"no permission to create this Realm"});
  realm_record realm{x.path, inputs.realm_id, {}, inputs.now_ms, x.partition};
  auto home = std::string{first_segment(x.path)};
  if (home.size() + 1 < x.path.size() && users_.contains(home))
    realm.owner = home;
  plan.rows.push_back(write_row(key, {{"id", realm.id},
                                      {"owner", realm.owner},
                                      {"created", realm.created_ms},
                                      {"partition", realm.partition}}));
  plan.rows.push_back(write_row(std::string{realm_counter_key}, {{"next", realm.id + 1}}));
  plan.reads.push_back(row_key(row_kind::user, home));
  plan.reads.push_back(row_key(row_kind::user, x.who.user_id));
  plan.answer = realm_grant{std::move(realm), may};
  return plan;
}

} // namespace ros::actors
