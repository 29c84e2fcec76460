// The error tables of sync-protocol.md 4.5 and http-api.md 8.6 on the wire: what each
// version is really told when something is wrong. tests/sync/error_table_test.cpp has every
// code; here is one way to each of those that a client can provoke. The client checks form,
// keys and levels (E1 to E4) of all of them.
#include "conformance_fixture.hpp"

namespace ros::test {
namespace {

struct expected_error {
  int code;
  std::string action;
  bool try_again = false;
};

void expect_error(const std::optional<server_message>& m, int version,
                  const expected_error& wanted) {
  SCOPED_TRACE("version " + std::to_string(version) + ", code " + std::to_string(wanted.code));
  ASSERT_TRUE(m.has_value());
  ASSERT_EQ(m->name, version < 4 ? "error" : "json_error");
  EXPECT_EQ(m->error_code, wanted.code);
  EXPECT_EQ(m->session == 0, wanted.code < 200);
  EXPECT_EQ(m->try_again, wanted.try_again);
  if (version >= 4) {
    EXPECT_EQ(m->action, wanted.action);
  }
}

class ErrorTable : public ConformanceTest {
protected:
  /// The error that this last message of a fresh session is answered with.
  static std::optional<server_message> answer_to(int version, const std::string& message) {
    auto d = start_device(version);
    d->client.send(message);
    return d->client.next();
  }
  /// Of a connection without session.
  static std::optional<server_message> first_answer_to(int version, const std::string& message) {
    auto client = connect(version);
    client.send(message);
    return client.next();
  }
  /// Of a BIND and an IDENT of this copy.
  static std::optional<server_message> answer_to_ident(int version, const client_copy& copy) {
    auto client = connect(version);
    client.send(bind_message(1, realm(), false));
    client.send(ident_message(1, copy));
    return client.next();
  }
  static std::optional<server_message> answer_to_upload(int version, const std::string& changeset,
                                                        std::uint64_t origin = 0) {
    auto d = start_device(version);
    const auto base = d->copy.server_version;
    d->client.send(upload_message(1, 9, base, base, {{9, base, 1, changeset}}, origin));
    return d->client.next();
  }
  static constexpr int newest = 14;
};

TEST_F(ErrorTable, E1_of_the_connection_is_the_same_in_every_version) {
  for (int v = 1; v <= newest; ++v) {
    const std::string violation = "ProtocolViolation";
    expect_error(first_answer_to(v, "nonsense\n"), v, {102, violation});
    expect_error(first_answer_to(v, "ping x 1\n"), v, {103, violation});
    expect_error(first_answer_to(v, "mark 5 1\n"), v, {106, violation});
    expect_error(answer_to(v, bind_message(1, realm(), true)), v, {107, violation});
    expect_error(answer_to(v, "ident 1 2 3 0 0 0 0\n"), v, {109, violation});
    expect_error(answer_to(v, "upload 1 1 2000 4 3 0 0\nabcd"), v, {110, violation});
    expect_error(answer_to(v, "upload 1 0 7 0 3 0 0\ngarbage"), v, {111, violation});
    expect_error(answer_to(v, "upload 1 0 12 0 3 0 0\n3 0 1 0 99 x"), v, {112, violation});
    auto d = start_device(v);
    d->client.send(bind_message(2, realm(), false));
    d->client.send(ident_message(2, d->copy));
    expect_error(d->client.next(), v, {108, violation});
  }
}

TEST_F(ErrorTable, E1_of_a_session_is_the_same_in_every_version) {
  auto writer = start_device();
  writer->session.write(new_dog(1, "Rex"));
  writer->session.upload();
  writer->session.wait_for_upload();
  auto stranger_options = as_user();
  stranger_options.token = log_in_anonymously(server()).token;
  device stranger(stranger_options, realm());
  stranger.session.start();
  for (int v = 1; v <= newest; ++v) {
    const std::string reset = "ClientReset";
    expect_error(first_answer_to(v, bind_message(1, "//", true)), v, {204, "ApplicationBug"});
    expect_error(first_answer_to(v, "bind 1 4 0 1 1\nnull"), v, {206, "ApplicationBug"});
    auto d = start_device(v);
    d->session.unbind();
    auto bad = d->copy;
    bad.ident = 9999;
    expect_error(answer_to_ident(v, bad), v, {208, reset});
    bad = d->copy;
    bad.latest += 5;
    expect_error(answer_to_ident(v, bad), v, {209, reset});
    bad = d->copy;
    bad.client_version = 50;
    expect_error(answer_to_ident(v, bad), v, {210, reset});
    bad = d->copy;
    ++bad.salt;
    expect_error(answer_to_ident(v, bad), v, {211, reset});
    expect_error(answer_to_ident(v, stranger.copy), v, {223, "ApplicationBug"});
    expect_error(answer_to_upload(v, "\x77 no changeset"), v, {212, "ApplicationBug"});
    expect_error(answer_to_upload(v, new_dog(1, "Max"), 7), v, {216, "ProtocolViolation"});
  }
}

TEST_F(ErrorTable, E11_of_a_client_is_answered_by_those_versions_that_know_such_errors) {
  for (int v = 1; v <= newest; ++v)
    for (const int code : {112, 212, 233}) {
      const auto m = answer_to(v, "json_error " + std::to_string(code) + " 2 1\n{}");
      if (v < 7)
        expect_error(m, v, {102, "ProtocolViolation"});
      else if (code == 233)
        expect_error(m, v, {201, "Transient", true});
      else
        expect_error(m, v, {217, "ClientReset"});
    }
}

TEST_F(ErrorTable, E13_tells_versions_below_a_realms_features_in_their_own_words) {
  changeset_builder b;
  b.add_table("Dog").add_column("Dog", "any", sync::value_type::null);
  b.create("Dog", std::int64_t{1}).update("Dog", std::int64_t{1}, {"any"}, new_list());
  auto writer = start_device(14);
  writer->session.write(std::string{client_bytes(b.take()).view()});
  writer->session.upload();
  writer->session.wait_for_upload();
  for (int v = 1; v < 13; ++v) {
    auto client = connect(v);
    client.send(bind_message(1, realm(), true));
    const auto given = client.expect("ident");
    client_copy copy;
    copy.ident = given.file_ident;
    copy.salt = given.file_salt;
    client.send(ident_message(1, copy));
    expect_error(client.next(), v, {v < 7 ? 212 : 201, "ApplicationBug"});
  }
}

TEST_F(ErrorTable, E13_tells_only_versions_from_3_on_of_flexible_sync) {
  for (int v = 2; v <= newest; ++v) {
    auto options = as_user(v);
    options.subprotocols = "com.mongodb.realm-query-sync#" + std::to_string(v);
    protocol_client client(options);
    EXPECT_EQ(client.subprotocol(), options.subprotocols);
    if (v < 3)
      expect_error(client.next(), v, {101, "Transient", true});
    else
      expect_error(client.next(), v, {114, "ApplicationBug"});
  }
}

TEST_F(ErrorTable, E3_makes_a_closed_connection_of_a_bad_token) {
  for (int v = 1; v <= newest; ++v) {
    auto options = as_user(v);
    options.token = "bad";
    protocol_client refused(options); // at the upgrade
    if (v >= 8) {
      EXPECT_TRUE(refused.read_to_end().empty());
      EXPECT_EQ(refused.close_code(), 4001u);
    } else {
      EXPECT_EQ(refused.status(), 401) << v;
    }
    auto client = connect(v); // in BIND
    client.send(bind_message(1, realm(), true, "bad"));
    EXPECT_TRUE(client.read_to_end().empty());
    EXPECT_EQ(client.close_code(), v >= 8 ? std::optional{4001u} : std::nullopt) << v;
    auto second = connect(v); // in REFRESH
    second.send(bind_message(1, realm(), true));
    second.expect("ident");
    second.send("refresh 1 3\nbad");
    EXPECT_TRUE(second.read_to_end().empty());
    EXPECT_EQ(second.close_code(), v >= 8 ? std::optional{4001u} : std::nullopt) << v;
  }
}

TEST_F(ErrorTable, S11_tells_every_version_of_a_shutdown) {
  server_process other;
  const auto token = log_in_anonymously(other).token;
  std::vector<std::unique_ptr<protocol_client>> clients;
  for (int v = 1; v <= newest; ++v) {
    auto options = as_user(v);
    options.port = other.port();
    options.token = token;
    clients.push_back(std::make_unique<protocol_client>(options));
    clients.back()->send("ping 1 0\n");
    clients.back()->expect("pong");
  }
  other.ask_to_stop();
  for (int v = 1; v <= newest; ++v)
    expect_error(clients[static_cast<std::size_t>(v) - 1]->next(), v, {100, "Transient", true});
}

} // namespace
} // namespace ros::test
