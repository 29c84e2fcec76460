// The transcripts 7.1 and 7.2 of sync-protocol.md, message for message.
#include "protocol_fixture.hpp"

#include <cstdint>
#include <string>

namespace ros::test {
namespace {

std::string bytes_of(std::initializer_list<std::string_view> parts) {
  std::string out;
  for (auto p : parts)
    out += p;
  return out;
}
using namespace std::string_view_literals;

/// <CS1>, <CS1'>, <CS2>, <CS2'> of 7.1.
const std::string cs1 = bytes_of({"?\x00\x03"
                                  "Dog?\x01\x03_id\x00\x00\x00\x01\x01\x00"sv,
                                  "?\x02\x04"
                                  "name?\x03\x00\x06\x00\x02\x03\x01\x00"sv,
                                  "\x02\x00\x01\x01\x04\x00\x01\x01\x02\x00\x03\x03Rex\x00"sv});
const std::string cs1_server = bytes_of(
    {"?\x00\x03"
     "Dog?\x01\x03_id?\x02\x04"
     "name?\x03\x00\x00\x00\x00\x01\x01\x00"sv,
     "\x06\x00\x02\x03\x01\x00\x02\x00\x01\x01\x04\x00\x01\x01\x02\x00"sv, "\x03\x03Rex\x00"sv});
const std::string cs2 = bytes_of({"?\x00\x03"
                                  "Dog\x02\x00\x01\x02?\x01\x04"
                                  "name\x04\x00\x01\x02\x01\x00"sv,
                                  "\x03\x04"
                                  "Fido\x00"sv});
const std::string cs2_server = bytes_of({"?\x00\x03"
                                         "Dog?\x01\x04"
                                         "name\x02\x00\x01\x02\x04\x00\x01\x02\x01\x00"sv,
                                         "\x03\x04"
                                         "Fido\x00"sv});

class Transcript : public ProtocolTest {
protected:
  void expect(protocol_client& client, const std::string& message) {
    const auto m = client.next();
    ASSERT_TRUE(m.has_value()) << "instead of " << message;
    EXPECT_EQ(m->raw, message);
  }
  static std::string number(std::uint64_t n) { return ' ' + std::to_string(n); }
};

TEST_F(Transcript, of_two_clients) { // 7.1
  ASSERT_EQ(cs1.size(), 50u);
  ASSERT_EQ(cs1_server.size(), 50u);
  ASSERT_EQ(cs2.size(), 30u);
  const auto path = realm();
  auto a = connect();
  a.send(bind_message(1, path, true));
  const auto fa = a.expect("ident");
  EXPECT_EQ(fa.file_ident, 2u);
  a.send("ident 1 2" + number(fa.file_salt) + " 0 0 0 0\n");
  expect(a, "download 1 0 0 0 0 0 0 0 0 0 0\n");
  a.send("mark 1 1\n");
  expect(a, "mark 1 1\n");
  EXPECT_EQ(a.log_messages().size(), 2u);

  a.send("upload 1 0 72 0 4 0 0\n2 0 375343343123 0 50 " + cs1);
  const auto ack = a.expect("download");
  const auto salt = number(ack.latest_server_salt);
  EXPECT_EQ(ack.raw, "download 1 1 2 1" + salt + " 4 0 0 0 0 0\n");
  a.send("upload 1 0 0 0 5 1 1\n");
  a.send("mark 1 2\n");
  expect(a, "mark 1 2\n");

  auto b = connect();
  b.send(bind_message(1, path, true));
  const auto fb = b.expect("ident");
  EXPECT_EQ(fb.file_ident, 3u);
  b.send("ident 1 3" + number(fb.file_salt) + " 0 0 0 0\n");
  expect(b, "download 1 1 0 1" + salt + " 0 0 0 0 75 0\n1 0 375343343123 2 50 50 " + cs1_server);
  b.send("mark 1 2\n");
  expect(b, "mark 1 2\n");
  b.send("upload 1 0 0 0 3 1 1\n");
  b.send("upload 1 0 52 0 4 1 1\n4 1 375343344342 0 30 " + cs2);
  expect(a, "download 1 2 2 2" + salt + " 5 1 0 0 55 0\n2 2 375343344342 3 30 30 " + cs2_server);
  expect(b, "download 1 2 4 2" + salt + " 4 1 0 0 0 0\n");
  b.send("upload 1 0 0 0 5 2 2\n");
  a.send("upload 1 0 0 0 6 2 2\n");
  b.send("unbind 1\n");
  expect(b, "unbound 1\n");
  b.close();
  a.send("mark 1 3\n");
  expect(a, "mark 1 3\n");
  a.send("unbind 1\n");
  expect(a, "unbound 1\n");

  // 7.2, on new connections; reported is what version 2 covers (5.3).
  auto again = connect();
  again.send(bind_message(1, path, false));
  again.send("ident 1 2" + number(fa.file_salt) + " 2 2 2" + salt + '\n');
  again.send("mark 1 1\n");
  again.send("ping 2113292 0\n");
  std::vector<std::string> got;
  for (int i = 0; i < 3; ++i)
    got.push_back(again.next()->raw);
  std::erase(got, "pong 2113292\n"); // overtakes what it can
  EXPECT_EQ(got,
            (std::vector<std::string>{"download 1 2 2 2" + salt + " 5 1 0 0 0 0\n", "mark 1 1\n"}));

  changeset_builder builder;
  builder.update("Dog", std::int64_t{1}, {"name"}, std::string(2700, 'x'));
  const client_copy::change big{8, 2, 375343345000,
                                std::string{client_bytes(builder.take()).view()}};
  again.send(compressed_upload_message(1, 8, 2, 2, {big}, 1));
  expect(again, "download 1 3 8 3" + salt + " 8 2 0 0 0 0\n");
  again.send("upload 1 0 0 0 9 3 3\n");
  auto late = connect();
  late.send(bind_message(1, path, false));
  late.send("ident 1 3" + number(fb.file_salt) + " 2 4 2" + salt + '\n');
  const auto m = late.expect("download");
  EXPECT_TRUE(m.is_compressed);
  EXPECT_EQ(m.download_server_version, 3u);
  EXPECT_EQ(m.download_client_version, 4u);
  ASSERT_EQ(m.entries.size(), 1u);
  EXPECT_EQ(m.entries[0].origin, 2u);
}

TEST_F(Transcript, of_a_session_error_and_revival) { // 7.3
  auto client = connect();
  client.send(bind_message(1, realm(), false));
  client.send("ident 1 99 5 0 0 0 0\n");
  client.send("mark 1 1\n");
  expect(client, "json_error 208 141 1\n{\"isRecoveryModeDisabled\":false,\"tryAgain\":false,"
                 "\"message\":\"unknown client file\",\"logURL\":\"\",\"shouldClientReset\":true,"
                 "\"action\":\"ClientReset\"}");
  client.send("unbind 1\n");
  client.send(bind_message(2, realm(), true));
  EXPECT_EQ(client.expect("ident").session, 2u);
}

} // namespace
} // namespace ros::test
