#include "keys.hpp"

#include "settings.hpp"

#include <algorithm>
#include <array>
#include <map>
#include <numeric>
#include <utility>

namespace ros::config {

namespace {

struct webhook_keys {
  std::string prefix, url_name;
};

struct collector {
  std::vector<std::string> keys;
  std::vector<webhook_keys> webhooks_;
  std::vector<std::string> open; ///< sections in which operators choose the names
  bool section(const char* key, bool&) {
    keys.emplace_back(key);
    return true;
  }
  void webhooks(const char* prefix, const char* url_name, webhook_map&) {
    webhooks_.push_back({prefix, url_name});
  }
  void scalars(const char* key, std::map<std::string, std::string>&) {
    keys.emplace_back(key);
    open.push_back(std::string(key) + '.');
  }
  template <class T, class Rule>
  void operator()(const char* key, T&, const Rule&) {
    keys.emplace_back(key);
  }
};

const collector& all_keys() {
  static const auto keys = [] {
    configuration c;
    collector all;
    visit_settings(c, all);
    return all;
  }();
  return keys;
}

const std::vector<std::string>& known_keys() {
  return all_keys().keys;
}

bool is_name(const std::string& text) {
  constexpr std::size_t longest = 64;
  const auto good = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789_.-";
  return !text.empty() && text.size() <= longest &&
         text.find_first_not_of(good) == std::string::npos;
}

/// What is wrong with a key of a section in which operators choose the names; empty: nothing.
/// Nothing at all for keys of other sections.
std::optional<std::string> judge_named(const entry& e) {
  for (const auto& prefix : all_keys().open)
    if (e.key.starts_with(prefix))
      return std::string{};
  for (const auto& hook : all_keys().webhooks_) {
    if (!e.key.starts_with(hook.prefix))
      continue;
    const auto [name, leaf] = split_webhook_key(e.key.substr(hook.prefix.size()));
    if (leaf == "implementation" || leaf == "include_path")
      return "is not supported: let " + hook.url_name + " name a web service that decides";
    if (!is_name(name))
      return "the name has to consist of letters, digits, '_', '.' and '-'";
    if (leaf.empty() && e.what != entry::shape::nothing && e.what != entry::shape::mapping)
      return std::string("is a section: settings go indented below it");
    if (leaf.empty() || leaf == hook.url_name || leaf == "secret")
      return std::string{};
    return "unknown key; there are " + hook.url_name + " and secret";
  }
  return std::nullopt;
}

bool is_section(const std::string& key) {
  return std::any_of(known_keys().begin(), known_keys().end(),
                     [&](const std::string& k) { return k.starts_with(key + '.'); });
}

/// Documented for later versions: saying "unknown" would send an operator looking for a typo.
bool is_planned(const std::string& key) {
  constexpr std::array<std::string_view, 4> planned{"sync.servers", "events", "metrics", "backup"};
  return std::any_of(planned.begin(), planned.end(), [&](std::string_view p) {
    return key == p || (key.starts_with(p) && key[p.size()] == '.');
  });
}

/// Levenshtein's.
std::size_t distance(std::string_view a, std::string_view b) {
  std::vector<std::size_t> row(b.size() + 1);
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    auto diagonal = std::exchange(row[0], i + 1);
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t change = diagonal + (a[i] == b[j] ? 0 : 1);
      diagonal = row[j + 1];
      row[j + 1] = std::min({change, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

std::pair<std::string_view, std::string_view> split_last(std::string_view key) {
  const auto dot = key.rfind('.');
  if (dot == std::string_view::npos)
    return {{}, key};
  return {key.substr(0, dot), key.substr(dot + 1)};
}

/// The key that was probably meant; empty if none is near.
std::string nearest(const std::string& key) {
  constexpr std::size_t longest = 100;
  if (key.size() > longest)
    return {};
  const auto& keys = known_keys();
  const auto [section, name] = split_last(key);
  for (const auto& k : keys) // "port" for "listen_port", or the right name in a wrong section
    if (const auto [s, n] = split_last(k);
        s == section && !name.empty() && n.find(name) != std::string_view::npos)
      return k;
  const auto best = std::min_element(keys.begin(), keys.end(), [&](const auto& a, const auto& b) {
    return distance(key, a) < distance(key, b);
  });
  if (distance(key, *best) <= std::max<std::size_t>(2, key.size() / 5))
    return *best;
  const auto moved = std::find_if(
      keys.begin(), keys.end(), [&, n = name](const auto& k) { return split_last(k).second == n; });
  return moved == keys.end() ? std::string{} : *moved;
}

} // namespace

std::pair<std::string, std::string> split_webhook_key(const std::string& text) {
  const auto dot = text.rfind('.');
  if (dot == std::string::npos)
    return {text, {}};
  return {text.substr(0, dot), text.substr(dot + 1)};
}

std::optional<problem> judge_key(const entry& e) {
  const auto& keys = known_keys();
  if (std::find(keys.begin(), keys.end(), e.key) != keys.end())
    return std::nullopt;
  if (auto wrong = judge_named(e)) {
    if (wrong->empty())
      return std::nullopt;
    return problem{severity::error, e.key_where, e.key, std::move(*wrong)};
  }
  if (e.key == "auth.providers_include_path")
    return problem{severity::warning, e.key_where, e.key,
                   "is ignored: providers are built in or web hooks"};
  if (is_section(e.key)) {
    if (e.what == entry::shape::nothing || e.what == entry::shape::mapping)
      return problem{severity::warning, e.key_where, e.key, "is an empty section"};
    return problem{severity::error, e.where, e.key, "is a section: settings go indented below it"};
  }
  if (is_planned(e.key))
    return problem{severity::error, e.key_where, e.key, "is not available in this version"};
  const auto meant = nearest(e.key);
  return problem{severity::error, e.key_where, e.key,
                 "unknown key" + (meant.empty() ? "" : "; did you mean " + meant + "?")};
}

} // namespace ros::config
