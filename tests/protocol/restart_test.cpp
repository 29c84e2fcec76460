// Servers that stop and start again (S11 of sync-protocol.md 10), and clients that do not
// read.
#include "protocol_fixture.hpp"

namespace ros::test {
namespace {

class Restarts : public ::testing::Test {
protected:
  Restarts() : user(log_in_anonymously(server)) {}

  connect_options as_user() {
    connect_options o;
    o.port = server.port();
    o.token = user.token;
    return o;
  }
  std::unique_ptr<device> start_device() {
    auto d = std::make_unique<device>(as_user(), "\"shared\"");
    d->session.start();
    return d;
  }
  std::unique_ptr<device> resume(client_copy copy) {
    auto d = std::make_unique<device>(as_user(), std::move(copy));
    d->session.start();
    return d;
  }

  server_process server;
  log_in_result user;
};

TEST_F(Restarts, tell_clients_to_come_back_and_lose_nothing) { // R7, S11
  auto a = start_device();
  auto b = start_device();
  a->session.write(new_dog(1, "Rex"));
  a->session.upload();
  a->session.wait_for_upload();
  b->session.wait_for_download();
  server.ask_to_stop();
  for (auto* d : {a.get(), b.get()}) {
    const auto m = d->client.expect("json_error");
    EXPECT_EQ(m.error_code, 100);
    EXPECT_EQ(m.session, 0u);
    EXPECT_TRUE(m.try_again);
    EXPECT_EQ(m.action, "Transient");
    d->client.close();
  }
  EXPECT_EQ(server.stop(), 0);
  server.start();
  auto a2 = resume(a->copy);
  auto b2 = resume(b->copy);
  b2->session.write(rename_dog(1, "Max"));
  b2->session.upload();
  b2->session.wait_for_upload();
  a2->session.wait_for_download();
  EXPECT_EQ(a2->copy.latest, 2u);
  EXPECT_EQ(a2->copy.received.size(), 1u);
}

TEST_F(Restarts, are_not_caused_by_clients_that_do_not_read) { // robustness 103
  auto writer = start_device();
  protocol_client sleeper(as_user());
  sleeper.send(bind_message(1, "\"shared\"", true));
  const auto given = sleeper.expect("ident");
  client_copy copy;
  copy.ident = given.file_ident;
  copy.salt = given.file_salt;
  sleeper.send(ident_message(1, copy));
  sleeper.expect("download");
  const auto before = server.memory();
  std::uint64_t noise = 1;
  for (int i = 0; i < 60; ++i) {
    std::string data(1 << 20, '\0');
    for (auto& c : data) {
      noise = noise * 6364136223846793005u + 1442695040888963407u;
      c = static_cast<char>('a' + (noise >> 60));
    }
    writer->session.write(new_dog(i, data));
    writer->session.upload();
    writer->session.wait_for_upload();
  }
  EXPECT_LT(server.memory(), before + (400u << 20));
  auto reader = start_device();
  reader->session.wait_for_download();
  EXPECT_EQ(reader->copy.received.size(), 60u);
  sleeper.send("ping 1 0\n");
  while (auto m = sleeper.next())
    if (m->name == "pong")
      return;
  FAIL() << "the sleeping connection did not survive";
}

} // namespace
} // namespace ros::test
