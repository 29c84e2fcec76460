// Upgrades through a real listener (sync-protocol.md 10, "Transport"), with a mock
// of AUTH.
#include "actors/sync_service.hpp"

#include "actors/directory.hpp"
#include "actors/realm_data.hpp"
#include "actors/web_actors.hpp"
#include "runtime/clock.hpp"
#include "runtime/log.hpp"
#include "support/protocol_client.hpp"

#include <caf/actor_system.hpp>
#include <caf/actor_system_config.hpp>
#include <caf/scoped_actor.hpp>
#include <caf/send.hpp>

#include <gtest/gtest.h>

#include <memory>
#include <string>

namespace ros::test {
namespace {

using namespace actors;

struct mock_state {
  static inline const char* name = "mock_auth";
};

/// Good tokens are "good-<user>" and "Bearer good-<user>".
caf::result<principal> judge(const authenticate_upgrade& x) {
  if (x.text == "busy")
    return caf::make_error(ec::overloaded, std::string{"later"});
  if (x.text == "expired" && !x.tolerate_expiry)
    return caf::make_error(auth_ec::expired_token, std::string{"too old"});
  if (x.text == "forged")
    return caf::make_error(auth_ec::bad_signature, std::string{"forged"});
  return principal{};
}

auth_actor::behavior_type mock_auth(auth_actor::stateful_pointer<mock_state>) {
  auto nothing = caf::make_error(ec::unavailable, std::string{"not mocked"});
  return {
      [nothing](const authenticate&) -> caf::result<principal> { return nothing; },
      [](const authenticate_upgrade& x) { return judge(x); },
      [nothing](const enrol_account&) -> caf::result<recognised> { return nothing; },
      [nothing](const log_in&) -> caf::result<logged_in> { return nothing; },
      [nothing](const link_identity&) -> caf::result<logged_in> { return nothing; },
      [nothing](const refresh_session&) -> caf::result<std::string> { return nothing; },
      [nothing](const log_out&) -> caf::result<bool> { return nothing; },
      [nothing](const legacy_log_in&) -> caf::result<legacy_token> { return nothing; },
      [nothing](const exchange_token&) -> caf::result<legacy_token> { return nothing; },
  };
}

class SyncService : public ::testing::Test {
protected:
  struct settings : caf::actor_system_config {
    settings() {
      set("scheduler.max-threads", std::size_t{2});
      add_message_types<caf::id_block::ros_sync_atoms>();
      add_message_types<caf::id_block::ros_sync>();
      add_message_types<caf::id_block::ros_realm_data>();
      add_message_types<caf::id_block::ros_auth>();
      add_message_types<caf::id_block::ros_admin>();
      add_message_types<caf::id_block::ros_web>();
    }
  };

