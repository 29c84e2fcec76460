// Settings of log-in providers, functions and mail: read, checked, printed without secrets
// (operations.md 2.4, 2.6, 2.7).
#include "config/load.hpp"
#include "support/test_keys.hpp"

#include <gtest/gtest.h>

#include <filesystem>

namespace ros::config {
namespace {

const std::string mandatory = "storage: {root_path: /r}\n"
                              "auth:\n  public_key_path: /p\n  private_key_path: /k\n";

load_result load(const std::string& yaml) {
  return load_text(mandatory + yaml, "c.yml", {});
}

/// "line:key: reason" of the only error; the file begins behind four lines.
std::string error(const std::string& yaml) {
  std::string out;
  for (const auto& p : load(yaml).problems)
    if (p.level == severity::error)
      out +=
          (out.empty() ? "" : " | ") + std::to_string(p.where.line) + ':' + p.key + ": " + p.reason;
  return out;
}

std::string providers(const std::string& yaml) {
  return "  providers:\n" + yaml;
}

TEST(providers, a_stanza_switches_one_on_however_it_is_written) {
  EXPECT_FALSE(load("").value.auth.facebook.enabled);
  for (const char* stanza :
       {"    facebook: {}\n", "    facebook:\n", "    facebook: {appId: a, appSecret: b}\n"}) {
    const auto r = load(providers(stanza));
    EXPECT_TRUE(r.ok()) << stanza;
    EXPECT_TRUE(r.value.auth.facebook.enabled) << stanza;
  }
  EXPECT_EQ(error(providers("    facebook: true\n")),
            "6:auth.providers.facebook: is a section: settings go indented below it");
}

TEST(providers, every_setting_arrives) {
  const auto r = load(providers(
      "    google: {clientId: [a, b], clientSecret: s, api_base_url: 'http://g'}\n"
      "    azuread: {tenant_id: t, audience: x}\n"
      "    apple: {clientId: c}\n"
      "    jwt:\n      secret: 0123456789abcdef0123456789abcdef\n      issuer: i\n"
      "      audience: [x, y]\n      userIdFieldName: sub\n      isAdminFieldName: role\n"
      "      isAdminValue: boss\n      charactersToEscape: ['|', ':']\n"
      "      requiredAttributes: {tier: gold, level: 3, ok: true, text: '3'}\n"
      "    custom/mine: {webhook_url: 'https://h/x', secret: s}\n"
      "app_services:\n  functions:\n    sum: {url: 'https://f'}\n    a.b: {url: 'https://g'}\n"
      "  reset_function: sum\n"));
  for (const auto& p : r.problems)
    ADD_FAILURE() << p.text();
  const auto& a = r.value.auth;
  EXPECT_EQ(a.google.client_ids, (std::vector<std::string>{"a", "b"}));
  EXPECT_EQ(a.google.client_secret, "s");
  EXPECT_EQ(a.google.api_base_url, "http://g");
  EXPECT_EQ(a.azuread.tenant_id, "t");
  EXPECT_EQ(a.apple.client_ids, std::vector<std::string>{"c"});
  EXPECT_EQ(a.jwt.is_admin_value, "\"boss\"");
  EXPECT_EQ(a.jwt.required_attributes,
            (std::map<std::string, std::string>{
                {"level", "3"}, {"ok", "true"}, {"text", "\"3\""}, {"tier", "\"gold\""}}));
  EXPECT_EQ(a.jwt.escaped_characters, (std::vector<std::string>{"|", ":"}));
  ASSERT_TRUE(a.custom.contains("mine"));
  EXPECT_EQ(a.custom.at("mine").url, "https://h/x");
  EXPECT_TRUE(r.value.app_services.functions.contains("a.b"));
  EXPECT_FALSE(a.cloudkit.enabled);
}

TEST(providers, what_is_incomplete_or_wrong_is_named_with_its_line) {
  const auto hex = std::string(64, 'a');
  const std::pair<std::string, const char*> bad[] = {
      {providers("    google: {clientId: []}\n"),
       "5:auth.providers.google.clientId: is missing: it names the app"},
      {providers("    google:\n"),
       "5:auth.providers.google.clientId: is missing: it names the app"},
      {providers("    google: {clientId: a, api_base_url: nowhere}\n"),
       "5:auth.providers.google.api_base_url: \"nowhere\" is no URL that starts with http:// or "
       "https://"},
      {providers("    facebook: {appId: a}\n"),
       "5:auth.providers.facebook.appSecret: is missing: appId and appSecret belong together"},
      {providers("    cloudkit: {key_id: abc, private_key_path: k, container: c}\n"),
       "5:auth.providers.cloudkit.key_id: must be the 64 hexadecimal digits that Apple shows"},
      {providers("    cloudkit: {key_id: " + hex + ", private_key_path: k, container: ''}\n"),
       "5:auth.providers.cloudkit.container: must name a container such as "
       "iCloud.com.example.app"},
      {providers("    cloudkit: {key_id: " + hex + ", container: c}\n"),
       "5:auth.providers.cloudkit.private_key_path: is missing"},
      {providers("    cloudkit: {key_id: " + hex +
                 ", private_key_path: k, container: c, environment: test}\n"),
       "5:auth.providers.cloudkit.environment: \"test\" is not one of development, production"},
      {providers("    azuread: {tenant_id: a/b}\n"),
       "5:auth.providers.azuread.tenant_id: must be the id of the directory"},
      {providers("    jwt: {}\n"),
       "5:auth.providers.jwt.public_key_path: exactly one of public_key_path, publicKey, jwksUrl "
       "and secret has to be set"},
      {providers("    jwt: {public_key_path: p, jwksUrl: 'https://x'}\n"),
       "5:auth.providers.jwt.publicKey: exactly one of public_key_path, publicKey, jwksUrl and "
       "secret has to be set"},
      {providers("    jwt: {secret: short}\n"),
       "5:auth.providers.jwt.secret: the secret has less than 32 bytes"},
      {providers("    jwt: {publicKey: nonsense}\n"),
       "5:auth.providers.jwt.publicKey: this is no public key"},
      {providers("    custom/mine:\n"), "5:auth.providers.custom/mine.webhook_url: is missing"},
      {providers("    custom/mine: {implementation: x.js}\n"),
       "5:auth.providers.custom/mine.implementation: is not supported: let webhook_url name a "
       "web service that decides"},
      {providers("    custom/mine: {webhook_url: 'https://x', colour: red}\n"),
       "5:auth.providers.custom/mine.colour: unknown key; there are webhook_url and secret"},
      {providers("    twitter: {}\n"), "5:auth.providers.twitter: unknown key"},
      {"app_services: {reset_function: none}\n",
       "5:app_services.reset_function: \"none\" is none of app_services.functions"},
      {"app_services: {confirm: email}\n",
       "5:app_services.confirm: \"email\" needs a mail server: mail.smtp.host is missing"},
      {"mail: {smtp: {host: h}, base_url: 'http://x'}\n",
       "5:mail.from: must be the bare address that mails come from"},
      {"mail: {smtp: {host: h}, from: a@b}\n",
       "5:mail.base_url: is missing: mails lead to this URL of the server (or "
       "app_services.public_url)"},
      {"mail: {smtp: {host: h}, from: a@b, base_url: 'http://x', redirect_origins: "
       "['http://x/']}\n",
       "5:mail.redirect_origins: \"http://x/\" is no origin such as https://app.example.com"},
  };
  for (const auto& [yaml, expected] : bad) {
    auto text = error(yaml);
    if (text.starts_with("6:")) // below "providers:"
      text.front() = '5';
    EXPECT_EQ(text, expected) << yaml;
  }
}

TEST(providers, the_files_that_they_name_are_looked_at) {
  const auto problems = [](const std::string& yaml) {
    auto r = load(yaml);
    check_surroundings(r);
    std::string out;
    for (const auto& p : r.problems)
      if (p.level == severity::error && p.key.find("auth.p") != std::string::npos &&
          p.key.starts_with("auth.providers"))
        out += p.key + ": " + p.reason;
      else if (p.key == "network.outgoing.ca_path")
        out += p.key + ": " + p.reason;
    return out;
  };
  const auto hex = std::string(64, 'a');
  const auto cloudkit = [&](const std::string& key) {
    return problems(providers("    cloudkit: {key_id: " + hex +
                              ", container: c, private_key_path: " + test::key_path(key) + "}\n"));
  };
  EXPECT_EQ(cloudkit("ec.pkcs8.pem"), "");
  EXPECT_NE(cloudkit("a.pkcs8.pem").find("no EC P-256 private key"), std::string::npos);
  EXPECT_NE(cloudkit("none.pem").find("cannot be read"), std::string::npos);
  const auto jwt = [&](const std::string& key) {
    return problems(providers("    jwt: {public_key_path: " + test::key_path(key) + "}\n"));
  };
  EXPECT_EQ(jwt("a.spki.pem"), "");
  EXPECT_NE(jwt("small.spki.pem").find("less than 2048 bits"), std::string::npos);
  EXPECT_NE(problems("network: {outgoing: {ca_path: /nowhere}}\n").find("cannot be read"),
            std::string::npos);
}

TEST(providers, no_secret_is_printed_and_what_is_printed_can_be_loaded) {
  const auto r =
      load(providers("    google: {clientId: a, clientSecret: geheim-1}\n"
                     "    jwt: {secret: geheim-2-0123456789abcdef0123456}\n"
                     "    custom/mine: {webhook_url: 'https://h', secret: geheim-3}\n") +
           "app_services: {functions: {f: {url: 'https://f', secret: geheim-4}}}\n"
           "mail: {smtp: {host: h, password: geheim-5}, from: a@b, base_url: 'http://x'}\n");
  ASSERT_TRUE(r.ok());
  const auto text = print(r.value);
  EXPECT_EQ(text.find("geheim"), std::string::npos) << text;
  EXPECT_NE(text.find("custom/mine:"), std::string::npos) << text;
  const auto again = load_text(text, "printed.yml", {});
  EXPECT_TRUE(again.value.auth.google.enabled);
  EXPECT_EQ(again.value.auth.custom.at("mine").url, "https://h");
  EXPECT_EQ(again.value.app_services.functions.at("f").url, "https://f");
  EXPECT_FALSE(again.value.auth.facebook.enabled);
}

} // namespace
} // namespace ros::config
