#include "config/load.hpp"

#include <gtest/gtest.h>

#include <algorithm>

namespace ros::config {
namespace {

const std::string mandatory = "storage: {root_path: /r}\n"
                              "auth: {public_key_path: /p, private_key_path: /k}\n";

load_result read(const std::string& yaml, const command_line& options = {}) {
  return load_text(yaml, "c.yml", options);
}

/// Reads what must be free of errors.
configuration good(const std::string& yaml, const command_line& options = {}) {
  const auto r = read(yaml, options);
  for (const auto& p : r.problems)
    EXPECT_EQ(p.level, severity::warning) << p.text();
  return r.value;
}

command_line set(std::vector<std::string> assignments) {
  command_line c;
  c.set = std::move(assignments);
  return c;
}

std::vector<std::string> warnings(const std::string& yaml) {
  std::vector<std::string> out;
  for (const auto& p : read(yaml).problems)
    if (p.level == severity::warning)
      out.push_back(p.key + ": " + p.reason);
  return out;
}

TEST(load, the_mandatory_settings_suffice_and_the_rest_are_the_documented_defaults) {
  const auto c = good(mandatory);
  EXPECT_EQ(c.storage.root_path, "/r");
  EXPECT_EQ(c.auth.public_key_path, "/p");
  EXPECT_EQ(c.auth.private_key_path, "/k");
  auto expected = configuration{};
  expected.storage.root_path = "/r";
  expected.auth.public_key_path = "/p";
  expected.auth.private_key_path = "/k";
  EXPECT_EQ(print(c), print(expected));
  EXPECT_TRUE(read(mandatory).problems.empty());
  EXPECT_EQ(c.network.sync.listen.port, 27800);
  EXPECT_EQ(c.network.http.listen.port, 27080);
  EXPECT_EQ(c.proxy.http.port, 9080);
  EXPECT_EQ(c.proxy.http.address, "::");
  EXPECT_FALSE(c.proxy.https_enable);
  EXPECT_EQ(c.logging.level, "info");
  EXPECT_EQ(c.auth.access_token_ttl_s, 600);
}

TEST(load, an_empty_file_asks_for_exactly_the_mandatory_settings) {
  for (const auto* nothing : {"", "# only a comment\n", "---\n", "{}\n", "storage:\nauth:\n"}) {
    std::vector<std::string> errors;
    for (const auto& p : read(nothing).problems)
      if (p.level == severity::error)
        errors.push_back(p.text());
    EXPECT_EQ(errors,
              (std::vector<std::string>{
                  "c.yml: error: storage.root_path: is missing; set it in the configuration file "
                  "or with --root",
                  "c.yml: error: auth.public_key_path: is missing; set it in the configuration "
                  "file or with --public-key",
                  "c.yml: error: auth.private_key_path: is missing; set it in the configuration "
                  "file or with --private-key"}))
        << nothing;
  }
}

TEST(load, every_mandatory_setting_may_come_from_file_or_command_line) {
  for (unsigned mask = 0; mask < 8; ++mask) {
    std::string yaml;
    command_line options;
    if ((mask & 1) != 0)
      yaml += "storage:\n  root_path: /r\n";
    else
      options.root = "/r";
    if ((mask & 6) != 0)
      yaml += "auth:\n";
    if ((mask & 2) != 0)
      yaml += "  public_key_path: /p\n";
    else
      options.public_key = "/p";
    if ((mask & 4) != 0)
      yaml += "  private_key_path: /k\n";
    else
      options.private_key = "/k";
    const auto c = good(yaml, options);
    EXPECT_EQ(c.storage.root_path, "/r") << mask;
    EXPECT_EQ(c.auth.public_key_path, "/p") << mask;
    EXPECT_EQ(c.auth.private_key_path, "/k") << mask;
  }
}

TEST(load, the_command_line_wins_over_the_file_and_the_last_word_counts) {
  auto options = set(
      {"network.sync.listen_port=1", "network.sync.listen_port=2", "storage.root_path=/from-set"});
  options.root = "/from-root";
  options.log_level = "debug";
  options.log_path = "/l";
  const auto c = good(mandatory + "network:\n  sync:\n    listen_port: 3\n"
                                  "logging: {level: warn, path: /other}\n",
                      options);
  EXPECT_EQ(c.network.sync.listen.port, 2);
  EXPECT_EQ(c.storage.root_path, "/from-set");
  EXPECT_EQ(c.logging.level, "debug");
  EXPECT_EQ(c.logging.path, "/l");
}

TEST(load, values_of_every_kind_are_read) {
  const auto c = good(mandatory + R"(
network:
  sync: {listen_address: "::1", listen_port: 0, idle_timeout: 10m, route_prefix: /x/realm-sync}
  http:
    listen_address: localhost
    request_timeout: 45s
    cors_origins: ["https://a.example", 'https://b.example']
proxy:
  http: {enable: False, listen_port: 65535, listen_address: 0.0.0.0}
  trusted_proxies: [10.0.0.0/8, "fd00::/8", 192.0.2.1]
sync:
  max_upload_size: 16MB
  max_download_size: 1048576
  history_ttl: 60d
performance: {memory_budget: 2GB, io_threads: 3}
app_services:
  ttls: {access_token: 1h, refresh_token: 90}
  public_url: https://sync.example.com
  partition_default: write
  app_ids: one
logging: {level: off, format: json, path: }
)");
  EXPECT_EQ(c.network.sync.listen.address, "::1");
  EXPECT_EQ(c.network.sync.listen.port, 0);
  EXPECT_EQ(c.network.sync.idle_timeout_s, 600);
  EXPECT_EQ(c.network.sync_route_prefix, "/x/realm-sync");
  EXPECT_EQ(c.network.http.listen.address, "localhost");
  EXPECT_EQ(c.network.http.request_timeout_s, 45);
  EXPECT_EQ(c.network.cors_origins,
            (std::vector<std::string>{"https://a.example", "https://b.example"}));
  EXPECT_FALSE(c.proxy.http_enable);
  EXPECT_EQ(c.proxy.http.port, 65535);
  EXPECT_EQ(c.proxy.trusted_proxies,
            (std::vector<std::string>{"10.0.0.0/8", "fd00::/8", "192.0.2.1"}));
  EXPECT_EQ(c.sync.max_upload_size, 16 << 20);
  EXPECT_EQ(c.sync.max_download_size, 1 << 20);
  EXPECT_EQ(c.sync.history_ttl_s, 60 * 86'400);
  EXPECT_EQ(c.performance.memory_budget, 2LL << 30);
  EXPECT_EQ(c.performance.io_threads, 3);
  EXPECT_EQ(c.app_services.access_token_ttl_s, 3600);
  EXPECT_EQ(c.app_services.refresh_token_ttl_s, 90);
  EXPECT_EQ(c.app_services.public_url, "https://sync.example.com");
  EXPECT_EQ(c.app_services.partition_default, "write");
  EXPECT_EQ(c.app_services.app_ids, std::vector<std::string>{"one"});
  EXPECT_EQ(c.logging.level, "off");
  EXPECT_EQ(c.logging.format, "json");
  EXPECT_EQ(c.logging.path, "");
}

TEST(load, paths_are_taken_as_they_are_written) {
  const auto c = good("storage: {root_path: ./data}\n"
                      "auth: {public_key_path: ../k.pub, private_key_path: ~/$HOME/k}\n");
  EXPECT_EQ(c.storage.root_path, "./data") << "relative to the working directory, not the file";
  EXPECT_EQ(c.auth.public_key_path, "../k.pub");
  EXPECT_EQ(c.auth.private_key_path, "~/$HOME/k") << "nothing is expanded";
}

TEST(load, a_stanza_switches_its_provider_on_with_a_warning) {
  const auto yaml = "storage: {root_path: /r}\nauth:\n  public_key_path: /p\n"
                    "  private_key_path: /k\n  providers:\n    anonymous: {}\n    debug:\n"
                    "    password: {auto_register: true, argon2_memory: 32MB}\n";
  const auto c = good(yaml);
  EXPECT_TRUE(c.auth.anonymous);
  EXPECT_TRUE(c.auth.debug);
  EXPECT_FALSE(c.auth.nickname);
  EXPECT_TRUE(c.auth.password.auto_register);
  EXPECT_EQ(c.auth.password.argon2_memory, 32 << 20);
  EXPECT_EQ(warnings(yaml).size(), 2u);
}

TEST(load, an_assignment_may_hold_a_list_a_section_or_what_is_no_yaml) {
  const auto c = good(mandatory, set({"auth.sync_hosts=[a, b:1]", "network.http.cors_origins=*",
                                      "logging={level: debug, format: json}",
                                      "logging.path=", "app_services.public_url=http://h:1/x",
                                      "auth.providers.anonymous={}", "storage.fsync=false"}));
  EXPECT_EQ(c.auth.sync_hosts, (std::vector<std::string>{"a", "b:1"}));
  EXPECT_EQ(c.network.cors_origins, std::vector<std::string>{"*"});
  EXPECT_EQ(c.logging.level, "debug");
  EXPECT_EQ(c.logging.format, "json");
  EXPECT_EQ(c.app_services.public_url, "http://h:1/x");
  EXPECT_TRUE(c.auth.anonymous);
  EXPECT_FALSE(c.storage.fsync);
}

TEST(load, warnings_leave_the_configuration_usable) {
  EXPECT_EQ(warnings(mandatory + "proxy: {http: {enable: false}}\n"),
            std::vector<std::string>{
                "proxy.http.listen_address: no listener can be reached from other hosts"});
  EXPECT_TRUE(warnings(mandatory + "proxy: {http: {enable: false}}\n"
                                   "network: {sync: {listen_address: 0.0.0.0}}\n")
                  .empty());
  EXPECT_EQ(warnings("storage: {root_path: /r}\nauth: {public_key_path: /p, private_key_path: /k, "
                     "providers_include_path: /x}\n")
                .size(),
            1u);
}

TEST(load, what_is_printed_loads_to_the_same) {
  auto c = good(mandatory);
  c.storage.root_path = "/with \"quotes\", \\ and \x01 and é";
  c.auth.nickname = true;
  c.auth.sync_hosts = {"a", "b:1"};
  c.auth.authorization_header_names = {};
  c.network.cors_origins = {"*"};
  c.logging.level = "off";
  c.logging.path = "true";
  c.proxy.http.port = 0;
  c.performance.memory_budget = 5;
  const auto text = print(c);
  EXPECT_EQ(print(good(text)), text);
}

} // namespace
} // namespace ros::config
