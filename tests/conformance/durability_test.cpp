// Checklist R7 to R9 of sync-protocol.md 10, and what U2 and P1 say of servers that
// were stopped, killed or restored from an older copy of their data.
#include "conformance_fixture.hpp"

#include <algorithm>
#include <cstdlib>

namespace ros::test {
namespace {

class DurabilityConformanceTest : public ConformanceTest {
protected:
  static void write(device& d, const std::string& changeset) {
    d.session.write(changeset);
    d.session.upload();
    d.session.wait_for_upload();
  }
  static void restart() {
    EXPECT_EQ(server().stop(), 0);
    server().start();
  }
  /// Back to the data that were saved last.
  static void restore() {
    EXPECT_EQ(server().stop(), 0);
    server().restore_data();
    server().start();
  }
  static void save() {
    EXPECT_EQ(server().stop(), 0);
    server().save_data();
    server().start();
  }
  /// The error that an IDENT with this copy gets; 0: accepted.
  static int refusal(const client_copy& copy) {
    auto client = connect();
    client.send(bind_message(1, copy.path, false));
    client.send(ident_message(1, copy));
    const auto m = client.next();
    EXPECT_TRUE(m.has_value());
    if (m && m->name == "json_error") {
      EXPECT_EQ(m->action, "ClientReset");
    }
    return m ? m->error_code : -1;
  }
  /// What an SDK does on "ClientReset" (5.7): a fresh file that has everything, taken over
  /// with client versions of its own.
  static client_copy reset(const std::string& path) {
    device temporary(as_user(), path, false);
    temporary.session.start();
    temporary.session.wait_for_download();
    temporary.session.unbind();
    auto taken = temporary.copy;
    taken.client_version = 0;
    taken.version = 2;
    return taken;
  }
  static std::vector<received_entry> everything() {
    auto reader = start_device();
    reader->session.wait_for_download();
    return reader->copy.received;
  }
};

TEST_F(DurabilityConformanceTest, R7_idents_salts_and_cursors_survive_restarts) {
  auto a = start_device();
  auto b = start_device();
  auto unused = connect();
  unused.send(bind_message(1, realm(), true));
  const auto given = unused.expect("ident");
  std::vector<client_copy> states;
  for (int i = 0; i < 4; ++i) {
    write(*a, i == 0 ? new_dog(1, "Rex") : rename_dog(1, std::to_string(i)));
    b->session.wait_for_download();
    states.push_back(b->copy);
  }
  for (const bool killed : {false, true}) {
    if (killed) {
      server().kill();
      server().start();
    } else {
      restart();
    }
    auto a2 = resume(a->copy);
    auto b2 = resume(b->copy);
    write(*b2, rename_dog(1, "b"));
    a2->session.wait_for_download();
    EXPECT_EQ(a2->copy.received.size(), a->copy.received.size() + 1);
    a = std::move(a2);
    b = std::move(b2);
    // A salt says the same as before, for whoever was told it.
    for (const auto& s : states) {
      auto probe = connect();
      probe.send(bind_message(1, realm(), true));
      auto copy = s;
      const auto file = probe.expect("ident");
      copy.ident = file.file_ident;
      copy.salt = file.file_salt;
      copy.client_version = 0;
      probe.send(ident_message(1, copy));
      EXPECT_EQ(probe.expect("download").download_server_version, a->copy.latest);
    }
  }
  client_copy late;
  late.path = realm();
  late.ident = given.file_ident;
  late.salt = given.file_salt;
  EXPECT_EQ(refusal(late), 0);
}

TEST_F(DurabilityConformanceTest, R8_clients_from_the_future_of_a_restored_server_start_again) {
  auto a = start_device();
  write(*a, new_dog(1, "Rex"));
  auto b = start_device();
  a->session.unbind();
  b->session.unbind();
  const auto old = a->copy;
  save();
  auto ahead = resume(old);
  auto reader = resume(b->copy);
  write(*ahead, rename_dog(1, "lost"));
  write(*ahead, rename_dog(1, "lost too"));
  reader->session.wait_for_download();
  restore();
  EXPECT_EQ(refusal(ahead->copy), 209);
  EXPECT_EQ(refusal(reader->copy), 209);
  auto writer = resume(old); // who knows nothing newer goes on
  for (const auto* name : {"kept", "kept too", "kept as well"})
    write(*writer, rename_dog(1, name));
  // The same version numbers now mean something else.
  ASSERT_GT(writer->copy.latest, reader->copy.latest);
  EXPECT_EQ(refusal(reader->copy), 211);
  const auto code = refusal(ahead->copy); // its own cursors may be noticed first
  EXPECT_TRUE(code == 209 || code == 211) << code;
  device recovered(as_user(), reset(realm()));
  recovered.session.start();
  write(recovered, rename_dog(1, "recovered"));
  EXPECT_EQ(recovered.copy.latest, 5u);
  writer->session.wait_for_download();
  EXPECT_EQ(writer->copy.received.size(), 1u);
}

/// More with ROS_KILLS, for the nightly run.
int number_of_kills() {
  const auto* wanted = std::getenv("ROS_KILLS");
  return wanted != nullptr ? std::max(1, std::atoi(wanted)) : 12;
}

TEST_F(DurabilityConformanceTest, R9_kill_9_neither_loses_nor_doubles_a_change) {
  auto first = start_device();
  write(*first, new_dog(1, "Rex"));
  auto kept = first->copy;
  std::size_t written = 1;
  for (int k = 0; k < number_of_kills(); ++k) {
    {
      auto d = resume(kept);
      // Another number of messages is under way every time, and another number of
      // acknowledgements was read.
      for (int i = 0; i < 3 * (k % 12) + 1; ++i) {
        d->session.write(rename_dog(1, std::to_string(k) + '-' + std::to_string(i)));
        d->session.upload();
        ++written;
        if (i % 5 == k % 5)
          if (auto m = d->client.next())
            d->session.receive(*m);
      }
      server().kill();
      kept = d->copy;
    }
    server().start();
    EXPECT_EQ(refusal(kept), 0);
  }
  auto last = resume(kept);
  last->session.upload();
  last->session.wait_for_upload();
  last->session.wait_for_download();
  EXPECT_EQ(last->copy.latest, written);
  const auto all = everything();
  ASSERT_EQ(all.size(), written);
  for (std::size_t i = 0; i < all.size(); ++i)
    EXPECT_EQ(all[i].server_version, i + 1);
}

TEST_F(DurabilityConformanceTest, U2_what_readers_were_told_is_never_taken_back) {
  auto writer = start_device();
  auto reader = start_device();
  for (int i = 0; i < 3; ++i) {
    write(*writer, i == 0 ? new_dog(1, "Rex") : rename_dog(1, std::to_string(i)));
    reader->session.wait_for_download(); // and an empty upload behind it
  }
  const auto told = reader->copy.acknowledged;
  EXPECT_GT(told, 0u);
  reader->session.unbind();
  writer->session.unbind();
  save(); // still contains the reader's L
  auto w = resume(writer->copy);
  auto r = resume(reader->copy); // the client itself checks that nothing goes back
  for (int i = 0; i < 5; ++i)
    r->client.send(
        upload_message(1, ++r->copy.version, r->copy.server_version, r->copy.server_version));
  r->client.expect_silence();
  server().kill();
  server().start();
  auto killed = resume(r->copy);
  EXPECT_GE(killed->copy.acknowledged, told);
  killed->session.unbind();
  restore();
  auto restored = resume(killed->copy);
  EXPECT_GE(restored->copy.acknowledged, told);
  write(*restored, rename_dog(1, "first own change"));
  auto w2 = resume(writer->copy);
  EXPECT_EQ(w2->copy.received.size(), 1u);
}

TEST_F(DurabilityConformanceTest, P1_partitions_are_the_same_realms_after_a_restart) {
  const std::vector<std::string> partitions{"\"p1-restart\"",
                                            R"({"$oid":"00000000000000000000abcd"})", "null",
                                            R"({"$numberLong":"5000"})"};
  std::vector<client_copy> copies;
  for (const auto& p : partitions) {
    device d(as_user(), p);
    d.session.start();
    write(d, new_dog(static_cast<std::int64_t>(copies.size()), "Rex"));
    copies.push_back(d.copy);
  }
  restart();
  for (std::size_t i = 0; i < partitions.size(); ++i) {
    auto again = resume(copies[i]);
    device reader(as_user(), partitions[i]);
    reader.session.start();
    EXPECT_EQ(reader.copy.latest, again->copy.latest);
    ASSERT_FALSE(reader.copy.received.empty());
  }
}

} // namespace
} // namespace ros::test
