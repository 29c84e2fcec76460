// Checklist S of sync-protocol.md 10: sessions on a connection.
#include "conformance_fixture.hpp"

#include <algorithm>
#include <set>

namespace ros::test {
namespace {

/// A name that does not compress.
std::string noise(std::size_t size, std::uint64_t seed) {
  std::string out(size, '\0');
  for (auto& c : out) {
    seed = seed * 6364136223846793005u + 1442695040888963407u;
    c = static_cast<char>('!' + (seed >> 58));
  }
  return out;
}

/// A Realm with this many changesets of this size.
void fill(device& writer, int changesets, std::size_t size) {
  for (int i = 0; i < changesets; ++i) {
    writer.session.write(new_dog(i, noise(size, static_cast<std::uint64_t>(i) + 1)));
    writer.session.upload();
  }
  writer.session.wait_for_upload();
}

/// BIND and IDENT of a new file; the caller reads what comes.
void begin(protocol_client& client, std::uint64_t session, const std::string& path) {
  client.send(bind_message(session, path, true));
  const auto given = client.expect("ident");
  client_copy copy;
  copy.ident = given.file_ident;
  copy.salt = given.file_salt;
  client.send(ident_message(session, copy));
}

/// How a connection answers this, which must be its last words.
int last_words(protocol_client& client, std::string_view message) {
  client.send(message);
  const auto m = client.expect("json_error");
  EXPECT_EQ(m.session, 0u);
  EXPECT_TRUE(client.read_to_end().empty());
  return m.error_code;
}

TEST_F(ConformanceTest, S1_each_bind_gets_exactly_one_ident) {
  auto client = connect();
  std::set<std::uint64_t> idents;
  std::set<std::uint64_t> salts;
  for (std::uint64_t session = 1; session <= 10; ++session) {
    client.send(bind_message(session, realm(), true));
    const auto m = client.expect("ident"); // the parser wants ident >= 2, salt 1 .. 2^63-1
    EXPECT_EQ(m.session, session);
    client.expect_silence();
    idents.insert(m.file_ident);
    salts.insert(m.file_salt);
  }
  EXPECT_EQ(idents.size(), 10u);
  EXPECT_EQ(salts.size(), 10u);
}

TEST_F(ConformanceTest, S2_bind_without_need_of_an_ident_is_answered_with_silence) {
  auto client = connect();
  for (std::uint64_t session = 1; session <= 3; ++session)
    client.send(bind_message(session, realm(), false));
  client.expect_silence();
  EXPECT_EQ(client.log_messages().size(), 1u); // that of the connection
}

TEST_F(ConformanceTest, S3_a_live_session_ident_is_not_bound_again) {
  for (const bool need_ident : {true, false}) {
    auto client = connect();
    client.send(bind_message(1, realm(), need_ident));
    if (need_ident)
      client.expect("ident");
    EXPECT_EQ(last_words(client, bind_message(1, realm("-b"), true)), 107);
  }
}

TEST_F(ConformanceTest, S4_messages_for_unknown_sessions_are_error_106) {
  for (const auto* message :
       {"ident 9 2 3 0 0 0 0\n", "upload 9 0 0 0 1 0 0\n", "mark 9 1\n", "unbind 9\n",
        "refresh 9 0\n", "json_error 212 2 9\n{}", "unbind 0\n"}) {
    auto client = connect();
    client.send(bind_message(1, realm(), true));
    client.expect("ident");
    EXPECT_EQ(last_words(client, message), 106) << message;
  }
}

TEST_F(ConformanceTest, S5_messages_out_of_order_are_error_109) {
  for (const auto* message : {"upload 1 0 0 0 1 0 0\n", "mark 1 1\n", "json_error 212 2 1\n{}"}) {
    auto waiting = connect();
    waiting.send(bind_message(1, realm(), false));
    EXPECT_EQ(last_words(waiting, message), 109) << message;
    auto given = connect();
    given.send(bind_message(1, realm(), true));
    given.expect("ident");
    EXPECT_EQ(last_words(given, message), 109) << message;
  }
  auto twice = start_device();
  EXPECT_EQ(last_words(twice->client, ident_message(1, twice->copy)), 109);
  // Sent in one go, IDENT reaches the server before it has an ident to give.
  auto early = connect();
  early.socket().send(binary_frame(bind_message(1, realm(), true)) +
                      binary_frame("ident 1 2 3 0 0 0 0\n"));
  auto m = early.next();
  ASSERT_TRUE(m.has_value());
  if (m->name == "ident") // it was quicker
    m = early.next();
  ASSERT_TRUE(m.has_value());
  EXPECT_TRUE(m->error_code == 109 || m->error_code == 208 || m->error_code == 211) << m->raw;
}

TEST_F(ConformanceTest, S6_unbind_is_answered_once_whenever_it_comes) {
  auto client = connect();
  for (int round = 0; round < 3; ++round) {
    client.send(bind_message(1, realm(), true)); // right after BIND: an IDENT may have crossed
    client.send("unbind 1\n");
    auto m = client.next();
    ASSERT_TRUE(m.has_value());
    if (m->name == "ident")
      m = client.next();
    ASSERT_TRUE(m.has_value());
    EXPECT_EQ(m->name, "unbound");
    client.expect_silence();
  }
  client.send(bind_message(1, realm(), false));
  client.send("unbind 1\n");
  EXPECT_EQ(client.expect("unbound").session, 1u);
  client.send(bind_message(1, realm(), true));
  client.expect("ident");
  client.send("unbind 1\n");
  client.expect("unbound");
  client.expect_silence();
  begin(client, 1, realm());
  client.expect("download");
  client.send("unbind 1\n");
  client.expect("unbound");
  client.expect_silence();
  begin(client, 1, realm());
  client.send("unbind 1\n"); // right after IDENT
  auto m = client.next();
  ASSERT_TRUE(m.has_value());
  if (m->name == "download")
    m = client.next();
  EXPECT_EQ(m->name, "unbound");
  client.expect_silence();
}

TEST_F(ConformanceTest, S7_a_hundred_sessions_on_one_connection_work) {
  auto client = connect();
  std::vector<client_copy> copies(100);
  std::vector<std::unique_ptr<client_session>> sessions;
  for (std::size_t i = 0; i < copies.size(); ++i) {
    copies[i].path = realm(std::to_string(i));
    sessions.push_back(std::make_unique<client_session>(client, copies[i], i + 1));
    sessions.back()->start();
  }
  for (auto& s : sessions) {
    s->write(new_dog(1, "Rex"));
    s->upload();
  }
  const auto waiting = [&] {
    return std::any_of(copies.begin(), copies.end(),
                       [](const client_copy& c) { return !c.unacknowledged.empty(); });
  };
  while (waiting()) {
    const auto m = client.next();
    ASSERT_TRUE(m.has_value());
    sessions.at(m->session - 1)->receive(*m);
  }
}

TEST_F(ConformanceTest, S7_a_session_with_much_to_send_leaves_room_for_others) {
  auto much = start_device(14, "-much");
  fill(*much, 32, 1 << 20);
  auto little = start_device(14, "-little");
  fill(*little, 1, 10);
  auto options = as_user();
  options.receive_buffer = 64 * 1024; // so that the server has to choose what to send next
  protocol_client client(options);
  std::vector<client_copy> files(31);
  for (std::uint64_t session = 1; session <= 30; ++session) {
    client.send(bind_message(session, realm(session == 1 ? "-much" : "-little"), true));
    const auto given = client.expect("ident");
    files[session].ident = given.file_ident;
    files[session].salt = given.file_salt;
  }
  for (std::uint64_t session = 1; session <= 30; ++session)
    client.send(ident_message(session, files[session]));
  std::set<std::uint64_t> served;
  std::uint64_t before = 0;
  while (served.size() < 29) {
    const auto m = client.next();
    ASSERT_TRUE(m.has_value());
    if (m->session == 1)
      before = m->download_server_version;
    else
      served.insert(m->session);
  }
  EXPECT_LE(before, 16u) << "the big Realm came first";
}

TEST_F(ConformanceTest, S8_messages_after_unbind_are_error_109_or_106) {
  for (const auto* message : {"mark 1 1\n", "upload 1 0 0 0 1 0 0\n", "unbind 1\n",
                              "ident 1 2 3 0 0 0 0\n", "refresh 1 0\n"}) {
    auto done = start_device();
    done->session.unbind();
    EXPECT_EQ(last_words(done->client, message), 106) << message;
    auto crossing = start_device();
    crossing->client.socket().send(binary_frame("unbind 1\n") + binary_frame(message));
    auto m = crossing->client.next();
    ASSERT_TRUE(m.has_value());
    if (m->name == "unbound")
      m = crossing->client.next();
    ASSERT_TRUE(m.has_value());
    EXPECT_TRUE(m->error_code == 109 || m->error_code == 106) << m->raw;
  }
}

TEST_F(ConformanceTest, S9_pongs_overtake_queued_downloads) {
  auto writer = start_device();
  fill(*writer, 24, 1 << 20);
  auto options = as_user();
  options.receive_buffer = 64 * 1024;
  protocol_client client(options);
  begin(client, 1, realm());
  ASSERT_EQ(client.expect("download").session, 1u); // by now the rest is on its way or queued
  client.send("ping 3 0\n");
  std::uint64_t last = 0;
  for (auto m = client.next();; m = client.next()) {
    ASSERT_TRUE(m.has_value());
    if (m->name == "pong")
      break;
    last = m->download_server_version;
  }
  // What the kernel had already is a few MiB.
  EXPECT_LE(last, 12u) << "the pong came last";
}

// -- the end of connections and of the server -------------------------------------------------

TEST_F(ConformanceTest, S10_idle_connections_are_closed_and_pinging_ones_stay) {
  server_process impatient(std::map<std::string, std::string>{{"network.sync.idle_timeout", "1"}});
  auto options = as_user();
  options.port = impatient.port();
  options.token = log_in_anonymously(impatient).token;
  protocol_client silent(options);
  protocol_client bound(options); // a session does not keep it open
  begin(bound, 1, realm());
  bound.expect("download");
  protocol_client pinging(options);
  for (std::uint64_t i = 1; silent.is_open() || bound.is_open(); ++i) {
    pinging.send("ping " + std::to_string(i) + " 0\n");
    ASSERT_EQ(pinging.expect("pong").timestamp, i);
    ASSERT_LT(i, 200u) << "an idle connection stays";
    for (auto* idle : {&silent, &bound})
      EXPECT_FALSE(idle->next(50).has_value());
  }
}

TEST_F(ConformanceTest, S11_clients_are_told_of_a_shutdown_and_come_back) {
  server_process other;
  auto options = as_user();
  options.port = other.port();
  options.token = log_in_anonymously(other).token;
  device old(options, realm());
  old.session.start();
  old.session.write(new_dog(1, "Rex"));
  old.session.upload();
  old.session.wait_for_upload();
  other.ask_to_stop();
  const auto m = old.client.expect("json_error");
  EXPECT_EQ(m.error_code, 100);
  EXPECT_EQ(m.session, 0u);
  EXPECT_TRUE(m.try_again);
  EXPECT_EQ(m.action, "Transient");
  EXPECT_TRUE(old.client.read_to_end().empty());
  EXPECT_EQ(other.stop(), 0);
  other.start();
  device back(options, old.copy);
  back.session.start();
  back.session.write(rename_dog(1, "Max"));
  back.session.upload();
  back.session.wait_for_upload();
  EXPECT_EQ(back.copy.latest, 2u);
}

} // namespace
} // namespace ros::test
