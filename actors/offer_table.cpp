#include "offer_table.hpp"

#include <algorithm>

namespace ros::actors {

std::string offer_row_key(const offer_record& offer) {
  return row_key(row_kind::offer, offer.offerer, offer.id);
}

admin_row write_offer(const offer_record& offer) {
  return write_row(offer_row_key(offer), {{"path", offer.path},
                                          {"rights", write_rights(offer.allowed)},
                                          {"created", offer.created_ms},
                                          {"expires", offer.expires_ms}});
}

bool offer_table::apply(std::string_view name, const admin_row& row) {
  auto parts = split_name(name);
  if (!parts)
    return false;
  offer_key key{std::string{parts->first}, std::string{parts->second}};
  offer_record fresh;
  if (row.value) {
    row_reader reader{*row.value};
    fresh = {key.second,
             key.first,
             reader.text("path"),
             reader.allowed("rights"),
             reader.number("created"),
             reader.number("expires")};
    if (!reader.ok())
      return false;
  }
  if (auto old = offers_.find(key); old != offers_.end()) {
    by_path_.erase({old->second.path, key});
    by_id_.erase({key.second, key});
    offers_.erase(old);
  }
  if (row.value) {
    by_path_.emplace(fresh.path, key);
    by_id_.emplace(key.second, key);
    offers_.emplace(std::move(key), std::move(fresh));
  }
  return true;
}

const offer_record* offer_table::find(const std::string& offerer, const std::string& id) const {
  auto found = offers_.find({offerer, id});
  return found == offers_.end() ? nullptr : &found->second;
}

std::vector<const offer_record*> offer_table::find(std::string_view token) const {
  std::vector<const offer_record*> result;
  auto colon = token.find(':');
  if (colon != std::string_view::npos) {
    if (auto* x = find(std::string{token.substr(0, colon)}, std::string{token.substr(colon + 1)}))
      result.push_back(x);
    return result;
  }
  const std::string id{token};
  for (auto i = by_id_.lower_bound({id, {}}); i != by_id_.end() && i->first == id; ++i)
    result.push_back(&offers_.at(i->second));
  return result;
}

std::vector<offer_record> offer_table::of_user(const std::string& offerer) const {
  std::vector<offer_record> result;
  for (auto i = offers_.lower_bound({offerer, {}}); i != offers_.end() && i->first.first == offerer;
       ++i)
    result.push_back(i->second);
  std::ranges::stable_sort(result, {}, &offer_record::created_ms);
  return result;
}

std::vector<offer_record> offer_table::of_path(const std::string& path) const {
  std::vector<offer_record> result;
  for (auto i = by_path_.lower_bound({path, {}}); i != by_path_.end() && i->first == path; ++i)
    result.push_back(offers_.at(i->second));
  return result;
}

} // namespace ros::actors
