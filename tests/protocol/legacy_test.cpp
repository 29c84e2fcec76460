// Clients of every generation on one Realm (sync-protocol.md 3 and 8.5), and what clients
// of core 10 and 11 still ask for (3.15, 3.16).
#include "protocol_fixture.hpp"

#include "support/model_client.hpp"
#include "support/state_json.hpp"

#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ros::test {
namespace {

class Generations : public ProtocolTest {
protected:
  static void write(device& d, const std::string& changeset) {
    d.session.write(changeset);
    d.session.upload();
    d.session.wait_for_upload();
  }
  /// A column that came with version 3.
  static std::string mixed_column() {
    changeset_builder b;
    b.add_table("Dog").add_column("Dog", "anything", sync::value_type::null);
    return std::string{client_bytes(b.take()).view()};
  }
  /// A list in it, as since version 13.
  static std::string list_in_mixed() {
    changeset_builder b;
    b.add_table("Dog").add_column("Dog", "anything", sync::value_type::null);
    b.create("Dog", std::int64_t{1}).update("Dog", std::int64_t{1}, {"anything"}, new_list());
    return std::string{client_bytes(b.take()).view()};
  }
};

/// An app on a phone: keeps and applies what it gets, whatever happens to its connections.
struct app {
  int version = 0;
  std::unique_ptr<device> live;
  std::optional<model_client> model;

