// Errors of sync-protocol.md 4.5 that need a limit to be reached or a strict server: 104,
// 224 and 225, and the time that a connection in error is kept (E7).
#include "conformance_fixture.hpp"

#include "runtime/clock.hpp"

#include <poll.h>

namespace ros::test {
namespace {

class ErrorLimits : public ConformanceTest {
protected:
  static constexpr const char* limit = "1048576";

  server_process strict{std::map<std::string, std::string>{
      {"sync.max_upload_size", limit}, {"sync.allow_destructive_schema_changes", "false"}}};
  log_in_result me = log_in_anonymously(strict);
  const std::string path = '/' + me.user_id + "/limits";

  /// A session of com.mongodb up to 14 or io.realm.sync 22 or 30.
  std::unique_ptr<device> open(int version) {
    auto claims = claims_for(path);
    claims.identity = me.user_id;
    const auto token = version < 15 ? std::string{} : signed_token(claims);
    connect_options o;
    if (version < 15) {
      o.token = me.token;
      o.subprotocols = offer(version, 1, version < 8 ? '/' : '#');
    } else {
      o = as_legacy(std::to_string(version), path, token);
    }
    o.port = strict.port();
    auto d = std::make_unique<device>(o, path);
    d->session.start(token);
    return d;
  }
  static server_message error_of(device& d) {
    for (auto m = d.client.next(); m; m = d.client.next())
      if (m->name.ends_with("error"))
        return *m;
    ADD_FAILURE() << "no error came";
    return {};
  }
  static std::string erased_class() {
    changeset_builder b;
    b.erase_table("Dog");
    return std::string{client_bytes(b.take()).view()};
  }
};

TEST_F(ErrorLimits,
       E1_an_upload_that_inflates_beyond_the_limit_is_1009_and_for_legacy_clients_104) {
  const std::string zeros(2u << 20, '\0');
  const std::vector<client_copy::change> changes{{9, 0, 1, zeros}};
  for (int version : {1, 4, 7, 14}) {
    auto d = open(version);
    d->client.send(compressed_upload_message(1, 9, 0, 0, changes, 6));
    EXPECT_TRUE(d->client.read_to_end().empty()) << version; // 104 would abort the app
    EXPECT_EQ(d->client.close_code(), 1009u) << version;
  }
  auto d = open(30);
  d->client.send(compressed_upload_message(1, 9, 0, 0, changes, 6));
  EXPECT_EQ(error_of(*d).error_code, 104);
}

TEST_F(ErrorLimits, E1_one_session_too_many_is_201_and_says_to_come_back) {
  constexpr int most = 2000;
  auto d = open(14);
  for (int session = 2; session <= most; ++session)
    d->client.send(bind_message(static_cast<std::uint64_t>(session), path, false));
  d->client.send(bind_message(most + 1, path, false));
  const auto m = error_of(*d);
  EXPECT_EQ(m.error_code, 201); // 224 would abort the app
  EXPECT_EQ(m.session, static_cast<std::uint64_t>(most + 1));
  EXPECT_EQ(m.action, "Transient");
  EXPECT_TRUE(m.try_again);
  d->session.write(new_dog(1, "Rex"));
  d->session.upload();
  d->session.wait_for_upload(); // the others go on
}

TEST_F(ErrorLimits, E1_erasing_a_class_is_225_where_it_is_forbidden) {
  auto owner = open(14);
  owner->session.write(new_dog(1, "Rex"));
  owner->session.upload();
  owner->session.wait_for_upload();
  for (int version : {1, 4, 14, 30}) {
    auto d = open(version);
    d->session.wait_for_download();
    d->session.write(erased_class());
    d->session.upload();
    const auto m = error_of(*d);
    EXPECT_EQ(m.error_code, 225) << version;
    EXPECT_EQ(m.session, 1u);
    if (version == 4 || version == 14) {
      EXPECT_EQ(m.action, "ClientResetNoRecovery");
    }
  }
  EXPECT_EQ(open(14)->copy.received.size(), 1u);
}

TEST_F(ErrorLimits, E7_who_does_not_close_after_a_connection_error_is_cut_after_half_a_minute) {
  auto d = open(14);
  d->client.send("nonsense\n");
  EXPECT_EQ(error_of(*d).error_code, 102);
  auto& clock = runtime::system_clock();
  const auto begin = clock.steady_ms();
  const auto more = binary_frame("ping 1 0\n");
  while (d->client.socket().send(more) && clock.steady_ms() < begin + 60'000)
    ::poll(nullptr, 0, 500); // reading ends when the server ends its side, long before
  EXPECT_GT(clock.steady_ms() - begin, 25'000);
  EXPECT_LT(clock.steady_ms() - begin, 45'000);
}

} // namespace
} // namespace ros::test
