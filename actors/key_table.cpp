#include "key_table.hpp"

#include <algorithm>

namespace ros::actors {

namespace {

constexpr std::string_view confirm_name = "confirm";
constexpr std::string_view reset_name = "reset";

} // namespace

admin_row write_key(const api_key_record& key, const std::string& hash) {
  return write_row(row_key(row_kind::key, key.id), {{"user", key.user_id},
                                                    {"name", key.name},
                                                    {"hash", hash},
                                                    {"disabled", key.disabled},
                                                    {"created", key.created_ms}});
}

admin_row write_mail(const std::string& hash, const key_table::mail_token& token) {
  auto purpose = token.purpose == mail_purpose::confirm_email ? confirm_name : reset_name;
  return write_row(row_key(row_kind::mail, hash), {{"purpose", purpose},
                                                   {"provider", token.account.provider},
                                                   {"account", token.account.id},
                                                   {"expires", token.expires_ms}});
}

bool key_table::apply_key(std::string_view id, const admin_row& row) {
  stored_key fresh;
  if (row.value) {
    row_reader reader{*row.value};
    fresh = {{std::string{id}, reader.text("user"), reader.text("name"), reader.flag("disabled"),
              reader.number("created")},
             reader.text("hash")};
    if (!reader.ok())
      return false;
  }
  if (auto old = keys_.find(std::string{id}); old != keys_.end()) {
    keys_by_hash_.erase(old->second.hash);
    keys_by_user_.erase({old->second.key.user_id, old->first});
    keys_.erase(old);
  }
  if (row.value) {
    keys_by_hash_.emplace(fresh.hash, id);
    keys_by_user_.emplace(fresh.key.user_id, id);
    keys_.emplace(id, std::move(fresh));
  }
  return true;
}

bool key_table::apply_mail(std::string_view hash, const admin_row& row) {
  mail_token fresh;
  if (row.value) {
    row_reader reader{*row.value};
    auto purpose = reader.text("purpose");
    fresh = {purpose == confirm_name ? mail_purpose::confirm_email : mail_purpose::reset_password,
             {reader.text("provider"), reader.text("account")},
             reader.number("expires")};
    if (!reader.ok() || (purpose != confirm_name && purpose != reset_name))
      return false;
  }
  std::string key{hash};
  if (auto old = mails_.find(key); old != mails_.end()) {
    mails_by_account_.erase({old->second.account, key});
    mails_by_expiry_.erase({old->second.expires_ms, key});
    mails_.erase(old);
  }
  if (row.value) {
    mails_by_account_.emplace(fresh.account, key);
    mails_by_expiry_.emplace(fresh.expires_ms, key);
    mails_.emplace(std::move(key), std::move(fresh));
  }
  return true;
}

bool key_table::apply_revocation(std::string_view token_key, const admin_row& row) {
  std::int64_t expires = 0;
  if (row.value) {
    row_reader reader{*row.value};
    expires = reader.number("expires");
    if (!reader.ok())
      return false;
  }
  std::string key{token_key};
  if (auto old = revoked_.find(key); old != revoked_.end()) {
    revoked_by_expiry_.erase({old->second, key});
    revoked_.erase(old);
  }
  if (row.value) {
    if (expires != 0) // others stay for ever
      revoked_by_expiry_.emplace(expires, key);
    revoked_.emplace(std::move(key), expires);
  }
  return true;
}

const key_table::stored_key* key_table::find_key(const std::string& id) const {
  auto found = keys_.find(id);
  return found == keys_.end() ? nullptr : &found->second;
}

const key_table::stored_key* key_table::find_key_by_hash(const std::string& hash) const {
  auto found = keys_by_hash_.find(hash);
  return found == keys_by_hash_.end() ? nullptr : find_key(found->second);
}

std::vector<api_key_record> key_table::keys_of(const std::string& user) const {
  std::vector<api_key_record> result;
  for (auto i = keys_by_user_.lower_bound({user, {}}); i != keys_by_user_.end() && i->first == user;
       ++i)
    result.push_back(keys_.at(i->second).key);
  std::ranges::stable_sort(result, {}, &api_key_record::created_ms);
  return result;
}

const key_table::mail_token* key_table::find_mail(const std::string& hash) const {
  auto found = mails_.find(hash);
  return found == mails_.end() ? nullptr : &found->second;
}

std::vector<std::string> key_table::mails_of(const account_name& account) const {
  std::vector<std::string> result;
  for (auto i = mails_by_account_.lower_bound({account, {}});
       i != mails_by_account_.end() && i->first == account; ++i)
    result.push_back(i->second);
  return result;
}

std::vector<admin_row> key_table::outdated(std::int64_t now_ms, std::size_t limit) const {
  std::vector<admin_row> rows;
  for (const auto& [when_s, key] : revoked_by_expiry_) {
    if (when_s > now_ms / 1000 || rows.size() == limit)
      break;
    rows.push_back(remove_row(row_key(row_kind::revocation, key)));
  }
  for (const auto& [when_ms, hash] : mails_by_expiry_) {
    if (when_ms > now_ms || rows.size() == limit)
      break;
    rows.push_back(remove_row(row_key(row_kind::mail, hash)));
  }
  return rows;
}

} // namespace ros::actors
