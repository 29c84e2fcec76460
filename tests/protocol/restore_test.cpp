// A server that was put back to older data: clients that know more are told to reset,
// everybody else goes on (sync-protocol.md 10, R8).
#include "reset_expectations.hpp"
#include "resetting_fixture.hpp"

namespace ros::test {
namespace {

class RestoredServers : public ResettingTest {
protected:
  /// The copy on a new connection.
  static void resume(app& a) {
    a.connect();
    a.resume(1);
  }
  /// The answer to the IDENT of a copy that is ahead; the session is gone afterwards.
  static server_message refusal(app& a) {
    a.connect();
    a.client->send(bind_message(1, a.file.copy.path, false));
    a.client->send(ident_message(1, a.file.copy));
    auto m = a.client->require_next();
    a.client->send("unbind 1\n");
    return m;
  }
  void go_back() {
    server.stop();
    server.restore_data();
    server.start();
  }
  void save() {
    server.stop();
    server.save_data();
    server.start();
  }
};

TEST_F(RestoredServers, reset_those_who_are_ahead_and_nobody_else) {
  auto idle = open();
  idle->file.write(new_dog(1, "Rex"), 1);
  idle->upload();
  auto writer = open();
  writer->settle();
  auto reader = open();
  reader->settle();
  idle->settle();
  save();
  // Acknowledged, and lost with the new data.
  resume(*writer);
  for (std::int64_t i = 2; i < 5; ++i)
    writer->file.write(new_dog(i, "lost"), 2);
  writer->upload();
  resume(*reader);
  reader->settle();
  auto newcomer = open();
  newcomer->settle();
  // Not acknowledged by any server.
  for (auto* a : {writer.get(), reader.get(), newcomer.get(), idle.get()}) {
    a->client->close();
    a->file.write(new_dog(static_cast<std::int64_t>(100 + a->file.copy.ident), "unsynced"), 3);
  }
  go_back();

  resume(*idle);
  idle->upload();
  expect_reset(refusal(*writer), 209, 14);
  writer->reset();
  expect_reset(refusal(*newcomer), 209, 14);
  newcomer->reset({.connections = reset_style::link::new_connections, .asks_anew = true});
  // The server has as many versions again as the reader knows, but other ones.
  while (idle->file.copy.latest < reader->file.copy.latest) {
    idle->file.write(rename_dog(1, "new history"), 4);
    idle->settle();
  }
  expect_reset(refusal(*reader), 211, 14);
  reader->reset({.empty_uploads = true});

  const auto content = idle->settle();
  const auto fresh = open();
  for (auto* a : {writer.get(), reader.get(), newcomer.get(), fresh.get()})
    EXPECT_EQ(a->settle(), content);
  EXPECT_EQ(content.find("lost"), content.npos);
  for (auto at = std::size_t{0}, found = std::size_t{0};; ++found, ++at) {
    at = content.find("unsynced", at);
    if (at == content.npos) {
      EXPECT_EQ(found, 4u) << content;
      break;
    }
  }
}

TEST_F(RestoredServers, tell_every_version_of_the_protocol_in_its_own_way) {
  std::vector<std::unique_ptr<app>> apps;
  auto first = open();
  first->file.write(dog_schema(), 1);
  first->upload();
  for (int version = 2; version <= 14; ++version)
    apps.push_back(open(version));
  save();
  resume(*first);
  first->file.write(new_dog(1, "lost"), 1);
  first->upload();
  for (auto& a : apps) {
    resume(*a);
    a->settle();
    a->client->close();
    a->file.write(new_dog(static_cast<std::int64_t>(a->file.copy.ident), "unsynced"), 3);
  }
  go_back();
  for (int version = 2; version <= 14; ++version) {
    auto& a = *apps[static_cast<std::size_t>(version - 2)];
    const auto m = refusal(a);
    expect_reset(m, m.error_code == 211 ? 211 : 209, version);
    a.reset();
  }
  const auto content = open()->settle();
  for (auto& a : apps) {
    EXPECT_EQ(a->settle(), content);
    EXPECT_NE(a->file.content().find("unsynced"), content.npos);
  }
}

TEST_F(RestoredServers, do_not_take_a_new_file_for_one_that_was_lost) {
  auto first = open();
  first->file.write(dog_schema(), 1);
  first->upload();
  save();
  auto lost = open();
  lost->settle();
  lost->client->close();
  go_back();
  auto taken = open(); // its ident is the lost one's again
  ASSERT_EQ(taken->file.copy.ident, lost->file.copy.ident);
  expect_reset(refusal(*lost), 211, 14);
  lost->reset();
  EXPECT_EQ(lost->settle(), taken->settle());
}

} // namespace
} // namespace ros::test
