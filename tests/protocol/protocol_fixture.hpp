// Common ground of the protocol tests: one server process for a test program,
// clients on it, and changesets that mean something.
#pragma once

#include "server_process.hpp"

#include "support/changeset_builder.hpp"
#include "support/client_changeset.hpp"
#include "support/protocol_client.hpp"
#include "support/test_keys.hpp"

#include "runtime/tokens.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace ros::test {

/// Class Dog with an integer key and a string.
inline std::string dog_schema() {
  changeset_builder b;
  b.add_table("Dog").add_column("Dog", "name", sync::value_type::string);
  return std::string{client_bytes(b.take()).view()};
}
/// The schema and an object.
inline std::string new_dog(std::int64_t id, const std::string& name) {
  changeset_builder b;
  b.add_table("Dog").add_column("Dog", "name", sync::value_type::string);
  b.create("Dog", id).update("Dog", id, {"name"}, name);
  return std::string{client_bytes(b.take()).view()};
}
inline std::string rename_dog(std::int64_t id, const std::string& name) {
  changeset_builder b;
  b.update("Dog", id, {"name"}, name);
  return std::string{client_bytes(b.take()).view()};
}

/// A client with a copy of a Realm, and a session on it.
struct device {
  device(const connect_options& options, std::string path, bool acknowledges = true)
      : client(options), session(client, copy, 1, acknowledges) {
    copy.path = std::move(path);
  }
  /// The same copy on a new connection.
  device(const connect_options& options, client_copy kept)
      : client(options), copy(std::move(kept)), session(client, copy, 1) {}

  protocol_client client;
  client_copy copy;
  client_session session;
};

class ProtocolTest : public ::testing::Test {
protected:
  static server_process& server() {
    static server_process instance;
    return instance;
  }
  /// Of one user for the whole program.
  static const log_in_result& user() {
    static const auto instance = log_in_anonymously(server());
    return instance;
  }
  /// Partition text that no other test uses; `suffix` for more than one Realm.
  static std::string realm(const std::string& suffix = "") {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    auto name = std::string{info->test_suite_name()} + '-' + info->name() + suffix;
    return '"' + name.substr(0, 140) + '"';
  }
  static connect_options as_user(int newest_version = 14) {
    connect_options o;
    o.port = server().port();
    o.token = user().token;
    o.subprotocols = offer(newest_version, 1, newest_version < 8 ? '/' : '#');
    return o;
  }
  // -- io.realm.sync ----------------------------------------------------------------

  /// A Realm in the user's home that no other test uses; clients of every family know it
  /// by this path.
  static std::string home_realm(const std::string& suffix = "") {
    const auto* info = ::testing::UnitTest::GetInstance()->current_test_info();
    return '/' + user().user_id + '/' + std::string{info->name()}.substr(0, 140) + suffix;
  }
  /// What a legacy token of the user for this Realm says; it never expires.
  static runtime::token_claims claims_for(const std::string& path) {
    runtime::token_claims claims;
    claims.identity = user().user_id;
    claims.access = {"download", "upload", "manage"};
    claims.has_access = true;
    claims.path = path;
    return claims;
  }
  static std::string signed_token(const runtime::token_claims& claims) {
    return runtime::make_legacy_token(claims, signing_keys());
  }
  /// "/a/b" as it stands behind "/realm-sync/".
  static std::string in_route(std::string path) {
    for (std::size_t at = 0; (at = path.find('/', at)) != std::string::npos; at += 3)
      path.replace(at, 1, "%2F");
    return path;
  }
  /// An upgrade of a legacy client; an empty token is not sent.
  static connect_options as_legacy(const std::string& versions, const std::string& path,
                                   const std::string& token) {
    connect_options o;
    o.port = server().port();
    o.target = "/realm-sync/" + in_route(path);
    o.subprotocols = "io.realm.sync." + versions;
    if (!token.empty())
      o.headers = "Authorization: Realm-Access-Token version=1 token=\"" + token + "\"\r\n";
    return o;
  }
  static protocol_client connect_legacy(int version, const std::string& path) {
    return protocol_client{
        as_legacy(std::to_string(version), path, signed_token(claims_for(path)))};
  }
  /// A copy of a home Realm in a client of any family, new or resumed.
  static std::unique_ptr<device> open_home(int version, client_copy copy) {
    const auto path = copy.path;
    const auto token = version < 15 ? std::string{} : signed_token(claims_for(path));
    auto d = std::make_unique<device>(
        version < 15 ? as_user(version) : as_legacy(std::to_string(version), path, token),
        std::move(copy));
    d->session.start(token);
    return d;
  }
  static std::unique_ptr<device> open_home(int version, const std::string& path) {
    client_copy fresh;
    fresh.path = path;
    return open_home(version, std::move(fresh));
  }

  static protocol_client connect(int version = 14) { return protocol_client{as_user(version)}; }
  static std::unique_ptr<device> start_device(int version = 14, const std::string& suffix = "") {
    auto d = std::make_unique<device>(as_user(version), realm(suffix));
    d->session.start();
    return d;
  }
  /// The same copy on a new connection.
  static std::unique_ptr<device> resume(client_copy copy, int version = 14) {
    auto d = std::make_unique<device>(as_user(version), std::move(copy));
    d->session.start();
    return d;
  }
};

} // namespace ros::test
