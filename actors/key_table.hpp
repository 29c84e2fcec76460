// API keys, mailed tokens and revoked tokens in memory; of all of them only hashes are
// known. Part of admin_state.
#pragma once

#include "admin_state_rows.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <unordered_map>
#include <utility>
#include <vector>

namespace ros::actors {

class key_table {
public:
  struct stored_key {
    api_key_record key;
    std::string hash;
  };
  struct mail_token {
    mail_purpose purpose = mail_purpose::reset_password;
    account_name account;
    std::int64_t expires_ms = 0;
  };

  [[nodiscard]] bool apply_key(std::string_view id, const admin_row& row);
  [[nodiscard]] bool apply_mail(std::string_view hash, const admin_row& row);
  [[nodiscard]] bool apply_revocation(std::string_view token_key, const admin_row& row);

  [[nodiscard]] const stored_key* find_key(const std::string& id) const;
  [[nodiscard]] const stored_key* find_key_by_hash(const std::string& hash) const;
  /// In order of creation.
  [[nodiscard]] std::vector<api_key_record> keys_of(const std::string& user) const;
  [[nodiscard]] std::size_t keys() const noexcept { return keys_.size(); }

  [[nodiscard]] const mail_token* find_mail(const std::string& hash) const;
  /// Hashes of the tokens mailed for an account.
  [[nodiscard]] std::vector<std::string> mails_of(const account_name& account) const;

  [[nodiscard]] bool is_revoked(const std::string& token_key) const {
    return revoked_.contains(token_key);
  }
  [[nodiscard]] std::size_t revocations() const noexcept { return revoked_.size(); }

  /// Removals of up to `limit` rows that are outdated: revocations whose tokens ran out by
  /// themselves, mailed tokens.
  [[nodiscard]] std::vector<admin_row> outdated(std::int64_t now_ms, std::size_t limit) const;

private:
  std::map<std::string, stored_key> keys_; ///< by id
  std::unordered_map<std::string, std::string> keys_by_hash_;
  std::set<std::pair<std::string, std::string>> keys_by_user_;
  std::unordered_map<std::string, mail_token> mails_; ///< by hash
  std::set<std::pair<account_name, std::string>> mails_by_account_;
  std::set<std::pair<std::int64_t, std::string>> mails_by_expiry_;
  std::unordered_map<std::string, std::int64_t> revoked_; ///< token key -> Unix seconds
  std::set<std::pair<std::int64_t, std::string>> revoked_by_expiry_;
};

admin_row write_key(const api_key_record& key, const std::string& hash);
admin_row write_mail(const std::string& hash, const key_table::mail_token& token);

} // namespace ros::actors
