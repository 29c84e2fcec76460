// Checklists D and M of sync-protocol.md 10; D9 is in convergence_test.cpp, M4 and M5 with
// a real client in tests/sdk. D2 and D3 are checked by the client in every test besides.
#include "conformance_fixture.hpp"

#include <algorithm>

namespace ros::test {
namespace {

class DownloadConformanceTest : public ConformanceTest {
protected:
  static void write(device& d, const std::string& changeset, std::uint64_t timestamp = 1000) {
    d.session.write(changeset, timestamp);
    d.session.upload();
    d.session.wait_for_upload();
  }
  /// Another change of the one dog, the first makes it.
  static std::string change(int i) {
    return i == 0 ? new_dog(1, "Rex") : rename_dog(1, std::to_string(i));
  }
  /// A new client file that was never bound.
  static client_copy fresh_copy() {
    auto client = connect();
    client.send(bind_message(1, realm(), true));
    const auto given = client.expect("ident");
    client_copy copy;
    copy.path = realm();
    copy.ident = given.file_ident;
    copy.salt = given.file_salt;
    return copy;
  }
};

TEST_F(DownloadConformanceTest, D1_entries_come_in_order_with_their_origin_and_time) {
  auto a = start_device();
  auto b = start_device();
  write(*a, new_dog(1, "Rex"), 375343343123);
  write(*a, rename_dog(1, "Max"), 375343343124);
  write(*a, rename_dog(1, "Ben"), 7); // a clock that was set back
  b->session.wait_for_download();
  const auto& got = b->copy.received;
  ASSERT_EQ(got.size(), 3u);
  const std::uint64_t times[] = {375343343123, 375343343124, 7};
  for (std::size_t i = 0; i < got.size(); ++i) {
    EXPECT_EQ(got[i].server_version, i + 1);
    EXPECT_EQ(got[i].origin, a->copy.ident);
    EXPECT_EQ(got[i].timestamp, times[i]);
    EXPECT_EQ(got[i].original_size, got[i].changeset.size());
  }
}

TEST_F(DownloadConformanceTest, D2_nobody_gets_his_own_changes_back) {
  auto a = start_device();
  auto b = start_device();
  for (int i = 0; i < 10; ++i) {
    write(i % 2 == 0 ? *a : *b, change(i), static_cast<std::uint64_t>(i));
    a->session.wait_for_download();
    b->session.wait_for_download();
  }
  EXPECT_EQ(a->copy.received.size(), 5u);
  EXPECT_EQ(b->copy.received.size(), 5u);
  for (const auto& e : a->copy.received)
    EXPECT_EQ(e.origin, b->copy.ident);
  for (const auto& e : b->copy.received)
    EXPECT_EQ(e.origin, a->copy.ident);
  const auto reader = start_device();
  for (const auto& e : reader->copy.received)
    EXPECT_GE(e.origin, 2u);
  EXPECT_EQ(reader->copy.received.size(), 10u);
}

TEST_F(DownloadConformanceTest, D3_nothing_goes_back_from_one_download_to_the_next) {
  std::vector<server_message> seen;
  auto watch = [&seen](device& d) {
    d.copy.on_download = [&seen](const server_message& m) { seen.push_back(m); };
  };
  auto a = start_device();
  auto b = start_device();
  watch(*a);
  for (int i = 0; i < 12; ++i) {
    a->session.write(change(i), static_cast<std::uint64_t>(i));
    a->session.upload();
    if (i == 0) // it brings the class and the object that both go on with
      a->session.wait_for_upload();
    write(*b, rename_dog(1, 'b' + std::to_string(i)), static_cast<std::uint64_t>(100 - i));
    if (i % 4 == 3) { // a new session goes on from the same cursors
      a->session.wait_for_upload();
      a = resume(a->copy);
      watch(*a);
    }
  }
  a->session.wait_for_upload();
  a->session.wait_for_download();
  ASSERT_GT(seen.size(), 12u);
  for (std::size_t i = 1; i < seen.size(); ++i) {
    const auto& before = seen[i - 1];
    const auto& now = seen[i];
    SCOPED_TRACE(now.raw.substr(0, 100));
    EXPECT_GE(now.latest_server_version, before.latest_server_version);
    EXPECT_GE(now.download_server_version, before.download_server_version);
    EXPECT_GE(now.download_client_version, before.download_client_version);
    EXPECT_GE(now.upload_client_version, before.upload_client_version);
    EXPECT_GE(now.upload_server_version, before.upload_server_version);
    EXPECT_LE(now.download_client_version, now.upload_client_version);
    EXPECT_LE(now.upload_server_version, now.download_server_version);
    for (const auto& e : now.entries) {
      EXPECT_GT(e.server_version, before.download_server_version);
      EXPECT_GE(e.client_version, before.download_client_version);
    }
  }
}

TEST_F(DownloadConformanceTest, D4_entries_say_which_own_version_was_integrated_before_them) {
  device a(as_user(), realm(), false);
  a.session.start();
  const auto first_copy = a.copy;
  const client_copy::change v2{2, 0, 1, new_dog(1, "a2")};
  const client_copy::change v4{4, 0, 3, rename_dog(1, "a4")};
  a.client.send(upload_message(1, 2, 0, 0, {v2}));
  EXPECT_EQ(a.client.expect("download").download_client_version, 2u);
  auto b = start_device();
  write(*b, rename_dog(1, "b1"), 2);
  EXPECT_EQ(a.client.expect("download").entries.at(0).client_version, 2u);
  a.client.send(upload_message(1, 4, 0, 0, {v4}));
  EXPECT_EQ(a.client.expect("download").download_client_version, 4u);
  b->session.wait_for_download();
  write(*b, rename_dog(1, "b2"), 4);
  EXPECT_EQ(a.client.expect("download").entries.at(0).client_version, 4u);
  a.client.close();

  auto again = connect();
  again.send(bind_message(1, realm(), false));
  again.send(ident_message(1, first_copy));
  const auto m = again.expect("download");
  ASSERT_EQ(m.entries.size(), 2u);
  EXPECT_EQ(m.entries[0].server_version, 2u);
  EXPECT_EQ(m.entries[0].client_version, 2u);
  EXPECT_EQ(m.entries[1].server_version, 4u);
  EXPECT_EQ(m.entries[1].client_version, 4u);
  EXPECT_EQ(m.download_server_version, 4u);
  EXPECT_EQ(m.download_client_version, 4u);
}

TEST_F(DownloadConformanceTest, D5_a_history_of_40_mib_comes_in_pieces) {
  auto writer = start_device();
  for (int i = 0; i < 40; ++i)
    writer->session.write(new_dog(i, std::string(1 << 20, static_cast<char>('a' + i % 20))));
  writer->session.upload();
  writer->session.wait_for_upload();
  device reader(as_user(), realm());
  std::vector<server_message> got;
  reader.copy.on_download = [&](const server_message& m) { got.push_back(m); };
  reader.session.start();
  reader.session.wait_for_download();
  EXPECT_EQ(reader.copy.received.size(), 40u);
  ASSERT_GT(got.size(), 2u);
  std::uint64_t total = 0;
  for (const auto& m : got)
    for (const auto& e : m.entries)
      total += e.changeset.size();
  std::uint64_t version = 0;
  for (const auto& m : got) {
    EXPECT_GT(m.download_server_version, version);
    version = m.download_server_version;
    EXPECT_LE(m.plain_size, 17u << 20);
    for (const auto& e : m.entries)
      total -= e.changeset.size();
    EXPECT_EQ(m.downloadable_bytes, total); // exactly what is still to come
  }
  EXPECT_EQ(got.back().downloadable_bytes, 0u);
}

TEST_F(DownloadConformanceTest, D6_without_news_there_is_no_download) {
  auto a = start_device();
  write(*a, new_dog(1, "Rex"));
  const auto before = a->session.downloads();
  for (int i = 0; i < 10; ++i)
    a->client.send(upload_message(1, ++a->copy.version, 1, 1));
  a->client.expect_silence();
  a->session.wait_for_download();
  EXPECT_EQ(a->session.downloads(), before);
}

TEST_F(DownloadConformanceTest, D7_uploads_cause_at_most_as_many_empty_downloads) {
  device a(as_user(), realm(), false);
  a.session.start();
  constexpr std::uint64_t uploads = 50;
  for (std::uint64_t i = 0; i < uploads; ++i) { // all at once
    a.session.write(change(static_cast<int>(i)), i);
    a.session.upload();
  }
  a.session.wait_for_upload();
  a.session.wait_for_download();
  a.client.expect_silence();
  EXPECT_LE(a.session.downloads(), uploads + 1);
  const auto before = a.session.downloads();
  for (std::uint64_t i = 0; i < uploads; ++i) // one after the other
    write(a, rename_dog(1, std::to_string(i)));
  a.session.wait_for_download();
  a.client.expect_silence();
  EXPECT_LE(a.session.downloads(), before + uploads);
}

TEST_F(DownloadConformanceTest, D8_every_salt_is_good_for_its_version) {
  auto writer = start_device();
  auto reader = start_device();
  std::vector<client_copy> states{reader->copy};
  for (auto* d : {writer.get(), reader.get()})
    d->copy.on_download = [&states, d](const server_message&) { states.push_back(d->copy); };
  for (int i = 0; i < 5; ++i) {
    write(*writer, change(i));
    reader->session.wait_for_download();
  }
  ASSERT_GE(states.size(), 11u);
  for (const auto& s : states) {
    // A new file may claim any cursor.
    auto copy = fresh_copy();
    copy.server_version = copy.latest = s.latest;
    copy.latest_salt = s.latest_salt;
    auto client = connect();
    client.send(bind_message(1, realm(), false));
    client.send(ident_message(1, copy));
    EXPECT_EQ(client.expect("download").download_server_version, 5u);
  }
}

// -- marks ------------------------------------------------------------------------------------

TEST_F(DownloadConformanceTest, M1_a_mark_on_an_empty_realm_is_answered_behind_the_download) {
  const auto copy = fresh_copy();
  auto client = connect();
  client.socket().send(binary_frame(bind_message(1, realm(), false)) +
                       binary_frame(ident_message(1, copy)) + binary_frame("mark 1 1\n"));
  client.expect("download");
  EXPECT_EQ(client.expect("mark").request, 1u);
  client.expect_silence();
}

TEST_F(DownloadConformanceTest, M2_a_mark_is_answered_behind_everything_there_is) {
  auto writer = start_device();
  for (int i = 0; i < 30; ++i)
    writer->session.write(new_dog(i, std::string(1 << 20, static_cast<char>('a' + i % 20))));
  writer->session.upload();
  writer->session.wait_for_upload();
  const auto copy = fresh_copy();
  auto client = connect();
  client.send(bind_message(1, realm(), false));
  client.send(ident_message(1, copy));
  client.send("mark 1 1\n");
  std::uint64_t got = 0;
  for (;;) {
    const auto m = client.next();
    ASSERT_TRUE(m.has_value());
    if (m->name == "mark")
      break;
    ASSERT_EQ(m->name, "download");
    got = m->download_server_version;
    if (got == 30u) {
      EXPECT_EQ(m->latest_server_version, 30u);
    }
  }
  EXPECT_EQ(got, 30u);
}

TEST_F(DownloadConformanceTest, M2_a_mark_waits_for_what_others_had_acknowledged) {
  auto a = start_device();
  auto b = start_device();
  write(*a, new_dog(1, "Rex"));
  for (int i = 0; i < 50; ++i) {
    write(*a, rename_dog(1, std::to_string(i)));
    b->session.wait_for_download();
    ASSERT_EQ(b->copy.received.size(), static_cast<std::size_t>(i) + 2);
  }
}

TEST_F(DownloadConformanceTest, M3_of_several_marks_the_last_is_answered) {
  auto d = start_device();
  for (int round = 0; round < 20; ++round) {
    const auto first = static_cast<std::uint64_t>(10 * round + 1);
    std::string frames;
    for (auto ident : {first, first + 1, first + 3})
      frames += binary_frame("mark 1 " + std::to_string(ident) + '\n');
    d->client.socket().send(frames);
    std::uint64_t last = first - 1;
    while (last < first + 3) {
      const auto m = d->client.expect("mark");
      EXPECT_GT(m.request, last);
      last = m.request;
    }
    EXPECT_EQ(last, first + 3);
  }
  d->client.expect_silence();
}

TEST_F(DownloadConformanceTest, M3_a_mark_with_ident_0_is_ignored) { // 3.7
  auto d = start_device();
  d->client.send("mark 1 0\n");
  d->client.expect_silence();
  d->session.wait_for_download();
}

} // namespace
} // namespace ros::test
