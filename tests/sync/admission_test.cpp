#include "sync/admission.hpp"

#include <gtest/gtest.h>

namespace ros::sync {
namespace {

upload_message upload(upload_cursor progress, version_type locked) {
  upload_message m;
  m.session = 1;
  m.progress = progress;
  m.locked_version = locked;
  return m;
}

uploaded_entry entry(version_type client_version, version_type base, file_ident origin = 0) {
  uploaded_entry e;
  e.change.client_version = client_version;
  e.change.base = base;
  e.origin = origin;
  return e;
}

/// A session that resumed at client version 8 made on server version 5 and has
/// received everything up to 9; it has uploaded (10, 6) since.
session_cursors resumed() {
  return {{8, 5}, {10, 6}, 9, 6};
}

int code(session_cursors c, const upload_message& m, std::vector<uploaded_entry> entries = {}) {
  const auto before = c.previous;
  const auto r = admit_upload(c, m, std::move(entries));
  if (!r) {
    EXPECT_EQ(c.previous, before);
    EXPECT_EQ(r.error().code, ec::bad_cursor);
  }
  return r ? 0 : r.error().protocol_code;
}

TEST(admission, an_empty_upload_moves_the_cursors_only) {
  auto c = resumed();
  const auto r = admit_upload(c, upload({11, 9}, 9), {});
  ASSERT_TRUE(r);
  EXPECT_TRUE(r->empty());
  EXPECT_EQ(c.previous, (upload_cursor{11, 9}));
  EXPECT_EQ(c.threshold, (upload_cursor{11, 9}));
  EXPECT_EQ(c.locked, 9u);
}

TEST(admission, entries_that_were_integrated_earlier_are_skipped) {
  session_cursors c{{8, 5}, {0, 0}, 5, 5};
  const auto r =
      admit_upload(c, upload({11, 5}, 5), {entry(6, 4), entry(8, 5), entry(9, 5), entry(11, 5)});
  ASSERT_TRUE(r);
  ASSERT_EQ(r->size(), 2u);
  EXPECT_EQ((*r)[0].client_version, 9u);
  EXPECT_EQ((*r)[1].client_version, 11u);
}

TEST(admission, a_first_upload_of_a_new_file_is_admitted) {
  EXPECT_EQ(code({}, upload({4, 0}, 0), {entry(2, 0)}), 0);
  EXPECT_EQ(code({}, upload({0, 0}, 0)), 0);
}

TEST(admission, progress_must_not_go_back) { // rule 1
  EXPECT_EQ(code(resumed(), upload({10, 6}, 6)), 0);
  EXPECT_EQ(code(resumed(), upload({9, 6}, 6)), 210);
}

TEST(admission, progress_must_not_name_versions_that_were_not_sent) { // rule 2
  EXPECT_EQ(code(resumed(), upload({11, 9}, 9)), 0);
  EXPECT_EQ(code(resumed(), upload({11, 10}, 9)), 209);
}

TEST(admission, progress_must_be_consistent) { // rule 3
  EXPECT_EQ(code({{0, 0}, {0, 0}, 9, 0}, upload({0, 3}, 0)), 209);
}

TEST(admission, progress_must_fit_earlier_progress) { // rules 4 and 5
  const session_cursors fresh{{8, 5}, {0, 0}, 9, 0};
  EXPECT_EQ(code(fresh, upload({8, 5}, 0)), 0);
  EXPECT_EQ(code(fresh, upload({8, 6}, 0)), 209);
  EXPECT_EQ(code(fresh, upload({9, 4}, 0)), 209);
  EXPECT_EQ(code(fresh, upload({7, 6}, 0)), 209);
  EXPECT_EQ(code(fresh, upload({7, 4}, 0)), 0);
  EXPECT_EQ(code(resumed(), upload({10, 7}, 6)), 209);
  EXPECT_EQ(code(resumed(), upload({11, 5}, 6)), 209);
}

TEST(admission, the_locked_version_only_grows_up_to_what_was_sent) { // rules 6 and 7
  EXPECT_EQ(code(resumed(), upload({11, 6}, 5)), 209);
  EXPECT_EQ(code(resumed(), upload({11, 6}, 9)), 0);
  EXPECT_EQ(code(resumed(), upload({11, 6}, 10)), 209);
}

TEST(admission, client_versions_of_entries_must_grow) { // rule 8
  EXPECT_EQ(code(resumed(), upload({12, 6}, 6), {entry(10, 6)}), 210);
  EXPECT_EQ(code(resumed(), upload({12, 6}, 6), {entry(11, 6), entry(11, 6)}), 210);
  EXPECT_EQ(code(resumed(), upload({12, 6}, 6), {entry(12, 6), entry(11, 6)}), 210);
  EXPECT_EQ(code(resumed(), upload({12, 6}, 6), {entry(11, 6), entry(12, 6)}), 0);
}

TEST(admission, bases_of_entries_must_fit) { // rule 9
  EXPECT_EQ(code(resumed(), upload({12, 9}, 6), {entry(11, 5)}), 209);
  EXPECT_EQ(code(resumed(), upload({13, 9}, 6), {entry(11, 8), entry(12, 7)}), 209);
  EXPECT_EQ(code({{8, 5}, {0, 0}, 9, 0}, upload({9, 5}, 0), {entry(8, 4)}), 209);
  EXPECT_EQ(code({{0, 0}, {0, 0}, 9, 0}, upload({9, 5}, 0), {entry(0, 4)}), 210);
}

TEST(admission, no_entry_lies_behind_the_progress) { // rules 10 and 11
  EXPECT_EQ(code(resumed(), upload({12, 6}, 6), {entry(13, 6)}), 210);
  EXPECT_EQ(code(resumed(), upload({12, 6}, 6), {entry(12, 7)}), 209);
  EXPECT_EQ(code(resumed(), upload({12, 6}, 6), {entry(11, 7)}), 209);
}

TEST(admission, entries_must_not_name_an_origin) {
  EXPECT_EQ(code(resumed(), upload({12, 6}, 6), {entry(11, 6, 2)}), 216);
  EXPECT_EQ(code(resumed(), upload({12, 6}, 6), {entry(11, 6), entry(12, 6, 1)}), 216);
}

TEST(admission, an_empty_upload_of_a_reset_files_temporary_session_does_not_hide_changes) {
  // 5.7: the stored client version was set back to 0, the base stayed.
  session_cursors c{{0, 3}, {0, 0}, 3, 3};
  const auto r = admit_upload(c, upload({4, 3}, 3), {entry(3, 3)});
  ASSERT_TRUE(r);
  EXPECT_EQ(r->size(), 1u);
}

} // namespace
} // namespace ros::sync
