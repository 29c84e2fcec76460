// Checklist F of sync-protocol.md 10. F5 is checked by the client everywhere.
#include "protocol_fixture.hpp"

namespace ros::test {
namespace {

class Framing : public ProtocolTest {
protected:
  /// The error a fresh connection ends with after these messages.
  static int error_after(const std::vector<std::string>& messages) {
    auto client = connect();
    for (const auto& m : messages)
      client.send(m);
    auto error = client.next();
    while (error && !error->name.ends_with("error"))
      error = client.next();
    EXPECT_TRUE(error.has_value());
    EXPECT_TRUE(client.read_to_end().empty()); // E7
    return error && error->session == 0 ? error->error_code : 0;
  }
};

TEST_F(Framing, unknown_messages_are_error_102) { // F1
  EXPECT_EQ(error_after({"nonsense 1 2\n"}), 102);
  EXPECT_EQ(error_after({"test_command 1 1 2\n{}"}), 102);
}

TEST_F(Framing, broken_syntax_is_error_103) { // F2, F3, F4
  const std::string path = realm();
  for (const auto& bad :
       {std::string{}, std::string{"mark 1\n"}, std::string{"mark 1 1 1\n"},
        std::string{"ping  1 1\n"}, std::string{"ping 1 1\r\n"}, std::string{"ping 1 x\n"},
        std::string{"ping 1 18446744073709551616\n"}, std::string{"ping 1 -1\n"},
        std::string(1000, 'x'), std::string{"bind 1 0 0 1 0\n"},
        "bind 1 1025 0 1 0\n" + std::string(1025, 'x'), std::string{"bind 1 99 0 1 0\n/dogs"},
        std::string{"bind 1 4 9223372036854775807 1 0\n/dog"}})
    EXPECT_EQ(error_after({bad}), 103) << bad.substr(0, 40);
}

TEST_F(Framing, uploads_of_every_compression_level_are_accepted) { // F6
  auto d = start_device();
  for (int level : {1, 6, 9}) {
    const std::string name(3000, static_cast<char>('a' + level));
    d->session.write(new_dog(level, name));
    d->client.send(compressed_upload_message(1, d->copy.version, d->copy.server_version,
                                             d->copy.server_version, d->copy.unacknowledged,
                                             level));
    d->session.wait_for_upload();
  }
  auto other = start_device();
  EXPECT_EQ(other->copy.received.size(), 3u);
}

TEST_F(Framing, downloads_above_1024_bytes_are_compressed_if_that_is_shorter) { // F6
  auto d = start_device();
  d->session.write(new_dog(1, std::string(5000, 'x')));
  d->session.upload();
  d->session.wait_for_upload();
  auto client = connect();
  client.send(bind_message(1, realm(), true));
  const auto given = client.expect("ident");
  client_copy copy;
  copy.ident = given.file_ident;
  copy.salt = given.file_salt;
  client.send(ident_message(1, copy));
  const auto m = client.expect("download");
  EXPECT_TRUE(m.is_compressed);
  EXPECT_GT(m.plain_size, 5000u);
}

TEST_F(Framing, bodies_that_do_not_inflate_are_error_110) { // F7, F8
  const auto start = [](std::string last) {
    auto d = start_device();
    d->client.send(last);
    const auto m = d->client.expect("json_error");
    return m.session == 0 ? m.error_code : 0;
  };
  EXPECT_EQ(start("upload 1 1 100 4 2 0 0\nabcd"), 110);
  EXPECT_EQ(start("upload 1 1 4294967296 4 2 0 0\nabcd"), 110);
  auto good = compressed_upload_message(1, 2, 0, 0, {{2, 0, 1, dog_schema()}}, 6);
  good[9] = '1';
  const auto at = good.find(' ', 11);
  good.replace(11, at - 11, "5000"); // another size than it inflates to
  EXPECT_EQ(start(good), 110);
}

} // namespace
} // namespace ros::test