  SyncService() {
    log::options quiet;
    quiet.threshold = log::level::off;
    log::configure(quiet);
    auto context = std::make_shared<sync_service_context>();
    context->auth = auth;
    context->directory = directory_of_node;
    context->random = &runtime::system_random();
    context->backlog = std::make_shared<runtime::byte_budget>(1'000'000);
    service = system.spawn(sync_service, context);
    runtime::listener_handlers handlers;
    handlers.on_request = [](runtime::http_exchange x) { x.respond({404, {}, {}}); };
    handlers.on_upgrade = [target = service](runtime::websocket_offer x) {
      caf::anon_send(target, actors::upgrade_request{std::move(x)});
    };
    std::string problem;
    listener = runtime::listen(pool, "127.0.0.1", 0, handlers, {}, problem);
    EXPECT_EQ(problem, "");
  }
  ~SyncService() override {
    listener.reset();
    pool.stop();
    caf::anon_send_exit(service, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(auth, caf::exit_reason::user_shutdown);
    caf::anon_send_exit(directory_of_node, caf::exit_reason::user_shutdown);
  }

  void make_ready() { caf::anon_send(service, ready_atom_v); }

  test::protocol_client connect(const std::string& subprotocols, const std::string& token,
                                const std::string& target = "/realm-sync",
                                const std::string& headers = "") {
    test::connect_options o;
    o.port = listener->port();
    o.subprotocols = subprotocols;
    o.token = token;
    o.target = target;
    o.headers = headers;
    return test::protocol_client{o};
  }

  std::uint64_t count() {
    caf::scoped_actor self{system};
    std::uint64_t n = 99;
    self->request(service, caf::infinite, list_atom_v)
        .receive([&](std::uint64_t x) { n = x; }, [](caf::error&) {});
    return n;
  }

  settings config;
  caf::actor_system system{config};
  runtime::io_pool pool{1};
  auth_actor auth = system.spawn(mock_auth);
  directory_actor directory_of_node = system.spawn(directory);
  sync_service_actor service;
  std::unique_ptr<runtime::http_listener> listener;
};

TEST_F(SyncService, answers_503_until_it_is_ready_and_404_elsewhere) { // T12
  EXPECT_EQ(connect(test::offer(14), "good").status(), 503);
  EXPECT_EQ(connect(test::offer(14), "good", "/nowhere").status(), 404);
  make_ready();
  EXPECT_EQ(connect(test::offer(14), "good").status(), 101);
  EXPECT_EQ(connect(test::offer(14), "good", "/nowhere").status(), 404);
}

TEST_F(SyncService, negotiates_in_the_clients_own_spelling) { // T1 to T5
  make_ready();
  EXPECT_EQ(connect(test::offer(14), "good").subprotocol(), "com.mongodb.realm-sync#14");
  EXPECT_EQ(connect(test::offer(7, 2, '/'), "good").subprotocol(), "com.mongodb.realm-sync/7");
  EXPECT_EQ(connect("x,com.mongodb.realm-sync#2-14 ,y", "good", "/api/client/v2.0/app/a/realm-sync")
                .subprotocol(),
            "com.mongodb.realm-sync#14");
}

TEST_F(SyncService, refuses_offers_without_a_common_version) { // T6
  make_ready();
  for (const auto* offer : {"com.mongodb.realm-sync#15", "com.mongodb.realm-sync#x", "chat", ""}) {
    auto client = connect(offer, "good");
    EXPECT_EQ(client.status(), 400) << offer;
    EXPECT_NE(client.answer().find("supported"), std::string::npos);
  }
}

TEST_F(SyncService, makes_clients_with_bad_tokens_get_new_ones) { // T10, T13
  make_ready();
  for (const auto* token : {"forged", "expired", ""}) {
    EXPECT_EQ(connect(test::offer(7, 4, '/'), token).status(), 401) << token;
    auto client = connect(test::offer(14), token);
    EXPECT_EQ(client.subprotocol(), "com.mongodb.realm-sync#14");
    EXPECT_TRUE(client.read_to_end().empty());
    EXPECT_EQ(client.close_code(), 4001u);
  }
  EXPECT_EQ(connect(test::offer(14), "busy").status(), 503);
}

TEST_F(SyncService, lets_early_clients_bring_their_token_in_bind) {
  make_ready();
  EXPECT_EQ(connect(test::offer(3, 2, '/'), "").status(), 101);
  EXPECT_EQ(connect(test::offer(3, 2, '/'), "forged").status(), 401);
  EXPECT_EQ(connect(test::offer(2, 2, '/'), "expired").status(), 401);
  EXPECT_EQ(connect(test::offer(2, 2, '/'), "expired", "/realm-sync",
                    "User-Agent: RealmSync/10.3.1 (x)\r\n")
                .status(),
            101);
  EXPECT_EQ(
      connect(test::offer(3, 2, '/'), "", "/realm-sync", "Authorization: forged\r\n").status(),
      401);
}

TEST_F(SyncService, accepts_flexible_sync_only_to_refuse_it) { // X1
  make_ready();
  auto client = connect("com.mongodb.realm-query-sync#14, com.mongodb.realm-query-sync#13", "good");
  EXPECT_EQ(client.subprotocol(), "com.mongodb.realm-query-sync#14");
  const auto m = client.expect("json_error");
  EXPECT_EQ(m.error_code, 114);
  EXPECT_EQ(m.session, 0u);
  EXPECT_EQ(m.action, "ApplicationBug");
  EXPECT_FALSE(m.try_again);
}

TEST_F(SyncService, carries_messages_both_ways) {
  make_ready();
  auto client = connect(test::offer(14), "good");
  client.send("ping 5 0\n");
  EXPECT_EQ(client.expect("pong").timestamp, 5u);
  client.socket().send(test::client_frame(9, "abc")); // T17
  client.send("ping 6 0\n");
  client.expect("pong");
  EXPECT_EQ(client.pongs(), std::vector<std::string>{"abc"});
  EXPECT_EQ(count(), 1u);
  client.send("nonsense\n");
  EXPECT_EQ(client.expect("json_error").error_code, 102);
  // Only now: a pong may overtake the greeting.
  EXPECT_EQ(client.log_messages().size(), 1u);
  EXPECT_TRUE(client.read_to_end().empty());
  client.close();
}

TEST_F(SyncService, ends_all_connections_with_100_when_it_stops) { // S11
  make_ready();
  auto a = connect(test::offer(14), "good");
  auto b = connect(test::offer(3, 2, '/'), "good");
  a.send("ping 1 0\n");
  a.expect("pong");
  b.send("ping 1 0\n");
  b.expect("pong");
  caf::scoped_actor self{system};
  auto stopped = self->request(service, caf::infinite, stop_atom_v);
  EXPECT_EQ(a.expect("json_error").error_code, 100);
  EXPECT_EQ(b.expect("error").error_code, 100);
  a.close();
  b.close();
  stopped.receive([](bool all) { EXPECT_TRUE(all); }, [](caf::error&) { FAIL(); });
  EXPECT_EQ(count(), 0u);
  EXPECT_EQ(connect(test::offer(14), "good").status(), 503);
}

} // namespace
} // namespace ros::test
