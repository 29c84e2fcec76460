// Checklists E and P of sync-protocol.md 10. E2, E3 and E4 are checked by the
// client for every message of every test.
#include "protocol_fixture.hpp"

namespace ros::test {
namespace {

class Errors : public ProtocolTest {};

TEST_F(Errors, have_the_form_of_the_negotiated_version) { // E1, E12
  for (int version = 1; version <= 14; ++version) {
    auto client = connect(version);
    EXPECT_EQ(client.version(), version);
    client.send(bind_message(1, "//", true));
    const auto m = client.expect(version < 4 ? "error" : "json_error");
    EXPECT_EQ(m.error_code, 204);
    EXPECT_EQ(m.session, 1u);
    client.send("nonsense\n");
    EXPECT_EQ(client.expect(version < 4 ? "error" : "json_error").error_code, 102);
    EXPECT_EQ(client.log_messages().empty(), version < 10);
  }
}

TEST_F(Errors, silence_their_session_until_it_is_bound_again) { // E5
  auto other = start_device();
  auto client = connect();
  client.send(bind_message(1, realm(), false));
  client.send("ident 1 99 5 0 0 0 0\n");
  client.send("mark 1 1\n");
  const auto m = client.expect("json_error");
  EXPECT_EQ(m.error_code, 208);
  EXPECT_EQ(m.action, "ClientReset");
  other->session.write(dog_schema());
  other->session.upload();
  other->session.wait_for_upload();
  client.send("upload 1 0 0 0 9 0 0\n");
  client.expect_silence();
  client.send("unbind 1\n");
  client.expect_silence();
  client.send(bind_message(1, realm(), true));
  client.expect("ident");
}

TEST_F(Errors, and_unbind_exclude_each_other) { // E6
  for (int i = 0; i < 20; ++i) {
    auto client = connect();
    client.send(bind_message(1, realm(), false));
    client.send("ident 1 99 5 0 0 0 0\n");
    client.send("unbind 1\n");
    const auto m = client.next();
    ASSERT_TRUE(m.has_value());
    EXPECT_TRUE(m->name == "unbound" || m->name == "json_error");
    client.expect_silence();
  }
}

TEST_F(Errors, of_clients_end_the_session_with_a_reset) { // E11
  auto d = start_device();
  d->client.send("json_error 212 15 1\n{\"message\":\"x\"}");
  const auto m = d->client.expect("json_error");
  EXPECT_EQ(m.error_code, 217);
  EXPECT_EQ(m.action, "ClientReset");
}

TEST_F(Errors, of_the_connection_are_the_last_word) { // E7
  auto d = start_device();
  d->client.send("nonsense\n");
  d->client.send("ping 1 0\n");
  EXPECT_EQ(d->client.expect("json_error").error_code, 102);
  EXPECT_TRUE(d->client.read_to_end().empty());
}

TEST_F(Errors, tell_clients_of_old_protocols_from_realms_with_newer_features) {
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

// -- paths -----------------------------------------------------------------------------------

TEST_F(Errors, P1_partition_values_are_realms_of_their_own) {
  const std::vector<std::vector<std::string>> spellings{
      {"\"p1-abc\"", "  \"p1-abc\" ", "\"p1-\\u0061bc\""},
      {"771", "{\"$numberLong\":\"771\"}", "{\"$numberInt\":\"771\"}"},
      {"{\"$oid\":\"0123456789abcdef01234567\"}", "{\"$oid\":\"0123456789ABCDEF01234567\"}"},
      {"{\"$uuid\":\"12345678-90ab-cdef-1234-567890abcdef\"}",
       "{\"$binary\":{\"base64\":\"EjRWeJCrze8SNFZ4kKvN7w==\",\"subType\":\"04\"}}"},
      {"null"},
      {"\"771\""}};
  auto client = connect();
  std::uint64_t session = 0;
  std::vector<client_copy> copies(spellings.size());
  for (std::size_t i = 0; i < spellings.size(); ++i) {
    copies[i].path = spellings[i].front();
    client_session writer(client, copies[i], ++session);
    writer.start();
    EXPECT_EQ(copies[i].latest, 0u) << copies[i].path;
    writer.write(new_dog(static_cast<std::int64_t>(i), "Rex"));
    writer.upload();
    writer.wait_for_upload();
    for (const auto& other : spellings[i]) {
      client_copy copy;
      copy.path = other;
      client_session reader(client, copy, ++session);
      reader.start();
      EXPECT_EQ(copy.received.size(), 1u) << other;
      reader.unbind();
    }
    writer.unbind();
  }
}

TEST_F(Errors, P2_illegal_paths_are_refused) {
  for (const auto* path : {"//e", "/e/", "/.e", "/e.realm", "/e~", "/../../etc/passwd", "/%2e%2e/x",
                           "/a/__partial/u/1", "dogs", "true", "1.5"}) {
    auto client = connect();
    client.send(bind_message(1, path, true));
    const auto m = client.expect("json_error");
    EXPECT_EQ(m.error_code, 204) << path;
    EXPECT_EQ(m.action, "ApplicationBug");
  }
}

TEST_F(Errors, P2_a_users_own_home_is_open_to_him_alone) {
  auto client = connect();
  client.send(bind_message(1, "/~/mine", true));
  client.expect("ident");
  client.send(bind_message(2, '/' + user().user_id + "/mine", true));
  client.expect("ident");
  auto options = as_user();
  options.token = log_in_anonymously(server()).token;
  protocol_client stranger(options);
  stranger.send(bind_message(1, '/' + user().user_id + "/mine", true));
  const auto m = stranger.expect("json_error");
  EXPECT_EQ(m.error_code, 206);
  EXPECT_EQ(m.action, "ApplicationBug");
}

} // namespace
} // namespace ros::test
