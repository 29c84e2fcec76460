#include "admin_state.hpp"

#include "admin_state_rows.hpp"
#include "realm_path.hpp"

#include <boost/json/object.hpp>
#include <boost/json/parse.hpp>

#include <algorithm>

namespace json = boost::json;

namespace ros::actors {

std::string row_key(row_kind kind, std::string_view name) {
  std::string key{static_cast<char>(kind), '/'};
  return key.append(name);
}

std::string account_key(const account_name& name) {
  return row_key(row_kind::account, name.provider + '\0' + name.id);
}

std::optional<account_name> parse_account_name(std::string_view name) {
  auto separator = name.find('\0');
  if (separator == std::string_view::npos)
    return std::nullopt;
  return account_name{std::string{name.substr(0, separator)},
                      std::string{name.substr(separator + 1)}};
}

namespace {

/// Members of a row's value; a missing or mistyped one leaves ok() false.
class row_reader {
public:
  explicit row_reader(const std::string& text) {
    boost::system::error_code failed;
    // Names and partition texts are written as they came, whatever their encoding.
    json::parse_options options;
    options.allow_invalid_utf8 = true;
    auto value = json::parse(text, failed, {}, options);
    if (auto* object = failed ? nullptr : value.if_object())
      object_ = std::move(*object);
    else
      ok_ = false;
  }
  [[nodiscard]] bool ok() const noexcept { return ok_; }
  std::string text(std::string_view name) {
    auto* found = object_.if_contains(name);
    if (found && found->is_string())
      return std::string{found->get_string()};
    ok_ = false;
    return {};
  }
  std::int64_t number(std::string_view name) {
    auto* found = object_.if_contains(name);
    if (found && found->is_int64())
      return found->get_int64();
    ok_ = false;
    return 0;
  }
  bool flag(std::string_view name) {
    auto* found = object_.if_contains(name);
    if (found && found->is_bool())
      return found->get_bool();
    ok_ = false;
    return false;
  }

private:
  json::object object_;
  bool ok_ = true;
};

} // namespace

bool admin_state::apply(const admin_row& row) {
  if (row.key.size() < 2 || row.key[1] != '/')
    return false;
  auto name = row.key.substr(2);
  switch (static_cast<row_kind>(row.key[0])) {
  case row_kind::account:
    return apply_account(name, row);
  case row_kind::realm:
    return apply_realm(name, row);
  case row_kind::revocation:
    return apply_revocation(name, row);
  case row_kind::user:
    return apply_user(name, row);
  case row_kind::counter: {
    if (row.key != realm_counter_key || !row.value)
      return false;
    row_reader reader{*row.value};
    auto next = static_cast<std::uint64_t>(reader.number("next"));
    if (reader.ok())
      next_realm_id_ = std::max(next_realm_id_, next);
    return reader.ok();
  }
  }
  return false;
}

bool admin_state::apply_user(const std::string& id, const admin_row& row) {
  if (!row.value) {
    users_.erase(id);
    return true;
  }
  row_reader reader{*row.value};
  user_row user{reader.flag("admin"), reader.flag("suspended"), reader.number("created")};
  if (reader.ok())
    users_.insert_or_assign(id, user);
  return reader.ok();
}

bool admin_state::apply_account(const std::string& name, const admin_row& row) {
  auto parsed = parse_account_name(name);
  if (!parsed)
    return false;
  account_row account;
  if (row.value) {
    row_reader reader{*row.value};
    account = {reader.text("user"), reader.text("credential")};
    if (!reader.ok())
      return false;
  }
  if (auto old = accounts_.find(*parsed); old != accounts_.end()) {
    auto of_user = accounts_of_.find(old->second.user_id);
    of_user->second.erase(*parsed);
    if (of_user->second.empty())
      accounts_of_.erase(of_user);
    accounts_.erase(old);
  }
  if (row.value) {
    accounts_of_[account.user_id].insert(*parsed);
    accounts_.emplace(std::move(*parsed), std::move(account));
  }
  return true;
}

bool admin_state::apply_realm(const std::string& path, const admin_row& row) {
  if (!row.value) {
    realms_.erase(path);
    return true;
  }
  row_reader reader{*row.value};
  realm_record realm{path, static_cast<std::uint64_t>(reader.number("id")), reader.text("owner"),
                     reader.number("created"), reader.text("partition")};
  if (!reader.ok() || realm.id == 0)
    return false;
  next_realm_id_ = std::max(next_realm_id_, realm.id + 1);
  realms_.insert_or_assign(path, std::move(realm));
  return true;
}

bool admin_state::apply_revocation(const std::string& token_key, const admin_row& row) {
  std::int64_t expires = 0;
  if (row.value) {
    row_reader reader{*row.value};
    expires = reader.number("expires");
    if (!reader.ok())
      return false;
  }
  if (auto old = revoked_.find(token_key); old != revoked_.end()) {
    revoked_by_expiry_.erase({old->second, token_key});
    revoked_.erase(old);
  }
  if (row.value) {
    revoked_.emplace(token_key, expires);
    if (expires != 0) // others stay for ever
      revoked_by_expiry_.emplace(expires, token_key);
  }
  return true;
}

std::optional<user_record> admin_state::user(const std::string& id) const {
  auto found = users_.find(id);
  if (found == users_.end())
    return std::nullopt;
  const auto& row = found->second;
  user_record result{id, row.is_admin, row.suspended, row.created_ms};
  if (auto accounts = accounts_of_.find(id); accounts != accounts_of_.end())
    result.accounts.assign(accounts->second.begin(), accounts->second.end());
  return result;
}

account_record admin_state::account(const account_name& name) const {
  auto found = accounts_.find(name);
  if (found == accounts_.end())
    return {};
  auto user = users_.find(found->second.user_id);
  if (user == users_.end())
    return {};
  return {found->second.user_id, found->second.credential, user->second.suspended};
}

const realm_record* admin_state::realm(const std::string& path) const {
  auto found = realms_.find(path);
  return found == realms_.end() ? nullptr : &found->second;
}

caf::expected<caller> admin_state::check(const check_token& token) const {
  if (revoked_.contains(token.token_key))
    return caf::make_error(auth_ec::revoked_token);
  if (token.user_id == admin_user_id)
    return caller{token.user_id, true};
  auto user = users_.find(token.user_id);
  if (user == users_.end())
    return caf::make_error(auth_ec::unknown_user);
  if (user->second.suspended)
    return caf::make_error(auth_ec::user_disabled);
  return caller{token.user_id, user->second.is_admin};
}

rights admin_state::allowed(const caller& who, const std::string& path) const {
  // Only the built-in administrator is believed without a row (http-api.md 3.3).
  if (who.user_id == admin_user_id && who.is_admin)
    return all_rights;
  auto user = users_.find(who.user_id);
  if (user == users_.end() || user->second.suspended)
    return no_rights;
  if (user->second.is_admin)
    return all_rights;
  auto root = first_segment(path);
  if (root.size() + 1 == path.size()) // nothing of ordinary users is in the root
    return no_rights;
  auto rest = std::string_view{path}.substr(root.size() + 2);
  if (root == who.user_id)
    return all_rights;
  if (root != "__partition")
    return no_rights;
  if (rest == partition_segment(who.user_id) || rest == partition_segment("user=" + who.user_id))
    return all_rights;
  return partition_default_ & read_write;
}

} // namespace ros::actors
