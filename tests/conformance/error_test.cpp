// Checklist E of sync-protocol.md 10. E2, E3, E4, E12 and E13 are checked by the client
// for every message of every test; here every error that a client can cause is caused.
// E9 is in convergence_test.cpp; E8, E10 and E11 as a real client sees them are in tests/sdk.
#include "conformance_fixture.hpp"

#include <functional>

namespace ros::test {
namespace {

/// A connection with a session of a new client file on a Realm at version 1.
struct victim {
  protocol_client& client;
  client_copy copy;
  std::string path;
  std::string foreign_path;
};

/// One way to get an error.
struct provocation {
  int code;
  std::function<void(victim&)> act;
  int since = 1; ///< first protocol version where clients can do this
};

std::vector<provocation> provocations() {
  auto say = [](std::string message) {
    return [message = std::move(message)](victim& v) { v.client.send(message); };
  };
  auto bind_again = [](auto change) {
    return [change](victim& v) {
      auto copy = v.copy;
      change(copy);
      v.client.send("unbind 1\n");
      v.client.send(bind_message(2, v.path, false));
      v.client.send(ident_message(2, copy));
    };
  };
  const client_copy::change garbage{3, 0, 1, "\x77 no changeset"};
  const client_copy::change change{3, 0, 1, dog_schema()};
  return {
      {102, say("nonsense 1 2\n")},
      {103, say("mark 1\n")},
      {106, say("mark 9 1\n")},
      {107, [](victim& v) { v.client.send(bind_message(1, v.path, true)); }},
      {108,
       [](victim& v) {
         v.client.send(bind_message(2, v.path, false));
         v.client.send(ident_message(2, v.copy));
       }},
      {109, [](victim& v) { v.client.send(ident_message(1, v.copy)); }},
      {110, say("upload 1 1 2000 4 3 0 0\nabcd")},
      {111, say("upload 1 0 7 0 3 0 0\ngarbage")},
      {112, say("upload 1 0 12 0 3 0 0\n3 0 1 0 99 x")},
      {204, [](victim& v) { v.client.send(bind_message(2, "//", true)); }},
      {206, [](victim& v) { v.client.send(bind_message(2, v.foreign_path, true)); }},
      {208, bind_again([](client_copy& c) { c.ident = 1'000'000; })},
      {209, bind_again([](client_copy& c) { c.latest = 99'999; })},
      {210, bind_again([](client_copy& c) { c.client_version = 99'999; })},
      {211, bind_again([](client_copy& c) { ++c.salt; })},
      {212, say(upload_message(1, 3, 0, 0, {garbage}))},
      {216, say(upload_message(1, 3, 0, 0, {change}, 5))},
      {217, say("json_error 212 15 1\n{\"message\":\"x\"}"), 7},
      {201, say("json_error 233 15 1\n{\"message\":\"x\"}"), 7},
  };
}

class ErrorConformanceTest : public ConformanceTest {
protected:
  /// Causes every error at this version; `check` sees the answer.
  static void provoke(int version,
                      const std::function<void(const server_message&, const provocation&)>& check) {
    {
      auto writer = start_device(version < 1 ? 14 : version);
      if (writer->copy.latest == 0) {
        writer->session.write(dog_schema());
        writer->session.upload();
        writer->session.wait_for_upload();
      }
    }
    for (const auto& p : provocations()) {
      if (version < p.since)
        continue;
      SCOPED_TRACE("version " + std::to_string(version) + ", error " + std::to_string(p.code));
      device d(as_user(version), realm(), false);
      d.session.start();
      victim v{d.client, d.copy, realm(), "/somebody-else/private"};
      p.act(v);
      auto m = d.client.next();
      while (m && !m->name.ends_with("error"))
        m = d.client.next();
      ASSERT_TRUE(m.has_value());
      EXPECT_EQ(m->error_code, p.code);
      check(*m, p);
    }
  }
};

constexpr int versions[] = {1, 3, 4, 6, 7, 9, 14};

TEST_F(ErrorConformanceTest, E1_plain_errors_go_up_to_version_3_and_json_errors_from_4) {
  for (int version = 1; version <= 14; ++version) {
    auto client = connect(version);
    EXPECT_EQ(client.version(), version);
    client.send(bind_message(1, "//", true));
    const auto m = client.expect(version < 4 ? "error" : "json_error");
    EXPECT_EQ(m.error_code, 204);
    EXPECT_EQ(m.session, 1u);
    client.send("nonsense\n");
    EXPECT_EQ(client.expect(version < 4 ? "error" : "json_error").error_code, 102);
  }
}

TEST_F(ErrorConformanceTest, E2_json_errors_have_all_keys_with_their_types) {
  for (int version : {4, 7, 14})
    provoke(version, [](const server_message& m, const provocation&) {
      for (const auto* key : {"isRecoveryModeDisabled", "tryAgain", "shouldClientReset"}) {
        ASSERT_TRUE(m.json.contains(key)) << key;
        EXPECT_TRUE(m.json.at(key).is_bool()) << key;
      }
      for (const auto* key : {"message", "logURL", "action"}) {
        ASSERT_TRUE(m.json.contains(key)) << key;
        EXPECT_TRUE(m.json.at(key).is_string()) << key;
      }
      EXPECT_FALSE(m.text.empty());
      EXPECT_EQ(m.json.at("shouldClientReset").as_bool(), m.action.starts_with("ClientReset"));
    });
}

TEST_F(ErrorConformanceTest, E3_codes_that_abort_apps_are_never_sent) {
  // What would be 202 and 203: the connection ends without a message of the protocol.
  for (int version : {3, 8, 14}) {
    auto client = connect(version);
    client.send(bind_message(1, realm(), true, "no.good.token"));
    EXPECT_TRUE(client.read_to_end().empty());
    EXPECT_EQ(client.close_code().value_or(0), version < 8 ? 0u : 4001u);
  }
  auto early = start_device(3);
  early->client.send("refresh 1 5\nwrong");
  EXPECT_TRUE(early->client.read_to_end().empty());
  // 205, 207 and 214 have other names here.
  for (const auto& [path, code] :
       {std::pair{"/nobody/private", 206}, std::pair{"/a/__partial/u/1", 204}}) {
    auto client = connect();
    client.send(bind_message(1, path, true));
    EXPECT_EQ(client.expect("json_error").error_code, code);
  }
  auto client = connect();
  client.send(bind_message(1, realm(), false));
  client.send("ident 1 1 5 0 0 0 0\n");
  EXPECT_EQ(client.expect("json_error").error_code, 208);
  for (int version : versions)
    provoke(version, [](const server_message& m, const provocation&) {
      for (int fatal : {104, 202, 203, 205, 207, 213, 214, 215, 218, 219, 220, 221, 224})
        EXPECT_NE(m.error_code, fatal);
    });
}

TEST_F(ErrorConformanceTest, E4_codes_below_200_are_of_the_connection_and_others_of_a_session) {
  for (int version : versions)
    provoke(version, [](const server_message& m, const provocation&) {
      EXPECT_EQ(m.error_code < 200, m.session == 0) << m.raw.substr(0, 100);
    });
}

TEST_F(ErrorConformanceTest, E5_a_failed_session_is_silent_until_it_is_bound_again) {
  auto other = start_device();
  for (const bool was_bound : {false, true}) {
    auto client = connect();
    if (was_bound) {
      client_copy copy;
      copy.path = realm();
      client_session session(client, copy, 1, false);
      session.start();
      client.send(upload_message(1, 3, 0, 0, {{3, 0, 1, "garbage"}}));
    } else {
      client.send(bind_message(1, realm(), false));
      client.send("ident 1 99 5 0 0 0 0\n");
    }
    client.send("mark 1 1\n"); // crosses the error
    auto m = client.next();
    while (m && (m->name == "download" || m->name == "mark"))
      m = client.next(); // before the error was detected
    ASSERT_TRUE(m.has_value());
    ASSERT_EQ(m->name, "json_error");
    EXPECT_EQ(m->error_code, was_bound ? 212 : 208);
    other->session.write(was_bound ? new_dog(1, "Rex") : dog_schema());
    other->session.upload();
    other->session.wait_for_upload(); // and no download of it
    for (const auto* message : {"upload 1 0 0 0 9 0 0\n", "mark 1 2\n", "ident 1 2 3 0 0 0 0\n"})
      client.send(message);
    client.expect_silence();
    client.send("unbind 1\n"); // and no `unbound`
    client.expect_silence();
    client.send(bind_message(1, realm(), true));
    client.expect("ident");
  }
}

TEST_F(ErrorConformanceTest, E6_of_a_crossing_unbind_and_error_only_one_is_answered) {
  const auto bad_ident =
      binary_frame(bind_message(1, realm(), false)) + binary_frame("ident 1 99 5 0 0 0 0\n");
  const auto bad_path = binary_frame(bind_message(1, "//", true));
  const auto unbind = binary_frame("unbind 1\n");
  for (const auto& failing : {bad_ident, bad_path})
    for (int i = 0; i < 20; ++i) {
      auto client = connect();
      // In one segment: the server has both before it can have sent anything.
      client.socket().send(failing + unbind);
      const auto m = client.next();
      ASSERT_TRUE(m.has_value());
      EXPECT_TRUE(m->name == "unbound" || m->name == "json_error") << m->raw;
      client.expect_silence();
      client.send(bind_message(1, realm(), true));
      client.expect("ident");
    }
  const client_copy::change garbage{3, 0, 1, "garbage"};
  for (int i = 0; i < 20; ++i) { // found by the Realm, on another thread perhaps
    device d(as_user(), realm(), false);
    d.session.start();
    d.client.socket().send(binary_frame(upload_message(1, 3, 0, 0, {garbage})) + unbind);
    const auto m = d.client.next();
    ASSERT_TRUE(m.has_value());
    EXPECT_TRUE(m->name == "unbound" || m->name == "json_error") << m->raw;
    d.client.expect_silence();
  }
}

TEST_F(ErrorConformanceTest, E7_after_a_connection_error_comes_nothing_but_the_end) {
  auto d = start_device();
  std::string frames = binary_frame("nonsense\n");
  for (int i = 0; i < 50; ++i)
    frames += binary_frame("ping " + std::to_string(i) + " 0\n") + binary_frame("mark 1 1\n");
  d->client.socket().send(frames);
  EXPECT_EQ(d->client.expect("json_error").error_code, 102);
  EXPECT_TRUE(d->client.read_to_end().empty()); // the server has ended its side
  // It goes on reading until the client has ended too, instead of resetting.
  const auto more = binary_frame(std::string(1 << 20, 'x'));
  for (int i = 0; i < 8; ++i)
    EXPECT_TRUE(d->client.socket().send(more));
  EXPECT_FALSE(d->client.socket().was_reset());
  d->client.socket().shutdown_send();
  EXPECT_TRUE(d->client.socket().wait_for_end());
}

TEST_F(ErrorConformanceTest, E12_log_messages_go_to_version_10_and_later_only) {
  for (int version = 1; version <= 14; ++version) {
    auto d = start_device(version);
    d->session.wait_for_download();
    d->client.expect_silence();
    const auto& logs = d->client.log_messages();
    if (version < 10) {
      EXPECT_TRUE(logs.empty());
      continue;
    }
    ASSERT_EQ(logs.size(), 2u); // after the upgrade, and after IDENT
    EXPECT_EQ(logs[0].session, 0u);
    EXPECT_EQ(logs[1].session, 1u);
    EXPECT_TRUE(logs[0].json.contains("co_id"));
    for (const auto& m : logs) {
      EXPECT_TRUE(m.json.contains("msg"));
      EXPECT_TRUE(m.json.contains("level")); // the client checks which
    }
  }
}

TEST_F(ErrorConformanceTest, E13_codes_that_a_version_does_not_know_are_not_sent) {
  // 114 is known from version 3 on.
  for (int version = 1; version <= 14; ++version) {
    auto options = as_user();
    options.subprotocols = std::string{"com.mongodb.realm-query-sync"} + (version < 8 ? "/" : "#") +
                           std::to_string(version);
    protocol_client client(options);
    ASSERT_EQ(client.version(), version);
    const auto m = client.next();
    ASSERT_TRUE(m.has_value());
    EXPECT_EQ(m->error_code, version < 3 ? 101 : 114) << version;
  }
  // 217 may be answered to a client's own error, which only version 7 and later has.
  for (int version : {1, 2, 4, 6}) {
    auto d = start_device(version);
    d->client.send("json_error 212 15 1\n{\"message\":\"x\"}");
    const auto m = d->client.next();
    ASSERT_TRUE(m.has_value());
    EXPECT_EQ(m->error_code, 102) << version;
  }
}

TEST_F(ErrorConformanceTest, E13_realms_with_newer_features_are_named_in_codes_that_are_known) {
  changeset_builder b;
  b.add_table("Dog").add_column("Dog", "any", sync::value_type::null);
  b.create("Dog", std::int64_t{1}).update("Dog", std::int64_t{1}, {"any"}, new_list());
  auto old = start_device(12);
  auto older = start_device(6);
  auto writer = start_device(14);
  writer->session.write(std::string{client_bytes(b.take()).view()});
  writer->session.upload();
  writer->session.wait_for_upload();
  const auto m = old->client.expect("json_error");
  EXPECT_EQ(m.error_code, 201);
  EXPECT_EQ(m.action, "ApplicationBug");
  EXPECT_FALSE(m.try_again);
  EXPECT_EQ(older->client.expect("json_error").error_code, 212);
  auto late = connect(12);
  late.send(bind_message(1, realm(), false));
  late.send(ident_message(1, old->copy));
  EXPECT_EQ(late.expect("json_error").error_code, 201);
}

} // namespace
} // namespace ros::test
