// Everything an operator can write wrongly, with the place and words of the answer.
#include "config/load.hpp"

#include <gtest/gtest.h>

#include <unistd.h>

#include <filesystem>
#include <fstream>

namespace ros::config {
namespace {

const std::string mandatory = "storage: {root_path: /r}\n"
                              "auth: {public_key_path: /p, private_key_path: /k}\n";

std::vector<std::string> errors(const std::string& yaml, const command_line& options = {}) {
  std::vector<std::string> out;
  for (const auto& p : load_text(yaml, "c.yml", options).problems)
    if (p.level == severity::error)
      out.push_back(p.text());
  return out;
}

/// The only error of a file that is otherwise complete, without its excerpt.
std::string error(const std::string& yaml) {
  const auto all = errors(mandatory + yaml);
  if (all.size() != 1)
    return std::to_string(all.size()) + " errors" + (all.empty() ? "" : ", first: " + all[0]);
  return all[0].substr(0, all[0].find('\n'));
}

std::string set_error(const std::string& assignment) {
  command_line options;
  options.set = {assignment};
  const auto all = errors(mandatory, options);
  return all.size() == 1 ? all[0] : std::to_string(all.size()) + " errors";
}

TEST(problems, have_file_line_column_key_reason_and_a_marked_excerpt) {
  EXPECT_EQ(errors(mandatory + "proxy:\n  http:\n    listen_port: 9080\n"
                               "network:\n  http:\n    listen_port: 9080  # mine\n"),
            std::vector<std::string>{
                "c.yml:8:18: error: network.http.listen_port: port 9080 is used twice (also "
                "proxy.http.listen_port, line 5)\n"
                "  8 |     listen_port: 9080  # mine\n"
                "    |                  ^^^^"});
}

TEST(problems, are_all_reported_at_once_in_file_order_then_the_command_line) {
  command_line options;
  options.set = {"logging.format=xml", "nonsense"};
  options.log_level = "loud";
  const auto all = load_text("logging: {levl: debug}\nstorage:\n  fsync: maybe\n  root_path: [/r]\n"
                             "sync: {history_ttl: -1}\n",
                             "c.yml", options);
  std::vector<std::string> heads;
  for (const auto& p : all.problems)
    heads.push_back(p.where.file + ':' + std::to_string(p.where.line) + ' ' + p.key);
  EXPECT_EQ(heads, (std::vector<std::string>{
                       "c.yml:1 logging.levl", "c.yml:3 storage.fsync", "c.yml:4 storage.root_path",
                       "c.yml:5 sync.history_ttl", "c.yml:0 auth.public_key_path",
                       "c.yml:0 auth.private_key_path", "--set:0 ", "--log-level:0 logging.level",
                       "--set:0 logging.format"}));
  EXPECT_FALSE(all.ok());
}

TEST(problems, what_is_not_yaml_is_refused_with_its_line) {
  const std::pair<const char*, const char*> bad[] = {
      {"a: [1, 2\n", "c.yml:2:1: error: this is not YAML: "},
      {"a: b: c\n", "c.yml:1:5: error: this is not YAML: "},
      {"storage:\n  x: \"unfinished\n", "c.yml:3:2: error: this is not YAML: "},
      {"a: *nowhere\n", "c.yml:1:4: error: this is not YAML: "},
      {"storage:\n\troot_path: /r\n", "c.yml:2:1: error: tabs must not indent, use blanks"},
      {"storage:\n  \tx: /r\n", "c.yml:2:3: error: tabs must not indent, use blanks"},
      {"a: \xff\n", "c.yml:1:1: error: the line is not UTF-8"},
      {"- a\n- b\n", "c.yml:1:1: error: the document is no mapping of keys to values"},
      {"just text\n", "c.yml:1:1: error: the document is no mapping of keys to values"},
      {"a: 1\n---\nb: 2\n", "c.yml:3:1: error: the file holds more than one document"},
      {"? [a]\n: b\n", "c.yml:1:3: error: a key must be a single word"},
  };
  for (const auto& [yaml, expected] : bad) {
    const auto all = errors(yaml);
    ASSERT_FALSE(all.empty()) << yaml;
    EXPECT_TRUE(all[0].starts_with(expected)) << yaml << "\n" << all[0];
  }
  EXPECT_EQ(errors("a: [1, 2\n").size(), 1u) << "nothing is said about what could not be read";
}

TEST(problems, hostile_nesting_is_refused) {
  EXPECT_FALSE(errors(std::string(100'000, '[')).empty());
  std::string deep;
  for (int i = 0; i < 300; ++i)
    deep += "{a: ";
  deep += "1" + std::string(300, '}');
  EXPECT_NE(errors(deep).at(0).find("nested too deeply"), std::string::npos);
  EXPECT_FALSE(errors("a: &x {b: *x}\n").empty());
  EXPECT_FALSE(errors("&x a: *x\n").empty());
}

TEST(problems, a_tab_in_a_comment_or_behind_a_value_is_harmless) {
  EXPECT_EQ(error("\t# note\nlogging:\n  level: debug\t# chatty\n\t\n"), "0 errors");
}

TEST(problems, a_key_given_twice_is_refused) {
  EXPECT_EQ(error("logging:\n  level: info\n  level: debug\n"),
            "c.yml:5:3: error: logging.level: is given twice (also line 4)");
  EXPECT_EQ(error("logging: {level: info}\nlogging: {path: /x}\n"),
            "c.yml:4:1: error: logging: is given twice (also line 3)");
}

TEST(problems, an_unknown_key_is_refused_with_a_suggestion) {
  EXPECT_EQ(error("netwrok: {sync: {listen_port: 1}}\n"),
            "c.yml:3:18: error: netwrok.sync.listen_port: unknown key; did you mean "
            "network.sync.listen_port?");
  EXPECT_EQ(
      error("proxy: {http: {port: 1}}\n"),
      "c.yml:3:16: error: proxy.http.port: unknown key; did you mean proxy.http.listen_port?");
  EXPECT_EQ(error("storage2: {fsync: true}\n"),
            "c.yml:3:12: error: storage2.fsync: unknown key; did you mean storage.fsync?");
  EXPECT_EQ(error("server: {max_open_files: 3}\n"), "c.yml:3:10: error: server.max_open_files: "
                                                    "unknown key; did you mean "
                                                    "performance.max_open_files?");
  EXPECT_EQ(error("wholly: {different: 1}\n"), "c.yml:3:10: error: wholly.different: unknown key");
  EXPECT_EQ(error("logging: {level: {a: 1}}\n"), "c.yml:3:19: error: logging.level.a: unknown key; "
                                                 "did you mean logging.level?");
  EXPECT_EQ(error(std::string(500, 'x') + ": 1\n").substr(0, 13), "c.yml:3:1: er");
}

TEST(problems, documented_settings_of_later_versions_are_named_as_such) {
  for (const auto* yaml :
       {"events: {retention: 5}\n", "backup: {enable: true}\n",
        "metrics: {allow_from: [10.0.0.0/8]}\n", "sync: {servers: [{id: 0}]}\n"}) {
    const auto text = error(yaml);
    EXPECT_NE(text.find("is not available in this version"), std::string::npos) << text;
  }
  EXPECT_EQ(error("proxy:\n  https:\n    enable: true\n    private_key_path: x\n"),
            "c.yml: error: proxy.https.certificate_path: is missing: proxy.https.enable needs it");
}

TEST(problems, a_value_of_the_wrong_type_is_refused) {
  const std::pair<const char*, const char*> bad[] = {
      {"proxy: {http: {enable: \"yes please\"}}", "\"yes please\" is neither true nor false"},
      {"proxy: {http: {enable: yes}}", "\"yes\" is neither true nor false"},
      {"proxy: {http: {enable: \"true\"}}",
       "\"true\" is neither true nor false; write it without quotes"},
      {"proxy: {http: {enable: 1}}", "\"1\" is neither true nor false"},
      {"proxy: {http: {enable: }}", "has no value"},
      {"proxy: {http: {enable: [true]}}", "must be a single value, not a list"},
      {"proxy: {http: {enable: {}}}", "must be a single value, not a mapping"},
      {"proxy: {http: {listen_port: \"9080\"}}",
       "\"9080\" is not a whole number; write it without quotes"},
      {"proxy: {http: {listen_port: 90a}}", "\"90a\" is not a whole number"},
      {"proxy: {http: {listen_port: 1.5}}", "\"1.5\" is not a whole number"},
      {"proxy: {http: {listen_port: 0x10}}", "\"0x10\" is not a whole number"},
      {"proxy: {http: {listen_port: ~}}", "has no value"},
      {"sync: {max_upload_size: 16XB}",
       "\"16XB\" is not a size (bytes, or a number with KB, MB or GB)"},
      {"sync: {max_upload_size: 1.5MB}",
       "\"1.5MB\" is not a size (bytes, or a number with KB, MB or GB)"},
      {"sync: {history_ttl: 3 days}",
       "\"3 days\" is not a time (seconds, or a number with s, m, h or d)"},
      {"storage: 5", "is a section: settings go indented below it"},
      {"logging: {path: [a]}", "must be a single value, not a list"},
      {"logging: {path: \"a\\0b\"}", "must not contain a zero byte"},
  };
  for (const auto& [setting, reason] : bad) {
    std::string yaml = std::string(setting) + "\n";
    const auto all = load_text(yaml, "c.yml",
                               [] {
                                 command_line full;
                                 full.root = full.public_key = full.private_key = "/x";
                                 return full;
                               }())
                         .problems;
    ASSERT_EQ(all.size(), 1u) << yaml;
    EXPECT_EQ(all[0].reason, reason) << yaml;
    EXPECT_EQ(all[0].where.line, 1u) << yaml;
  }
}

TEST(problems, numbers_outside_their_range_are_refused) {
  EXPECT_EQ(error("proxy: {http: {listen_port: 65536}}\n"),
            "c.yml:3:29: error: proxy.http.listen_port: 65536 is above 65535, the most possible");
  EXPECT_EQ(error("proxy: {http: {listen_port: -1}}\n"),
            "c.yml:3:29: error: proxy.http.listen_port: -1 is below 0, the least possible");
  EXPECT_EQ(error("app_services: {ttls: {access_token: 59}}\n"),
            "c.yml:3:37: error: app_services.ttls.access_token: 59 is below 60, the least "
            "possible");
  for (const auto* bad :
       {"app_services: {ttls: {refresh_token: 0}}\n", "app_services: {ttls: {access_token: -5}}\n",
        "performance: {max_open_files: 0}\n", "sync: {max_upload_size: 99999999999GB}\n",
        "sync: {history_ttl: 999999999999999999999}\n", "network: {sync: {idle_timeout: 50d}}\n",
        "sync: {max_download_size: 1}\n"})
    EXPECT_TRUE(error(bad).starts_with("c.yml:3:")) << error(bad);
  EXPECT_TRUE(set_error("auth.ttls.access_token=1m").starts_with("0 errors"));
  EXPECT_EQ(set_error("auth.ttls.access_token=59"),
            "--set: error: auth.ttls.access_token: 59 is below 60, the least possible");
}

TEST(problems, a_level_must_be_one_of_the_nine_names) {
  EXPECT_EQ(
      error("logging:\n  level: 4\n"),
      "c.yml:4:10: error: logging.level: \"4\" is not one of all, trace, debug, detail, info, "
      "warn, error, fatal, off; they have names, not numbers");
  EXPECT_EQ(
      error("logging:\n  level: verbose\n"),
      "c.yml:4:10: error: logging.level: \"verbose\" is not one of all, trace, debug, detail, "
      "info, warn, error, fatal, off");
  for (const auto* level :
       {"all", "trace", "debug", "detail", "info", "warn", "error", "fatal", "off"})
    EXPECT_EQ(error("logging: {level: " + std::string(level) + "}\n"), "0 errors");
}

TEST(problems, addresses_ranges_hosts_and_urls_are_judged) {
  const std::pair<const char*, bool> cases[] = {
      {"network.sync.listen_address=0.0.0.0", true},
      {"network.sync.listen_address=::", true},
      {"network.sync.listen_address=my-host.example", true},
      {"network.sync.listen_address=1.2.3", false},
      {"network.sync.listen_address=1.2.3.4:80", false},
      {"network.sync.listen_address=", false},
      {"network.sync.listen_address=http://x", false},
      {"proxy.trusted_proxies=[10.0.0.0/8]", true},
      {"proxy.trusted_proxies=[10.0.0.0/33]", false},
      {"proxy.trusted_proxies=[\"::1/128\"]", true},
      {"proxy.trusted_proxies=[\"::1/129\"]", false},
      {"proxy.trusted_proxies=[proxy.example]", false},
      {"proxy.trusted_proxies=[10.0.0.0/]", false},
      {"auth.sync_hosts=[a.example, \"a.example:9080\", \"[::1]:9080\", \"::1\"]", true},
      {"auth.sync_hosts=[\"a.example:0\"]", false},
      {"auth.sync_hosts=[\"a:1:2\"]", false},
      {"auth.sync_hosts=[\"[::1\"]", false},
      {"auth.sync_hosts=[~]", false},
      {"auth.sync_hosts=[[a]]", false},
      {"auth.authorization_header_names=[X-Token]", true},
      {"auth.authorization_header_names=[\"X Token\"]", false},
      {"app_services.public_url=https://x", true},
      {"app_services.public_url=ftp://x", false},
      {"app_services.public_url=https://", false},
      {"network.sync.route_prefix=/sync", true},
      {"network.sync.route_prefix=sync", false},
      {"network.sync.route_prefix=/sync/", false},
      {"network.sync.route_prefix=/", false},
      {"auth.admin_token_path=", false},
      {"auth.permissions.mode=both", false},
      {"auth.providers.anonymous=true", false},
  };
  for (const auto& [assignment, fine] : cases)
    EXPECT_EQ(set_error(assignment) == "0 errors", fine) << assignment << set_error(assignment);
}

TEST(problems, a_port_may_be_used_by_one_enabled_listener_only) {
  EXPECT_EQ(error("proxy: {http: {listen_port: 27080}}\n"),
            "c.yml:3:29: error: proxy.http.listen_port: port 27080 is used twice (also "
            "network.http.listen_port, its default)");
  EXPECT_EQ(error("proxy: {http: {listen_port: 27080, enable: false}}\n"), "0 errors");
  EXPECT_EQ(error("proxy: {http: {listen_port: 0}}\n"
                  "network: {sync: {listen_port: 0}, http: {listen_port: 0}}\n"),
            "0 errors");
  EXPECT_EQ(set_error("network.sync.listen_port=9080"),
            "--set: error: network.sync.listen_port: port 9080 is used twice (also "
            "proxy.http.listen_port, its default)");
}

TEST(problems, an_assignment_must_have_a_key_and_a_sign) {
  for (const auto* bad : {"", "=x", "logging.level"})
    EXPECT_EQ(set_error(bad), "--set: error: \"" + std::string(bad) + "\" is not KEY=VALUE");
  EXPECT_EQ(set_error("loging.level=debug"),
            "--set: error: loging.level: unknown key; did you mean logging.level?");
}

TEST(problems, the_marker_stands_under_what_is_wrong_whatever_the_characters) {
  const auto excerpt = [](const std::string& line) {
    return load_text(line + "\n", "c.yml", {}).problems.at(0).where.excerpt;
  };
  EXPECT_EQ(excerpt("logging: {path: \"äöü\", level: läut}"),
            "  1 | logging: {path: \"äöü\", level: läut}\n"
            "    |                               ^^^^^");
  EXPECT_EQ(excerpt("logging: {level: 'no such, level', path: x}"),
            "  1 | logging: {level: 'no such, level', path: x}\n"
            "    |                  ^^^^^^^^^^^^^^^^");
}

TEST(problems, a_named_file_must_exist_and_the_default_one_need_not) {
  command_line options;
  options.configuration_path = "/nonexistent/c.yml";
  options.configuration_named = true;
  const auto named = load(options);
  ASSERT_EQ(named.problems.size(), 1u);
  EXPECT_EQ(named.problems[0].text(),
            "/nonexistent/c.yml: error: cannot be read: No such file or directory");
  options.configuration_named = false;
  options.root = options.public_key = options.private_key = "/x";
  EXPECT_TRUE(load(options).problems.empty());
  options.root.reset();
  EXPECT_EQ(
      load(options).problems.at(0).text(),
      "error: storage.root_path: is missing; set it in the configuration file or with --root");
  options.configuration_path = "/";
  EXPECT_FALSE(load(options).ok());
}

TEST(problems, a_file_is_read_from_disk) {
  const auto path = std::filesystem::temp_directory_path() /
                    ("ros_config_" + std::to_string(::getpid()) + ".yml");
  std::ofstream(path) << mandatory << "logging: {level: loud}\n";
  command_line options;
  options.configuration_path = path.string();
  options.configuration_named = true;
  const auto r = load(options);
  std::filesystem::remove(path);
  EXPECT_EQ(r.file, path.string());
  ASSERT_EQ(r.problems.size(), 1u);
  EXPECT_TRUE(r.problems[0].text().starts_with(path.string() + ":3:18: error: logging.level: "));
}

} // namespace
} // namespace ros::config
