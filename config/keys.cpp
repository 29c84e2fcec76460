#include "keys.hpp"

#include "settings.hpp"

#include <algorithm>
#include <array>
#include <numeric>
#include <utility>

namespace ros::config {

namespace {

struct collector {
  std::vector<std::string> keys;
  template <class T, class Rule>
  void operator()(const char* key, T&, const Rule&) {
    keys.emplace_back(key);
  }
};

const std::vector<std::string>& known_keys() {
  static const auto keys = [] {
    configuration c;
    collector all;
    visit_settings(c, all);
    return all.keys;
  }();
  return keys;
}

bool is_section(const std::string& key) {
  return std::any_of(known_keys().begin(), known_keys().end(),
                     [&](const std::string& k) { return k.starts_with(key + '.'); });
}

/// Documented for later versions: saying "unknown" would send an operator looking for a typo.
bool is_planned(const std::string& key) {
  constexpr std::array<std::string_view, 13> planned{"auth.providers.google",
                                                     "auth.providers.facebook",
                                                     "auth.providers.cloudkit",
                                                     "auth.providers.azuread",
                                                     "auth.providers.jwt",
                                                     "auth.providers.apple",
                                                     "auth.providers.custom/",
                                                     "app_services.functions",
                                                     "sync.servers",
                                                     "events",
                                                     "metrics",
                                                     "backup",
                                                     "mail"};
  return std::any_of(planned.begin(), planned.end(), [&](std::string_view p) {
    return key == p || (key.starts_with(p) && (p.back() == '/' || key[p.size()] == '.'));
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

std::optional<problem> judge_key(const entry& e) {
  const auto& keys = known_keys();
  if (std::find(keys.begin(), keys.end(), e.key) != keys.end())
    return std::nullopt;
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
