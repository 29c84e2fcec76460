// Checklists D and M of sync-protocol.md 10. D2 and D3 are checked by the client in
// every test.
#include "protocol_fixture.hpp"

namespace ros::test {
namespace {

class Downloads : public ProtocolTest {
protected:
  static void write(device& d, const std::string& changeset, std::uint64_t timestamp = 1000) {
    d.session.write(changeset, timestamp);
    d.session.upload();
    d.session.wait_for_upload();
  }
};

TEST_F(Downloads, bring_entries_in_order_with_origin_and_time) { // D1
  auto a = start_device();
  auto b = start_device();
  write(*a, new_dog(1, "Rex"), 375343343123);
  write(*a, rename_dog(1, "Max"), 375343343124);
  b->session.wait_for_download();
  const auto& got = b->copy.received;
  ASSERT_EQ(got.size(), 2u);
  EXPECT_EQ(got[0].server_version, 1u);
  EXPECT_EQ(got[1].server_version, 2u);
  EXPECT_EQ(got[0].origin, a->copy.ident);
  EXPECT_EQ(got[0].timestamp, 375343343123u);
  EXPECT_EQ(got[1].timestamp, 375343343124u);
  EXPECT_TRUE(a->copy.received.empty());
}

TEST_F(Downloads, say_what_was_integrated_before_each_entry) { // D4
  auto a = start_device();
  auto b = start_device();
  write(*a, new_dog(1, "Rex"));
  const auto first = a->copy.client_version;
  b->session.wait_for_download();
  write(*b, rename_dog(1, "b1"));
  a->session.wait_for_download();
  write(*a, rename_dog(1, "a2"));
  const auto second = a->copy.client_version;
  EXPECT_GT(second, first);
  b->session.wait_for_download();
  write(*b, rename_dog(1, "b2"));
  a->session.wait_for_download();
  auto check = [&](const std::vector<received_entry>& got) {
    ASSERT_EQ(got.size(), 2u);
    EXPECT_EQ(got[0].client_version, first);
    EXPECT_EQ(got[1].client_version, second);
  };
  check(a->copy.received);
}

TEST_F(Downloads, of_long_history_come_in_pieces) { // D5, M2
  auto writer = start_device();
  for (int i = 0; i < 40; ++i)
    writer->session.write(new_dog(i, std::string(1 << 20, static_cast<char>('a' + i % 20))));
  writer->session.upload();
  writer->session.wait_for_upload();
  device reader(as_user(), realm());
  std::vector<std::uint64_t> left;
  std::uint64_t behind = 0;
  reader.copy.on_download = [&](const server_message& m) {
    left.push_back(m.downloadable_bytes);
    EXPECT_GT(m.download_server_version, behind);
    behind = m.download_server_version;
  };
  reader.session.start();
  reader.session.wait_for_download();
  EXPECT_EQ(reader.copy.received.size(), 40u);
  ASSERT_GT(left.size(), 2u);
  EXPECT_TRUE(std::is_sorted(left.rbegin(), left.rend()));
  EXPECT_EQ(left.back(), 0u);
}

TEST_F(Downloads, do_not_come_without_news) { // D6, D7
  auto a = start_device();
  for (int i = 0; i < 10; ++i)
    write(*a, i == 0 ? new_dog(1, "Rex") : rename_dog(1, std::to_string(i)));
  EXPECT_LE(a->session.downloads(), 11u);
  a->client.expect_silence();
}

TEST_F(Downloads, give_salts_that_are_good_for_every_version) { // D8
  auto writer = start_device();
  auto reader = start_device();
  std::vector<client_copy> states{reader->copy};
  reader->copy.on_download = [&](const server_message&) { states.push_back(reader->copy); };
  for (int i = 0; i < 5; ++i) {
    write(*writer, i == 0 ? new_dog(1, "Rex") : rename_dog(1, std::to_string(i)));
    reader->session.wait_for_download();
  }
  reader->session.unbind();
  ASSERT_GE(states.size(), 6u);
  // The file's acknowledged base moved on: an older cursor is good for another file only.
  auto probe = start_device();
  probe->session.unbind();
  for (const auto& s : states) {
    auto copy = probe->copy;
    copy.server_version = copy.latest = s.latest;
    copy.latest_salt = s.latest_salt;
    copy.client_version = 0;
    auto client = connect();
    client.send(bind_message(1, realm(), false));
    client.send(ident_message(1, copy));
    const auto m = client.next();
    ASSERT_TRUE(m.has_value());
    // Below the probe's own base 209 may come, but never "diverged".
    EXPECT_TRUE(m->name == "download" || m->error_code == 209) << m->raw.substr(0, 200);
  }
}

// -- marks ------------------------------------------------------------------------------------

TEST_F(Downloads, precede_the_mark_on_an_empty_realm) { // M1
  auto client = connect();
  client.send(bind_message(1, realm(), true));
  const auto given = client.expect("ident");
  client_copy copy;
  copy.ident = given.file_ident;
  copy.salt = given.file_salt;
  client.send(ident_message(1, copy));
  client.send("mark 1 1\n");
  client.expect("download");
  EXPECT_EQ(client.expect("mark").request, 1u);
}

TEST_F(Downloads, end_with_the_answer_to_the_last_of_several_marks) { // M3
  auto d = start_device();
  d->client.send("mark 1 1\n");
  d->client.send("mark 1 2\n");
  d->client.send("mark 1 4\n");
  std::uint64_t last = 0;
  while (last < 4) {
    const auto m = d->client.expect("mark");
    EXPECT_GT(m.request, last);
    last = m.request;
  }
  EXPECT_EQ(last, 4u);
  d->client.expect_silence();
}

TEST_F(Downloads, of_everything_acknowledged_to_others_come_before_a_mark) {
  auto a = start_device();
  auto b = start_device();
  write(*a, new_dog(1, "Rex"));
  for (int i = 0; i < 50; ++i) {
    write(*a, rename_dog(1, std::to_string(i)));
    b->session.wait_for_download();
    ASSERT_EQ(b->copy.received.size(), static_cast<std::size_t>(i) + 2);
  }
}

} // namespace
} // namespace ros::test
