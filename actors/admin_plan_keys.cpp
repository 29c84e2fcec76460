// What changes of credentials, API keys, mailed and revoked tokens would write.
#include "admin_audit.hpp"
#include "admin_state.hpp"

#include <algorithm>

namespace ros::actors {

namespace {

/// Revocations are kept this much longer than the token, since an access token
/// made from a refresh token in its last moments outlives it.
constexpr std::int64_t revocation_slack_s = 24 * 3600;
constexpr std::size_t max_api_keys = 100; ///< of one user
constexpr std::size_t max_key_name = 128;
constexpr std::size_t object_id_digits = 24;

bool is_key_name(const std::string& name) {
  return !name.empty() && name.size() <= max_key_name && std::ranges::all_of(name, [](char c) {
    return (c >= '0' && c <= '9') || (c >= 'A' && c <= 'Z') || (c >= 'a' && c <= 'z') || c == '_' ||
           c == '-';
  });
}

/// Makes all tokens void that the user has, see revoke_user_tokens.
std::int64_t next_tokens_from(const user_table::user& user, std::int64_t now_ms) {
  return std::max(now_ms / 1000, user.tokens_from_s) + 1;
}

} // namespace

admin_state::planned admin_state::plan_one(const set_credential& x,
                                           const plan_inputs& inputs) const {
  const auto* found = users_.find(x.account);
  const auto* old = found ? users_.find(found->user_id) : nullptr;
  if (!old)
    return caf::make_error(auth_ec::unknown_account);
  admin_plan plan;
  plan.answer = true;
  plan.rows.push_back(write_account(x.account, found->user_id, x.credential));
  plan.reads.push_back(user_key(found->user_id));
  if (x.revoke_tokens) {
    auto user = *old;
    user.tokens_from_s = next_tokens_from(user, inputs.now_ms);
    write_changed_user(plan, found->user_id, user);
  }
  if (!x.is_rehash)
    plan.note = make_note(x.by, "set_credential", found->user_id,
                          {{"provider", x.account.provider}, {"revoke_tokens", x.revoke_tokens}});
  return plan;
}

admin_state::planned admin_state::plan_one(const revoke_token_key& x, const plan_inputs&) const {
  admin_plan plan;
  plan.answer = true;
  if (keys_.is_revoked(x.token_key))
    return plan;
  const auto expires = x.expires_s == 0 ? 0 : x.expires_s + revocation_slack_s;
  plan.rows.push_back(
      write_row(row_key(row_kind::revocation, x.token_key), {{"expires", expires}}));
  return plan;
}

// -- API keys -----------------------------------------------------------------------

admin_state::planned admin_state::plan_one(const create_api_key& x,
                                           const plan_inputs& inputs) const {
  if (!users_.find(x.user_id))
    return caf::make_error(auth_ec::unknown_user);
  const auto& accounts = users_.accounts_of(x.user_id);
  if (std::ranges::all_of(accounts,
                          [](const account_name& name) { return name.provider == "anonymous"; }))
    return caf::make_error(ec::denied, std::string{"anonymous users cannot have API keys"});
  if (!is_key_name(x.name))
    return caf::make_error(auth_ec::bad_parameter, std::string{"name"});
  const auto keys = keys_.keys_of(x.user_id);
  if (std::ranges::find(keys, x.name, &api_key_record::name) != keys.end())
    return caf::make_error(auth_ec::key_exists);
  if (keys.size() >= max_api_keys)
    return caf::make_error(auth_ec::quota_exceeded, std::string{"API keys"});
  admin_plan plan;
  api_key_record key{inputs.fresh_id.substr(0, object_id_digits), x.user_id, x.name, false,
                     inputs.now_ms};
  plan.rows.push_back(write_key(key, x.hash));
  plan.reads.push_back(user_key(x.user_id));
  plan.holds.push_back(row_key(row_kind::key, x.user_id, x.name));
  plan.note = make_note(x.by, "create_api_key", x.user_id, {{"key", key.id}, {"name", x.name}});
  plan.answer = std::move(key);
  return plan;
}

admin_state::planned admin_state::plan_one(const enable_api_key& x, const plan_inputs&) const {
  const auto* found = keys_.find_key(x.id);
  if (!found || found->key.user_id != x.user_id)
    return caf::make_error(auth_ec::unknown_key);
  admin_plan plan;
  plan.answer = true;
  if (found->key.disabled != x.enabled)
    return plan;
  auto key = found->key;
  key.disabled = !x.enabled;
  plan.rows.push_back(write_key(key, found->hash));
  plan.reads.push_back(user_key(x.user_id));
  plan.note = make_note(x.by, "enable_api_key", x.user_id, {{"key", x.id}, {"enabled", x.enabled}});
  return plan;
}

admin_state::planned admin_state::plan_one(const delete_api_key& x, const plan_inputs&) const {
  const auto* found = keys_.find_key(x.id);
  if (!found || found->key.user_id != x.user_id)
    return caf::make_error(auth_ec::unknown_key);
  admin_plan plan;
  plan.answer = true;
  plan.rows.push_back(remove_row(row_key(row_kind::key, x.id)));
  plan.note = make_note(x.by, "delete_api_key", x.user_id, {{"key", x.id}});
  return plan;
}

// -- mailed tokens ------------------------------------------------------------------

admin_state::planned admin_state::plan_one(const create_mail_token& x, const plan_inputs&) const {
  const auto* account = users_.find(x.account);
  const auto* user = account ? users_.find(account->user_id) : nullptr;
  if (!user)
    return caf::make_error(auth_ec::unknown_account);
  if (x.purpose == mail_purpose::confirm_email && user->email_confirmed)
    return caf::make_error(auth_ec::already_confirmed);
  admin_plan plan;
  // The newest mail counts, so that there is one token of a kind for an account.
  for (const auto& hash : keys_.mails_of(x.account))
    if (hash != x.hash && keys_.find_mail(hash)->purpose == x.purpose)
      plan.rows.push_back(remove_row(row_key(row_kind::mail, hash)));
  plan.rows.push_back(write_mail(x.hash, {x.purpose, x.account, x.expires_ms}));
  plan.reads = {user_key(account->user_id), account_key(x.account)};
  plan.holds.push_back(row_key(row_kind::mail, account_key(x.account)));
  plan.answer = users_.record(account->user_id, *user);
  return plan;
}

admin_state::planned admin_state::plan_one(const consume_mail_token& x,
                                           const plan_inputs& inputs) const {
  const auto* token = keys_.find_mail(x.hash);
  if (!token || token->purpose != x.purpose || token->expires_ms <= inputs.now_ms)
    return caf::make_error(auth_ec::bad_mail_token);
  const auto* account = users_.find(token->account);
  const auto* old = account ? users_.find(account->user_id) : nullptr;
  if (!old)
    return caf::make_error(auth_ec::bad_mail_token);
  const auto& id = account->user_id;
  admin_plan plan;
  plan.reads = {user_key(id), account_key(token->account)};
  plan.rows.push_back(remove_row(row_key(row_kind::mail, x.hash)));
  auto user = *old;
  user.email_confirmed = true; // whoever got the mail has the address
  if (x.purpose == mail_purpose::reset_password) {
    plan.rows.push_back(write_account(token->account, id, x.credential));
    if (x.revoke_tokens)
      user.tokens_from_s = next_tokens_from(user, inputs.now_ms);
  }
  if (write_user(id, user) != write_user(id, *old))
    write_changed_user(plan, id, user);
  plan.note = make_note(
      x.by, "consume_mail_token", id,
      {{"purpose", x.purpose == mail_purpose::confirm_email ? "confirm_email" : "reset_password"}});
  plan.answer = users_.record(id, user);
  return plan;
}

} // namespace ros::actors