  client_copy fresh(const std::string& path) {
    client_copy copy;
    copy.path = path;
    copy.on_download = [this](const server_message& m) { apply(m); };
    return copy;
  }
  void apply(const server_message& m) {
    sync::scanned_history h;
    for (const auto& e : m.entries)
      h.entries.push_back({.version = e.server_version,
                           .client_version = e.client_version,
                           .timestamp = e.timestamp,
                           .origin = e.origin,
                           .original_size = e.original_size,
                           .data = sync::bytes{e.changeset}});
    h.to = {m.download_server_version, m.download_client_version};
    const auto done = model->integrate(h);
    ASSERT_TRUE(done) << done.error().message;
  }
  void write(const std::string& changeset, std::uint64_t timestamp) {
    const auto client_version = live->session.write(changeset, timestamp);
    const auto done = model->commit(timestamp, sync::bytes{changeset}, client_version);
    ASSERT_TRUE(done) << done.error().message;
    live->session.upload();
  }
  void drain() {
    while (auto m = live->client.next(0))
      live->session.receive(*m);
  }
  [[nodiscard]] boost::json::object content() {
    return state_to_json(sync::object_reader{model->state()});
  }
};

TEST_F(Generations, on_one_realm_converge) {
  const auto path = home_realm();
  std::vector<app> apps(5);
  const int versions[] = {22, 26, 29, 30, 14};
  for (std::size_t i = 0; i < apps.size(); ++i) {
    apps[i].version = versions[i];
    apps[i].model.emplace(2 + i); // idents are given in this order
    apps[i].live = open_home(versions[i], apps[i].fresh(path));
    ASSERT_EQ(apps[i].live->copy.ident, 2 + i);
  }
  std::uint64_t written = 0;
  std::uint64_t time = 10;
  for (auto& a : apps) {
    a.write(new_dog(1, "Rex"), ++time);
    ++written;
  }
  constexpr int rounds = 60;
  for (int round = 0; round < rounds; ++round)
    for (std::size_t i = 0; i < apps.size(); ++i) {
      auto& a = apps[i];
      const auto name = std::to_string(i) + '-' + std::to_string(round);
      a.write(round % 7 == 0 ? new_dog(round, name) : rename_dog(1, name), ++time);
      ++written;
      if ((round + static_cast<int>(i)) % 9 == 0) { // with uploads and downloads under way
        auto kept = std::move(a.live->copy);
        a.live.reset();
        a.live = open_home(a.version, std::move(kept));
        a.live->session.upload();
      } else {
        a.drain();
      }
    }
  for (auto& a : apps)
    a.live->session.wait_for_upload();
  for (auto& a : apps) {
    a.live->session.wait_for_download();
    EXPECT_EQ(a.live->copy.latest, written); // one version for every change, none twice
    EXPECT_EQ(a.content(), apps.front().content()) << a.version;
  }
}

TEST_F(Generations, of_lower_versions_end_before_newer_instructions_are_sent) {
  const auto path = home_realm();
  std::vector<std::unique_ptr<device>> old;
  for (int version : {1, 2, 22, 26, 30})
    old.push_back(open_home(version, path));
  auto modern = open_home(3, path);
  write(*modern, mixed_column());
  for (auto& d : old) {
    const auto m = d->client.expect("error");
    EXPECT_EQ(m.error_code, 212);
    EXPECT_EQ(m.session, 1u);
    EXPECT_FALSE(m.try_again);
    EXPECT_NE(m.text.find("Core 11.0"), std::string::npos);
    // Nor are they let in again.
    const int version = d->client.version();
    auto again = version < 15 ? connect(version) : connect_legacy(version, path);
    const auto token = version < 15 ? std::string{} : signed_token(claims_for(path));
    again.send(bind_message(1, path, false, token, version));
    again.send(ident_message(1, d->copy, version));
    EXPECT_EQ(again.expect("error").error_code, 212);
  }
  EXPECT_EQ(open_home(3, path)->copy.received.size(), 1u);
}

TEST_F(Generations, of_version_12_end_when_collections_appear_in_mixed) {
  const auto path = home_realm();
  auto v6 = open_home(6, path);
  auto v12 = open_home(12, path);
  auto modern = open_home(13, path);
  write(*modern, list_in_mixed());
  const auto early = v6->client.expect("json_error");
  EXPECT_EQ(early.error_code, 212);
  const auto m = v12->client.expect("json_error");
  EXPECT_EQ(m.error_code, 201);
  EXPECT_EQ(m.action, "ApplicationBug");
  EXPECT_FALSE(m.try_again);
  EXPECT_NE(m.text.find("Core 14.7"), std::string::npos);
  v12->client.send("unbind 1\n");
  v12->client.send(bind_message(1, path, false));
  v12->client.send(ident_message(1, v12->copy));
  EXPECT_EQ(v12->client.expect("json_error").error_code, 201);
}

TEST_F(Generations, may_not_write_what_their_version_does_not_know) {
  for (const auto& [version, changeset] :
       {std::pair{2, mixed_column()}, std::pair{12, list_in_mixed()}, std::pair{30, mixed_column()},
        std::pair{22, mixed_column()}}) {
    const auto path = home_realm('-' + std::to_string(version));
    auto d = open_home(version, path);
    d->session.write(changeset);
    d->session.upload();
    EXPECT_EQ(d->client.expect(version == 12 ? "json_error" : "error").error_code, 212);
    EXPECT_EQ(open_home(14, path)->copy.latest, 0u);
  }
}

// -- core 10 and 11 -----------------------------------------------------------------

TEST_F(Generations, of_core_10_and_11_bring_and_refresh_tokens_in_their_session) { // 3.15
  for (int version : {1, 2, 3}) {
    auto options = as_user(version);
    options.token.clear();
    device d(options, realm('-' + std::to_string(version)));
    d.session.start(user().token);
    d.client.send("refresh 1 " + std::to_string(user().token.size()) + '\n' + user().token);
    write(d, dog_schema());
    const auto other = log_in_anonymously(server()).token;
    d.client.send("refresh 1 " + std::to_string(other.size()) + '\n' + other);
    EXPECT_TRUE(d.client.read_to_end().empty()); // the next upgrade gets 401
  }
}

TEST_F(Generations, of_core_10_reset_by_state_requests) { // 3.16, 5.7
  for (int version : {1, 2, 3}) {
    auto writer = start_device(version);
    write(*writer, new_dog(version, "Rex"));
    auto client = connect(version);
    client.send(bind_message(1, realm(), true));
    const auto given = client.expect("ident");
    client.send("client_version_request 1 " + std::to_string(writer->copy.ident) + ' ' +
                std::to_string(writer->copy.salt) + '\n');
    EXPECT_GE(client.expect("client_version").client_version, 2u);
    client.send("client_version_request 1 99 5\n");
    EXPECT_EQ(client.expect("client_version").client_version, 0u);
    client.send("state_request 1 0 0 0 1 6 20 1 8\n");
    EXPECT_EQ(client.expect("state").raw, "state 1 0 0 0 0 0 0\n");
    client.send("ident 1 " + std::to_string(given.file_ident) + ' ' +
                std::to_string(given.file_salt) + " 0 0 0 0\n");
    EXPECT_FALSE(client.expect("download").entries.empty());
    client.send("state_request 1 0 0 0 1 6 20 1 8\n");
    EXPECT_EQ(client.expect("error").error_code, 109);
  }
}

} // namespace
} // namespace ros::test
