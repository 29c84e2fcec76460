#include "user_table.hpp"

namespace json = boost::json;

namespace ros::actors {

admin_row write_user(std::string_view id, const user_table::user& x) {
  json::object value{{"admin", x.is_admin}, {"suspended", x.suspended}, {"created", x.created_ms}};
  if (x.email_confirmed)
    value["confirmed"] = true;
  if (x.pending)
    value["pending"] = true;
  if (x.tokens_from_s != 0)
    value["tokens_from"] = x.tokens_from_s;
  if (!x.metadata.empty())
    value["metadata"] = write_metadata(x.metadata);
  return write_row(row_key(row_kind::user, id), value);
}

admin_row write_account(const account_name& name, const std::string& user_id,
                        const std::string& credential) {
  return write_row(account_key(name), {{"user", user_id}, {"credential", credential}});
}

void user_table::unlist(const std::string& id, const user& x) {
  admins_.erase(id);
  for (const auto& row : x.metadata)
    by_metadata_.erase({row, id});
}

bool user_table::apply_user(std::string_view id, const admin_row& row) {
  user fresh;
  if (row.value) {
    row_reader reader{*row.value};
    fresh = {
        reader.flag("admin"),          reader.flag("suspended"), reader.flag("confirmed", false),
        reader.flag("pending", false), reader.number("created"), reader.number("tokens_from", 0),
        reader.metadata("metadata")};
    if (!reader.ok())
      return false;
  }
  if (auto old = users_.find(id); old != users_.end()) {
    unlist(old->first, old->second);
    if (!row.value)
      users_.erase(old);
  }
  if (!row.value)
    return true;
  // Rows come in order of their keys when all are read.
  auto found = users_.insert_or_assign(users_.end(), std::string{id}, std::move(fresh));
  if (found->second.is_admin && !found->second.suspended)
    admins_.insert(found->first);
  for (const auto& data : found->second.metadata)
    by_metadata_.emplace(data, found->first);
  return true;
}

bool user_table::apply_account(std::string_view name, const admin_row& row) {
  auto parts = split_name(name);
  if (!parts)
    return false;
  account_name parsed{std::string{parts->first}, std::string{parts->second}};
  account fresh;
  if (row.value) {
    row_reader reader{*row.value};
    fresh = {reader.text("user"), reader.text("credential")};
    if (!reader.ok())
      return false;
  }
  if (auto old = accounts_.find(parsed); old != accounts_.end()) {
    auto of_user = accounts_of_.find(old->second.user_id);
    of_user->second.erase(parsed);
    if (of_user->second.empty())
      accounts_of_.erase(of_user);
    accounts_.erase(old);
  }
  if (row.value) {
    accounts_of_[fresh.user_id].insert(parsed);
    accounts_.emplace_hint(accounts_.end(), std::move(parsed), std::move(fresh));
  }
  return true;
}

const user_table::user* user_table::find(std::string_view id) const {
  auto found = users_.find(id);
  return found == users_.end() ? nullptr : &found->second;
}

const user_table::account* user_table::find(const account_name& name) const {
  auto found = accounts_.find(name);
  return found == accounts_.end() ? nullptr : &found->second;
}

const std::set<account_name>& user_table::accounts_of(std::string_view id) const {
  static const std::set<account_name> none;
  auto found = accounts_of_.find(id);
  return found == accounts_of_.end() ? none : found->second;
}

std::vector<std::string> user_table::with_metadata(const metadata_row& row,
                                                   std::size_t limit) const {
  std::vector<std::string> result;
  for (auto i = by_metadata_.lower_bound({row, {}}); i != by_metadata_.end(); ++i) {
    if (i->first != row || result.size() == limit)
      break;
    result.push_back(i->second);
  }
  return result;
}

user_record user_table::record(std::string_view id, const user& x) const {
  const auto& accounts = accounts_of(id);
  return {std::string{id},
          x.is_admin,
          x.suspended,
          x.created_ms,
          {accounts.begin(), accounts.end()},
          x.metadata,
          x.email_confirmed,
          x.tokens_from_s};
}

} // namespace ros::actors
