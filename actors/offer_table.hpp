// Permission offers in memory (access-control.md 6.4). Part of admin_state.
#pragma once

#include "admin_state_rows.hpp"

#include <map>
#include <set>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace ros::actors {

class offer_table {
public:
  [[nodiscard]] bool apply(std::string_view name, const admin_row& row);

  [[nodiscard]] const offer_record* find(const std::string& offerer, const std::string& id) const;
  /// All that the token may mean: one behind "<offerer>:", or any of that id without.
  [[nodiscard]] std::vector<const offer_record*> find(std::string_view token) const;
  /// In order of creation.
  [[nodiscard]] std::vector<offer_record> of_user(const std::string& offerer) const;
  [[nodiscard]] std::vector<offer_record> of_path(const std::string& path) const;
  [[nodiscard]] std::size_t size() const noexcept { return offers_.size(); }

private:
  using offer_key = std::pair<std::string, std::string>; ///< offerer, id
  using offer_index = std::set<std::pair<std::string, offer_key>>;

  std::map<offer_key, offer_record> offers_;
  offer_index by_path_;
  offer_index by_id_;
};

std::string offer_row_key(const offer_record& offer);
admin_row write_offer(const offer_record& offer);

} // namespace ros::actors
