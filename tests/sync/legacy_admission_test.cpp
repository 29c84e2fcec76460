// Cursors that old clients do not tell (sync-protocol.md 8.2, 8.3, 8.5).
#include "sync/admission.hpp"

#include <gtest/gtest.h>

#include <vector>

namespace ros::sync {
namespace {

uploaded_entry entry(version_type client_version, version_type base) {
  uploaded_entry e;
  e.change.client_version = client_version;
  e.change.base = base;
  return e;
}

/// One session of an old client; takes uploads as the session actor does.
struct old_session {
  progress_form form;
  session_cursors cursors{};

  /// The refusal, or 0; client versions of what is to be integrated go to `fresh`.
  int upload(version_type integrated, const std::vector<uploaded_entry>& entries) {
    upload_message m;
    m.form = form;
    m.progress.last_integrated_server_version = integrated;
    fresh.clear();
    if (auto r = complete_upload(cursors, m, entries); !r)
      return r.error().protocol_code;
    auto r = admit_upload(cursors, m, entries);
    if (!r)
      return r.error().protocol_code;
    for (const auto& x : *r)
      fresh.push_back(x.client_version);
    return 0;
  }
  std::vector<version_type> fresh{};
};

using versions = std::vector<version_type>;

// -- up to 22 -----------------------------------------------------------------------

old_session early(version_type downloaded, upload_cursor threshold = {}, version_type locked = 0) {
  return {progress_form::none, {threshold, {}, downloaded, locked}};
}

TEST(early_legacy_uploads, take_their_cursor_from_the_last_entry) {
  auto s = early(5);
  EXPECT_EQ(s.upload(0, {entry(2, 0), entry(4, 3)}), 0);
  EXPECT_EQ(s.fresh, (versions{2, 4}));
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{4, 3}));
  EXPECT_EQ(s.cursors.locked, 3u);
}

TEST(early_legacy_uploads, must_have_an_entry) {
  auto s = early(5);
  EXPECT_EQ(s.upload(0, {}), 113);
}

TEST(early_legacy_uploads, must_count_up) {
  EXPECT_EQ(early(5).upload(0, {entry(0, 0)}), 210);
  EXPECT_EQ(early(5).upload(0, {entry(0, 1)}), 210);
  EXPECT_EQ(early(5).upload(0, {entry(2, 0), entry(2, 0)}), 210);
  EXPECT_EQ(early(5).upload(0, {entry(3, 0), entry(2, 0)}), 210);
  auto s = early(5);
  EXPECT_EQ(s.upload(0, {entry(3, 1)}), 0);
  EXPECT_EQ(s.upload(0, {entry(3, 1)}), 210);
  EXPECT_EQ(s.upload(0, {entry(2, 1)}), 210);
}

TEST(early_legacy_uploads, stand_on_versions_that_were_sent) {
  EXPECT_EQ(early(5).upload(0, {entry(2, 6)}), 209);
  EXPECT_EQ(early(5).upload(0, {entry(2, 5)}), 0);
  auto s = early(5);
  EXPECT_EQ(s.upload(0, {entry(2, 4)}), 0);
  EXPECT_EQ(s.upload(0, {entry(3, 3)}), 209);
}

TEST(early_legacy_uploads, may_come_again) {
  auto s = early(9, {8, 5}, 5);
  EXPECT_EQ(s.upload(0, {entry(5, 2), entry(7, 4)}), 0);
  EXPECT_EQ(s.fresh, versions{});
  EXPECT_EQ(s.upload(0, {entry(8, 5), entry(9, 9)}), 0);
  EXPECT_EQ(s.fresh, versions{9});
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{9, 9}));
}

// -- 26 to 28 -----------------------------------------------------------------------

old_session half(version_type downloaded, upload_cursor threshold = {}, version_type locked = 0) {
  return {progress_form::server_version, {threshold, {}, downloaded, locked}};
}

TEST(half_legacy_uploads, count_one_client_version_for_every_growth) {
  auto s = half(9);
  EXPECT_EQ(s.upload(0, {entry(2, 0)}), 0);
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{2, 0}));
  EXPECT_EQ(s.upload(4, {}), 0);
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{3, 4}));
  EXPECT_EQ(s.cursors.locked, 4u);
  EXPECT_EQ(s.upload(4, {}), 0);
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{3, 4}));
  EXPECT_EQ(s.upload(6, {entry(5, 4)}), 0);
  EXPECT_EQ(s.fresh, versions{5});
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{6, 6}));
  EXPECT_EQ(s.upload(6, {entry(7, 6)}), 0);
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{7, 6}));
}

TEST(half_legacy_uploads, of_a_mere_reader_move_its_cursor) {
  auto s = half(9);
  EXPECT_EQ(s.upload(0, {}), 0);
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{0, 0}));
  EXPECT_EQ(s.upload(9, {}), 0);
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{1, 9}));
}

TEST(half_legacy_uploads, may_come_again_in_pieces) {
  auto s = half(9, {9, 4}, 4);
  EXPECT_EQ(s.upload(2, {entry(5, 2)}), 0);
  EXPECT_EQ(s.upload(3, {entry(7, 3)}), 0);
  EXPECT_EQ(s.upload(4, {}), 0);
  EXPECT_EQ(s.fresh, versions{});
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{9, 4}));
  EXPECT_EQ(s.upload(6, {}), 0);
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{10, 6}));
  EXPECT_EQ(s.upload(6, {entry(12, 6)}), 0);
  EXPECT_EQ(s.fresh, versions{12});
}

TEST(half_legacy_uploads, resume_in_any_order_of_reports) {
  auto s = half(9, {9, 4}, 4);
  EXPECT_EQ(s.upload(4, {}), 0);
  EXPECT_EQ(s.upload(5, {}), 0);
  EXPECT_EQ(s.upload(6, {}), 0);
  EXPECT_EQ(s.cursors.threshold, (upload_cursor{11, 6}));
}

TEST(half_legacy_uploads, of_a_file_taken_over_by_a_client_reset_are_taken) {
  auto s = half(5, {0, 5}, 5);
  EXPECT_EQ(s.upload(5, {}), 0);
  EXPECT_EQ(s.upload(5, {entry(3, 5)}), 0);
  EXPECT_EQ(s.fresh, versions{3});
}

TEST(half_legacy_uploads, that_contradict_themselves_are_refused) {
  EXPECT_EQ(half(5).upload(6, {}), 209);
  EXPECT_EQ(half(5).upload(3, {entry(2, 4)}), 209);
  EXPECT_EQ(half(5).upload(5, {entry(2, 6)}), 209);
  EXPECT_EQ(half(5).upload(5, {entry(3, 1), entry(2, 1)}), 210);
  auto s = half(5);
  EXPECT_EQ(s.upload(4, {entry(3, 1)}), 0);
  EXPECT_EQ(s.upload(4, {entry(4, 4)}), 210) << "version 4 was made by integrating a download";
}

} // namespace
} // namespace ros::sync
