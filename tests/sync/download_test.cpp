// Scanning history for downloads (merge-rules.md 7.1, sync-protocol.md 5.3).
#include "integrate_fixture.hpp"

namespace ros::test {
namespace {

class downloading : public integrating {
protected:
  /// Versions 2 to 6: A, B, B merged away, A, B.
  downloading() {
    upload(client_a, {2, 1}, {{2, 1, 20, assign(1)}});
    upload(client_b, {3, 2}, {{3, 2, 30, insert(0, "b", 0)}});
    accept(client_c, {2, 1}, {{2, 1, 10, assign(9)}}); // older than version 2: merged away
    server.commit();
    upload(client_a, {5, 3}, {{5, 3, 40, assign(2)}});
    upload(client_b, {7, 5}, {{7, 5, 50, insert(0, "c", 1)}});
  }

  sync::scanned_history scan(sync::file_ident client, sync::download_cursor from,
                             std::uint64_t limit = 1u << 30) {
    const auto scanned = server.download(client, from, limit);
    EXPECT_TRUE(scanned);
    return scanned ? *scanned : sync::scanned_history();
  }
  static std::vector<sync::version_type> versions(const sync::scanned_history& scanned) {
    std::vector<sync::version_type> all;
    for (const auto& e : scanned.entries)
      all.push_back(e.version);
    return all;
  }
  std::uint64_t size(sync::version_type version) const { return entry(version).data.size(); }
};

using numbers = std::vector<sync::version_type>;

TEST_F(downloading, leaves_out_own_and_empty_entries) {
  ASSERT_EQ(data(4), "");
  EXPECT_EQ(versions(scan(client_a, {0, 0})), (numbers{1, 3, 6}));
  EXPECT_EQ(versions(scan(client_b, {0, 0})), (numbers{1, 2, 5}));
  EXPECT_EQ(versions(scan(client_c, {0, 0})), (numbers{1, 2, 3, 5, 6}));
}

TEST_F(downloading, tells_the_last_own_version_integrated_before_each_entry) {
  const auto scanned = scan(client_a, {0, 0});
  ASSERT_EQ(scanned.entries.size(), 3u);
  EXPECT_EQ(scanned.entries[0].client_version, 0u);
  EXPECT_EQ(scanned.entries[1].client_version, 2u);
  EXPECT_EQ(scanned.entries[2].client_version, 5u);
  EXPECT_EQ(scanned.to, (sync::download_cursor{6, 5}));
}

TEST_F(downloading, takes_an_own_version_that_was_merged_away_into_account) {
  const auto scanned = scan(client_c, {3, 0});
  ASSERT_EQ(scanned.entries.size(), 2u);
  EXPECT_EQ(scanned.entries[0].client_version, 2u);
}

TEST_F(downloading, 11_ends_at_the_head_if_own_entries_come_last) {
  const auto scanned = scan(client_b, {5, 5});
  EXPECT_TRUE(scanned.entries.empty());
  EXPECT_EQ(scanned.to, (sync::download_cursor{6, 7}));
  EXPECT_EQ(scanned.remaining_bytes, 0u);
}

TEST_F(downloading, 11_ends_at_the_head_if_empty_entries_come_last) {
  accept(client_c, {3, 1}, {{3, 1, 1, assign(3)}});
  server.commit();
  ASSERT_EQ(data(7), "");
  const auto scanned = scan(client_a, {6, 5});
  EXPECT_TRUE(scanned.entries.empty());
  EXPECT_EQ(scanned.to, (sync::download_cursor{7, 5}));
}

TEST_F(downloading, stops_as_soon_as_the_sizes_exceed_the_limit) {
  EXPECT_EQ(versions(scan(client_c, {0, 0}, 0)), (numbers{1}));
  EXPECT_EQ(versions(scan(client_c, {0, 0}, size(1) - 1)), (numbers{1}));
  EXPECT_EQ(versions(scan(client_c, {0, 0}, size(1))), (numbers{1, 2}));
  EXPECT_EQ(versions(scan(client_c, {0, 0}, size(1) + size(2))), (numbers{1, 2, 3}));
}

TEST_F(downloading, stops_at_the_last_entry_sent_and_counts_what_is_left) {
  const auto scanned = scan(client_a, {1, 0}, 0);
  EXPECT_EQ(versions(scanned), (numbers{3}));
  EXPECT_EQ(scanned.to, (sync::download_cursor{3, 2}));
  EXPECT_EQ(scanned.remaining_bytes, size(4) + size(5) + size(6)); // own ones included
}

TEST_F(downloading, has_nothing_to_say_at_the_head) {
  const auto scanned = scan(client_c, {6, 2});
  EXPECT_TRUE(scanned.entries.empty());
  EXPECT_EQ(scanned.to, (sync::download_cursor{6, 2}));
  EXPECT_EQ(scanned.remaining_bytes, 0u);
}

TEST_F(downloading, refuses_a_cursor_ahead_of_the_server) {
  const auto scanned = server.download(client_a, {7, 0});
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().code, sync::ec::bad_cursor);
  EXPECT_EQ(scanned.error().protocol_code, 209);
}

TEST_F(downloading, reports_a_damaged_entry) {
  server.history.damaged = 3;
  const auto scanned = server.download(client_a, {0, 0});
  ASSERT_FALSE(scanned);
  EXPECT_EQ(scanned.error().code, sync::ec::corrupt_store);
}

TEST_F(downloading, counts_the_bytes_of_everybody_else) {
  auto counted = [&](sync::file_ident client) {
    const auto bytes = sync::foreign_bytes(server.history, client);
    EXPECT_TRUE(bytes);
    return bytes ? *bytes : 0;
  };
  EXPECT_EQ(counted(client_b), size(1) + size(2) + size(5));
  EXPECT_EQ(counted(client_c), size(1) + size(2) + size(3) + size(5) + size(6));
  EXPECT_EQ(*sync::foreign_bytes(memory_history{}, client_a), 0u);
  server.history.damaged = 3;
  EXPECT_FALSE(sync::foreign_bytes(server.history, client_a));
}

} // namespace
} // namespace ros::test
