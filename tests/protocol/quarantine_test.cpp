// One damaged Realm of a real server: nobody else notices, no client loses anything.
#include "protocol_fixture.hpp"

#include "support/damage.hpp"
#include "support/http_client.hpp"

namespace ros::test {
namespace {

class Quarantine : public ::testing::Test {
protected:
  std::unique_ptr<device> start_device(const std::string& partition) {
    auto d = std::make_unique<device>(options(), partition);
    d->session.start();
    return d;
  }
  connect_options options(int version = 14) const {
    connect_options o;
    o.port = server.port();
    o.token = user.token;
    o.subprotocols = offer(version, 1, version < 8 ? '/' : '#');
    return o;
  }
  /// Runs `work` on the data directory of the server, which stands still meanwhile.
  template <class F>
  void between_stop_and_start(F work) {
    EXPECT_EQ(server.stop(), 0);
    {
      auto db = storage::database::open(server.root());
      ASSERT_TRUE(db);
      work(**db);
    }
    server.start();
  }
  http_answer admin(const std::string& method, const std::string& target) {
    return http_client(server.port())
        .send(method, "/api/admin/v1/realms" + target,
              {{"Authorization", "Bearer " + server.admin_token()}});
  }
  /// The paths that are quarantined.
  std::vector<std::string> quarantined() {
    std::vector<std::string> all;
    const auto answer = admin("GET", "?state=quarantined");
    EXPECT_EQ(answer.status, 200u) << answer.body;
    const auto document = answer.json();
    for (const auto& x : document.at("realms").as_array()) {
      all.emplace_back(x.at("path").as_string());
      EXPECT_NE(x.at("reason").as_string(), "");
    }
    return all;
  }
  /// BIND and IDENT of a copy, and what the server says to that.
  static server_message refusal(const connect_options& how, const client_copy& copy) {
    protocol_client client(how);
    client.send(bind_message(1, copy.path, false));
    client.send(ident_message(1, copy));
    auto answer = client.next();
    EXPECT_TRUE(answer.has_value());
    return answer.value_or(server_message{});
  }

  server_process server;
  const log_in_result user = log_in_anonymously(server);
};

TEST_F(Quarantine, a_damaged_realm_is_closed_until_it_is_repaired) {
  auto bad = start_device("\"bad\""), good = start_device("\"good\"");
  for (auto* d : {bad.get(), good.get()}) {
    d->session.write(new_dog(1, "Rex"));
    d->session.upload();
    d->session.wait_for_upload();
  }
  bad->session.write(rename_dog(1, "Ben")); // offline: only this copy has it
  bad->client.close();
  const auto copy = bad->copy;

  stored_rows rows;
  between_stop_and_start([&](storage::database& db) {
    rows = damage_rows(db, storage::family::clients, prefix_of(db, "/__partition/s-bad"));
  });
  EXPECT_TRUE(quarantined().empty());
  auto answer = refusal(options(), copy);
  EXPECT_EQ(answer.name, "json_error");
  EXPECT_EQ(answer.error_code, 201);
  EXPECT_EQ(answer.action, "Transient");
  EXPECT_TRUE(answer.try_again);
  EXPECT_EQ(quarantined(), std::vector<std::string>{"/__partition/s-bad"});
  answer = refusal(options(), copy); // and from now on clients take their time
  EXPECT_EQ(answer.error_code, 201);
  EXPECT_EQ(answer.json.at("backoffIntervalSec").as_int64(), 30);
  answer = refusal(options(3), copy);
  EXPECT_EQ(answer.name, "error");
  EXPECT_EQ(answer.error_code, 201);
  EXPECT_TRUE(answer.try_again);

  good = std::make_unique<device>(options(), good->copy);
  good->session.start();
  good->session.write(rename_dog(1, "Max"));
  good->session.upload();
  good->session.wait_for_upload();

  const std::string release = "/%2F__partition%2Fs-bad/release";
  EXPECT_EQ(admin("POST", release).status, 200u);
  EXPECT_TRUE(quarantined().empty());
  EXPECT_EQ(refusal(options(), copy).error_code, 201); // nobody has repaired it
  EXPECT_EQ(quarantined().size(), 1u);

  between_stop_and_start(
      [&](storage::database& db) { put_rows(db, storage::family::clients, rows); });
  bad = std::make_unique<device>(options(), copy);
  bad->session.start();
  bad->session.upload();
  bad->session.wait_for_upload();
  EXPECT_TRUE(quarantined().empty());

  // The reason stands in the log, once for each time.
  const auto log = server.output();
  std::size_t lines = 0;
  for (auto at = log.find("quarantines /__partition/s-bad"); at != std::string::npos;
       at = log.find("quarantines /__partition/s-bad", at + 1))
    ++lines;
  EXPECT_EQ(lines, 2u);
}

} // namespace
} // namespace ros::test
