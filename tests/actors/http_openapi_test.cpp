// The document that describes the administration API, against what the server does.
#include "http_world.hpp"

#include "actors/http_routes.hpp"
#include "runtime/tokens.hpp"

#include <gtest/gtest.h>

#include <set>

namespace json = boost::json;

namespace ros::actors {

namespace {

using ros::test::http_world;

const std::string base = "/api/admin/v1";

test::header_list as_admin() {
  return {{"Authorization", runtime::make_admin_token(test::signing_keys())},
          {"Content-Type", "application/json"}};
}

class http_openapi : public ::testing::Test {
public:
  http_openapi() : document(world.get(base + "/openapi.json").json().as_object()) {}

  const json::object& schema(std::string_view reference) {
    const auto name = reference.substr(reference.rfind('/') + 1);
    return document.at("components").at("schemas").at(name).as_object();
  }
  static bool is_of_type(const json::value& x, std::string_view type) {
    return type == "null"      ? x.is_null()
           : type == "string"  ? x.is_string()
           : type == "boolean" ? x.is_bool()
           : type == "integer" ? x.is_int64() || x.is_uint64()
           : type == "array"   ? x.is_array()
                               : x.is_object();
  }
  /// What is wrong with a value, as text; "" if it is as the schema says.
  std::string fault(const json::value& x, const json::object& described) {
    if (const auto* reference = described.if_contains("$ref"))
      return fault(x, schema(reference->as_string()));
    const auto& type = described.at("type");
    bool fits = false;
    if (type.is_string())
      fits = is_of_type(x, type.as_string());
    else
      for (const auto& one : type.as_array())
        fits = fits || is_of_type(x, one.as_string());
    if (!fits)
      return json::serialize(x) + " is no " + json::serialize(type);
    if (x.is_array() && described.contains("items"))
      for (const auto& element : x.as_array())
        if (auto wrong = fault(element, described.at("items").as_object()); !wrong.empty())
          return wrong;
    if (!x.is_object() || !described.contains("properties"))
      return "";
    const auto& properties = described.at("properties").as_object();
    for (const auto& name : described.at("required").as_array())
      if (!x.as_object().contains(name.as_string()))
        return std::string{name.as_string()} + " is missing in " + json::serialize(x);
    for (const auto& [name, value] : x.as_object()) {
      if (!properties.contains(name))
        return std::string{name} + " is not described";
      if (auto wrong = fault(value, properties.at(name).as_object()); !wrong.empty())
        return std::string{name} + ": " + wrong;
    }
    return "";
  }
  /// Sends a request and compares the answer with the document.
  test::http_answer call(const std::string& method, const std::string& pattern,
                         const std::string& target, const json::value& body = json::object{}) {
    auto answer =
        world.send(method, base + target, as_admin(), method == "GET" ? "" : json::serialize(body));
    auto lower = method;
    for (auto& c : lower)
      c = static_cast<char>(c + 32);
    const auto& described = document.at("paths").at(base + pattern).at(lower);
    const auto& responses = described.at("responses").as_object();
    const auto found = responses.find(std::to_string(answer.status));
    const auto& response = found == responses.end() ? responses.at("default") : found->value();
    EXPECT_NE(found, responses.end()) << method << ' ' << target << ' ' << answer.body;
    if (const auto* content = response.as_object().if_contains("content"))
      EXPECT_EQ(fault(answer.json(), content->at("application/json").at("schema").as_object()), "")
          << method << ' ' << target;
    return answer;
  }

  http_world world;
  json::object document;
};

TEST_F(http_openapi, names_every_route_and_no_other) {
  EXPECT_EQ(document.at("openapi"), "3.1.0");
  std::set<std::string> described, served;
  for (const auto& [path, operations] : document.at("paths").as_object())
    for (const auto& [method, operation] : operations.as_object()) {
      auto upper = std::string{method};
      for (auto& c : upper)
        c = static_cast<char>(c - 32);
      described.insert(upper + ' ' + std::string{path});
      EXPECT_TRUE(operation.at("summary").is_string());
    }
  for (const auto& route : http_routes())
    if (std::string_view{route.pattern}.starts_with(base + '/'))
      served.insert(std::string{route.method} + ' ' + std::string{route.pattern});
  EXPECT_EQ(described, served);
}

TEST_F(http_openapi, describes_what_the_routes_answer) {
  const json::value login{{"email", "root@x"}, {"password", "very secret"}};
  call("GET", "/setup", "/setup");
  call("POST", "/setup", "/setup", login);
  call("POST", "/session", "/session", login);
  call("DELETE", "/session", "/session");
  call("GET", "/status", "/status");
  const auto made = call("POST", "/users", "/users",
                         {{"email", "a@x"},
                          {"password", "secret"},
                          {"metadata", json::array{json::object{{"key", "k"}, {"value", "v"}}}}});
  const auto user = "/users/" + std::string{made.json().at("user_id").as_string()};
  call("GET", "/users", "/users");
  call("GET", "/users/{user}", user);
  call("PATCH", "/users/{user}", user, {{"status", "active"}});
  call("POST", "/users/{user}/revoke", user + "/revoke");
  call("PUT", "/users/{user}/quota", user + "/quota", {{"realms", 3}});
  call("GET", "/users/{user}/quota", user + "/quota");
  call("DELETE", "/users/{user}/quota", user + "/quota");
  call("POST", "/users/import", "/users/import",
       {{"users", json::array{json::object{
                      {"accounts", json::array{json::object{{"provider", "password"},
                                                            {"provider_id", "a@x"}}}}}}}});
  call("POST", "/realms", "/realms", {{"path", "/team"}});
  const std::string realm = "/realms/%2Fteam";
  call("GET", "/realms", "/realms");
  call("GET", "/realms/{path}", realm);
  call("PATCH", "/realms/{path}", realm, {{"owner", nullptr}});
  call("PUT", "/realms/{path}/permissions", realm + "/permissions",
       {{"permissions", json::array{json::object{{"user_id", nullptr}, {"read", true}}}}});
  call("GET", "/realms/{path}/permissions", realm + "/permissions");
  call("PUT", "/realms/{path}/quota", realm + "/quota", {{"bytes", 5}});
  call("GET", "/realms/{path}/quota", realm + "/quota");
  call("DELETE", "/realms/{path}/quota", realm + "/quota");
  call("POST", "/realms/{path}/release", "/realms/%2Fa%2Fbad/release");
  call("GET", "/audit", "/audit");
  call("DELETE", "/realms/{path}", realm);
  call("DELETE", "/users/{user}", user);
}

} // namespace

} // namespace ros::actors
