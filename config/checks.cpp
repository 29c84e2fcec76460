#include "checks.hpp"

#include <algorithm>
#include <array>
#include <climits>
#include <tuple>

namespace ros::config {

namespace {

void need(load_result& r, const std::string& value, const char* key, const char* option) {
  if (value.empty() && !is_refused(r, key))
    complain(r, severity::error, key,
             std::string("is missing; set it in the configuration file or with ") + option);
}

struct listener {
  const char* name; ///< the section
  bool enabled;
  const endpoint& at;
};

std::array<listener, 4> listeners(const configuration& c) {
  return {{{"network.sync", true, c.network.sync.listen},
           {"network.http", true, c.network.http.listen},
           {"proxy.http", c.proxy.http_enable, c.proxy.http},
           {"proxy.https", c.proxy.https_enable, c.proxy.https}}};
}

std::string port_key(const listener& l) {
  return std::string(l.name) + ".listen_port";
}

/// " line 9", or where else the value comes from.
std::string described(const load_result& r, const std::string& key) {
  const auto at = r.places.find(key);
  if (at == r.places.end())
    return key + ", its default";
  if (at->second.line == 0)
    return key + ", " + at->second.file;
  return key + ", line " + std::to_string(at->second.line);
}

/// In the order of the text, so that the later one is at fault; defaults come first.
std::tuple<bool, unsigned> position(const load_result& r, const std::string& key) {
  const auto at = r.places.find(key);
  if (at == r.places.end())
    return {false, 0};
  return {true, at->second.line == 0 ? UINT_MAX : at->second.line};
}

void check_ports(load_result& r) {
  const auto all = listeners(r.value);
  for (const auto& a : all)
    for (const auto& b : all) {
      if (&a >= &b || !a.enabled || !b.enabled || a.at.port == 0 || a.at.port != b.at.port)
        continue;
      auto first = port_key(a), second = port_key(b);
      if (position(r, second) < position(r, first))
        std::swap(first, second);
      complain(r, severity::error, second,
               "port " + std::to_string(a.at.port) + " is used twice (also " + described(r, first) +
                   ")");
    }
}

bool is_loopback(const std::string& address) {
  return address == "localhost" || address == "::1" || address.starts_with("127.");
}

void check_reach(load_result& r) {
  const auto all = listeners(r.value);
  const bool reachable = std::any_of(all.begin(), all.end(), [](const listener& l) {
    return l.enabled && !is_loopback(l.at.address);
  });
  if (!reachable)
    complain(r, severity::warning, "proxy.http.listen_address",
             "no listener can be reached from other hosts");
}

void check_https(load_result& r) {
  const auto& proxy = r.value.proxy;
  const auto need_file = [&](const std::string& path, const char* key) {
    if (proxy.https_enable && path.empty() && !is_refused(r, key))
      complain(r, severity::error, key, "is missing: proxy.https.enable needs it");
  };
  need_file(proxy.https_certificate_path, "proxy.https.certificate_path");
  need_file(proxy.https_private_key_path, "proxy.https.private_key_path");
}

void check_texts(load_result& r) {
  const auto& prefix = r.value.network.sync_route_prefix;
  if (!prefix.starts_with('/') || prefix.size() < 2 || prefix.ends_with('/') ||
      prefix.find_first_of("?# %") != std::string::npos)
    complain(r, severity::error, "network.sync.route_prefix",
             '"' + prefix + "\" is no route: \"/\" and a name, without \"/\" at the end");
  if (r.value.auth.admin_token_path.empty())
    complain(r, severity::error, "auth.admin_token_path", "must name a file");
}

void check_providers(load_result& r) {
  const auto warn = [&](bool on, const char* name) {
    if (on)
      complain(r, severity::warning, std::string("auth.providers.") + name,
               "lets clients in without proof of who they are");
  };
  warn(r.value.auth.anonymous, "anonymous");
  warn(r.value.auth.nickname, "nickname");
  warn(r.value.auth.debug, "debug");
}

} // namespace

void complain(load_result& r, severity level, const std::string& key, std::string reason) {
  const auto at = r.places.find(key);
  r.problems.push_back(
      {level, at == r.places.end() ? place{r.file, 0, 0, {}} : at->second, key, std::move(reason)});
}

bool is_refused(const load_result& r, const std::string& key) {
  return std::any_of(r.problems.begin(), r.problems.end(),
                     [&](const problem& p) { return p.level == severity::error && p.key == key; });
}

void sort_problems(load_result& r) {
  const auto rank = [&](const problem& p) {
    const bool command_line = p.where.line == 0 && p.where.file != r.file;
    const auto line = p.where.line == 0 ? UINT_MAX : p.where.line;
    return std::tuple(command_line, line, p.where.column);
  };
  std::stable_sort(r.problems.begin(), r.problems.end(),
                   [&](const problem& a, const problem& b) { return rank(a) < rank(b); });
}

void check_values(load_result& r) {
  need(r, r.value.storage.root_path, "storage.root_path", "--root");
  need(r, r.value.auth.public_key_path, "auth.public_key_path", "--public-key");
  need(r, r.value.auth.private_key_path, "auth.private_key_path", "--private-key");
  check_texts(r);
  check_ports(r);
  check_https(r);
  check_reach(r);
  check_providers(r);
  check_provider_values(r);
}

} // namespace ros::config
