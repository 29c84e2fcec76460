// The administration API described in OpenAPI 3.1 (http-api.md 10).
#include "http_handlers.hpp"
#include "http_service.hpp"

#include <boost/json/array.hpp>

#include <array>
#include <string>
#include <string_view>

namespace json = boost::json;

namespace ros::actors {

namespace {

struct operation {
  const char* method;
  const char* path; ///< below /api/admin/v1
  const char* summary;
  const char* request; ///< name of a schema; nullptr: no body
  unsigned status;
  const char* answer;   ///< name of a schema; nullptr: no body, or an empty object
  bool is_open = false; ///< nobody need be logged in
  bool is_list = false; ///< takes offset, limit, search and sort
};

constexpr std::array operations{
    operation{"get", "/openapi.json", "This document", nullptr, 200, nullptr, true},
    operation{"get", "/setup", "Whether the server has no administrator yet", nullptr, 200, "Setup",
              true},
    operation{"post", "/setup", "Make the first administrator, once", "Login", 201, "User", true},
    operation{"post", "/session", "Log in to the dashboard", "Login", 200, "Session", true},
    operation{"delete", "/session", "Log out of the dashboard", nullptr, 200, nullptr},
    operation{"get", "/status", "Version and numbers", nullptr, 200, "Status"},
    operation{"get", "/users", "List users", nullptr, 200, "UserPage", false, true},
    operation{"post", "/users", "Create a user with a password", "NewUser", 201, "User"},
    operation{"post", "/users/import", "Create users with ids and password hashes", "Import", 200,
              "ImportResult"},
    operation{"get", "/users/{user}", "Read a user", nullptr, 200, "User"},
    operation{"patch", "/users/{user}", "Change a user", "UserChange", 200, "User"},
    operation{"delete", "/users/{user}", "Delete a user with its Realms", nullptr, 204, nullptr},
    operation{"post", "/users/{user}/revoke", "Revoke all tokens of a user", nullptr, 200, nullptr},
    operation{"get", "/users/{user}/quota", "Read the quota of a user", nullptr, 200, "Quota"},
    operation{"put", "/users/{user}/quota", "Give a user a quota", "Quota", 200, nullptr},
    operation{"delete", "/users/{user}/quota", "The default quota again", nullptr, 200, nullptr},
    operation{"get", "/realms", "List Realms", nullptr, 200, "RealmPage", false, true},
    operation{"post", "/realms", "Create a Realm", "NewRealm", 201, "Realm"},
    operation{"get", "/realms/{path}", "Read a Realm's entry", nullptr, 200, "Realm"},
    operation{"patch", "/realms/{path}", "Give a Realm another owner", "RealmChange", 200, "Realm"},
    operation{"delete", "/realms/{path}", "Delete a Realm", nullptr, 204, nullptr},
    operation{"post", "/realms/{path}/release", "End a Realm's quarantine", nullptr, 200,
              "Released"},
    operation{"get", "/realms/{path}/permissions", "List a Realm's permissions", nullptr, 200,
              "Permissions"},
    operation{"put", "/realms/{path}/permissions", "Replace a Realm's permissions", "Permissions",
              200, "Permissions"},
    operation{"get", "/realms/{path}/quota", "Read the quota of a Realm", nullptr, 200,
              "RealmQuota"},
    operation{"put", "/realms/{path}/quota", "Give a Realm a quota", "RealmQuota", 200, nullptr},
    operation{"delete", "/realms/{path}/quota", "The default quota again", nullptr, 200, nullptr},
    operation{"get", "/audit", "What administrators did, newest first", nullptr, 200, "AuditPage"},
};

/// A schema in short: members with '?' behind the name may be absent; "[X]" is a list of X,
/// "X|null" may be null.
struct member {
  std::string_view name;
  std::string_view type;
};
struct schema {
  const char* name;
  std::array<member, 9> members;
};

constexpr std::array schemas{
    schema{"Setup", {{{"needs_setup", "boolean"}}}},
    schema{"Login", {{{"email", "string"}, {"password", "string"}}}},
    schema{"Session", {{{"user_id", "string"}}}},
    schema{"Status",
           {{{"version", "string"},
             {"users", "integer"},
             {"administrators", "integer"},
             {"accounts", "integer"},
             {"realms", "integer"},
             {"permissions", "integer"},
             {"offers", "integer"},
             {"api_keys", "integer"}}}},
    schema{"Account", {{{"provider", "string"}, {"provider_id", "string"}}}},
    schema{"Metadata", {{{"key", "string"}, {"value", "string"}}}},
    schema{"User",
           {{{"user_id", "string"},
             {"is_admin", "boolean"},
             {"status", "string"},
             {"accounts", "[Account]"},
             {"metadata", "[Metadata]"},
             {"created_at?", "string"},
             {"email_confirmed?", "boolean"}}}},
    schema{"UserPage", {{{"users", "[User]"}, {"total", "integer"}}}},
    schema{"NewUser",
           {{{"email", "string"},
             {"password", "string"},
             {"is_admin?", "boolean"},
             {"metadata?", "[Metadata]"}}}},
    schema{"UserChange",
           {{{"is_admin?", "boolean"},
             {"status?", "string"},
             {"password?", "string"},
             {"metadata?", "[Metadata]"}}}},
    schema{"ImportedUser",
           {{{"user_id?", "string"},
             {"accounts", "[Account]"},
             {"password_hash?", "string"},
             {"is_admin?", "boolean"},
             {"suspended?", "boolean"},
             {"email_confirmed?", "boolean"},
             {"metadata?", "[Metadata]"},
             {"created_at?", "string"}}}},
    schema{"Import", {{{"users", "[ImportedUser]"}}}},
    schema{"ImportFailure", {{{"index", "integer"}, {"reason", "string"}}}},
    schema{"ImportResult", {{{"created", "integer"}, {"failures", "[ImportFailure]"}}}},
    schema{"Quota",
           {{{"bytes", "integer"},
             {"realms", "integer"},
             {"sessions", "integer"},
             {"owned_realms?", "integer"}}}},
    schema{"RealmQuota", {{{"bytes", "integer"}}}},
    schema{"Realm",
           {{{"path", "string"},
             {"owner", "string|null"},
             {"created_at", "string"},
             {"partition?", "string|null"},
             {"state?", "string"},
             {"reason?", "string"}}}},
    schema{"RealmPage", {{{"realms", "[Realm]"}, {"total", "integer"}}}},
    schema{"NewRealm", {{{"path", "string"}, {"owner?", "string"}}}},
    schema{"RealmChange", {{{"owner", "string|null"}}}},
    schema{"Released", {{{"path", "string"}, {"state", "string"}}}},
    schema{"Permission",
           {{{"user_id", "string|null"},
             {"read", "boolean"},
             {"write", "boolean"},
             {"manage", "boolean"},
             {"updated_at?", "string"}}}},
    schema{"Permissions", {{{"permissions", "[Permission]"}, {"truncated?", "boolean"}}}},
    schema{"AuditRecord",
           {{{"number", "integer"},
             {"at", "string"},
             {"by", "string"},
             {"address", "string"},
             {"action", "string"},
             {"target", "string"},
             {"detail", "object|null"}}}},
    schema{"AuditPage", {{{"records", "[AuditRecord]"}, {"next", "integer|null"}}}},
    schema{"Problem",
           {{{"type", "string"},
             {"title", "string"},
             {"status", "integer"},
             {"code?", "integer"},
             {"detail?", "string"}}}},
};

json::object reference(std::string_view name) {
  return {{"$ref", "#/components/schemas/" + std::string{name}}};
}

json::object type_of(std::string_view text) {
  if (text.front() == '[')
    return {{"type", "array"}, {"items", reference(text.substr(1, text.size() - 2))}};
  const auto bar = text.find('|');
  if (bar != std::string_view::npos)
    return {{"type", json::array{text.substr(0, bar), "null"}}};
  return {{"type", text}};
}

json::object write(const schema& x) {
  json::object properties;
  json::array required;
  for (auto [name, type] : x.members) {
    if (name.empty())
      continue;
    const bool is_optional = name.ends_with('?');
    if (is_optional)
      name.remove_suffix(1);
    else
      required.emplace_back(name);
    properties[name] = type_of(type);
  }
  return {
      {"type", "object"}, {"properties", std::move(properties)}, {"required", std::move(required)}};
}

json::object content(std::string_view name) {
  return {{"application/json", json::object{{"schema", reference(name)}}}};
}

json::array parameters_of(const operation& x) {
  json::array all;
  const std::string_view path{x.path};
  for (const std::string_view name : {"user", "path"})
    if (path.find('{' + std::string{name} + '}') != std::string_view::npos)
      all.push_back(json::object{{"name", name},
                                 {"in", "path"},
                                 {"required", true},
                                 {"schema", json::object{{"type", "string"}}}});
  if (x.is_list)
    for (const char* name : {"offset", "limit", "search", "sort"})
      all.push_back(json::object{
          {"name", name}, {"in", "query"}, {"schema", json::object{{"type", "string"}}}});
  return all;
}

json::object write(const operation& x) {
  json::object answer{{"description", "Done"}};
  if (x.answer)
    answer["content"] = content(x.answer);
  json::object out{
      {"summary", x.summary},
      {"responses", json::object{{std::to_string(x.status), std::move(answer)},
                                 {"default", json::object{{"description", "Refused"},
                                                          {"content", content("Problem")}}}}}};
  if (auto all = parameters_of(x); !all.empty())
    out["parameters"] = std::move(all);
  if (x.request)
    out["requestBody"] = json::object{{"required", true}, {"content", content(x.request)}};
  if (!x.is_open)
    out["security"] = json::array{json::object{{"token", json::array{}}}};
  return out;
}

} // namespace

void get_openapi(http_service_state& service, http_call call) {
  json::object paths, components;
  for (const auto& x : operations) {
    auto& path = paths["/api/admin/v1" + std::string{x.path}];
    if (!path.is_object())
      path.emplace_object();
    path.get_object()[x.method] = write(x);
  }
  for (const auto& x : schemas)
    components[x.name] = write(x);
  call.answer(200, {{"openapi", "3.1.0"},
                    {"info", json::object{{"title", "Realm Object Server administration"},
                                          {"version", service.context().options.version}}},
                    {"paths", std::move(paths)},
                    {"components",
                     json::object{{"schemas", std::move(components)},
                                  {"securitySchemes",
                                   json::object{{"token", json::object{{"type", "http"},
                                                                       {"scheme", "bearer"}}}}}}}});
}

} // namespace ros::actors
