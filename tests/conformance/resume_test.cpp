// Checklist R of sync-protocol.md 10 as far as the server lives on: who may come back as
// which client file, and with which cursors. R7 to R9 are in durability_test.cpp.
#include "conformance_fixture.hpp"

namespace ros::test {
namespace {

class ResumeConformanceTest : public ConformanceTest {
protected:
  /// The error that this IDENT of a copy is answered with; 0: it was accepted.
  static int refusal(const client_copy& copy, const std::string& path = realm()) {
    auto client = connect();
    client.send(bind_message(1, path, false));
    client.send(ident_message(1, copy));
    const auto m = client.next();
    EXPECT_TRUE(m.has_value());
    if (!m || m->name == "download")
      return 0;
    EXPECT_EQ(m->name, "json_error");
    EXPECT_EQ(m->session, 1u);
    return m->error_code;
  }

  /// Writes one version of the Realm through a client file of its own.
  static void write_version(const std::string& changeset) {
    auto writer = start_device();
    writer->session.write(changeset);
    writer->session.upload();
    writer->session.wait_for_upload();
  }

  /// A copy with an upload of its own: the Realm is at version 2, which it knows, and it
  /// has acknowledged version 1. `before`: what it was before the upload.
  static client_copy experienced_copy(client_copy* before = nullptr) {
    write_version(new_dog(1, "Rex"));
    device d(as_user(), realm(), false);
    d.session.start();
    if (before != nullptr)
      *before = d.copy;
    d.session.write(rename_dog(1, "Max"));
    d.session.upload();
    d.session.wait_for_upload();
    d.session.unbind();
    EXPECT_EQ(d.copy.server_version, 2u);
    EXPECT_EQ(d.copy.acknowledged_base, 1u);
    return d.copy;
  }
};

TEST_F(ResumeConformanceTest, R1_a_new_file_gets_a_download_although_nothing_is_new) {
  auto client = connect();
  client.send(bind_message(1, realm(), true));
  client_copy copy;
  const auto given = client.expect("ident");
  copy.ident = given.file_ident;
  copy.salt = given.file_salt;
  client.send(ident_message(1, copy));
  EXPECT_EQ(client.expect("download").raw, "download 1 0 0 0 0 0 0 0 0 0 0\n");
  client.expect_silence();
}

TEST_F(ResumeConformanceTest, R2_unknown_files_and_wrong_salts_are_refused) {
  auto d = start_device();
  auto copy = d->copy;
  copy.ident = 999;
  EXPECT_EQ(refusal(copy), 208);
  copy.ident = 1;
  EXPECT_EQ(refusal(copy), 208);
  copy.ident = 0;
  EXPECT_EQ(refusal(copy), 208);
  copy = d->copy;
  ++copy.salt;
  EXPECT_EQ(refusal(copy), 211);
  // Another Realm has no such file, or one with another salt.
  const auto nobody = refusal(d->copy, realm("-empty"));
  EXPECT_EQ(nobody, 208);
  auto other = start_device(14, "-other");
  ASSERT_EQ(other->copy.ident, d->copy.ident);
  EXPECT_EQ(refusal(d->copy, realm("-other")), 211);
  EXPECT_EQ(refusal(d->copy), 0);
}

TEST_F(ResumeConformanceTest, R3_impossible_cursors_are_refused) {
  const auto good = experienced_copy();
  auto bad = good;
  bad.server_version = 3; // D > C, and so L < D
  EXPECT_EQ(refusal(bad), 209);
  bad.latest = 3; // L > C
  EXPECT_EQ(refusal(bad), 209);
  bad = good;
  bad.latest = 3;
  EXPECT_EQ(refusal(bad), 209);
  bad = good;
  bad.latest = 1; // L < D
  EXPECT_EQ(refusal(bad), 209);
  bad = good;
  ++bad.latest_salt;
  EXPECT_EQ(refusal(bad), 211);
  bad = good;
  bad.client_version = good.version + 50; // Dc > stored
  EXPECT_EQ(refusal(bad), 210);
  EXPECT_EQ(refusal(good), 0);
  // The salt of version 0 is 0.
  auto fresh = connect();
  fresh.send(bind_message(1, realm(), true));
  const auto given = fresh.expect("ident");
  client_copy beginner;
  beginner.ident = given.file_ident;
  beginner.salt = given.file_salt;
  beginner.latest_salt = 5;
  EXPECT_EQ(refusal(beginner), 211);
  beginner.latest_salt = 0;
  EXPECT_EQ(refusal(beginner), 0);
}

TEST_F(ResumeConformanceTest, R4_nobody_goes_back_behind_what_he_acknowledged) {
  client_copy before;
  auto bad = experienced_copy(&before);
  bad.server_version = 0;
  bad.client_version = 0;
  EXPECT_EQ(refusal(bad), 209);
  bad.latest = bad.latest_salt = 0;
  EXPECT_EQ(refusal(bad), 209);
  ASSERT_EQ(before.server_version, 1u);
  EXPECT_EQ(refusal(before), 0); // exactly there it may
}

TEST_F(ResumeConformanceTest, R5_a_file_is_bound_once_and_the_newer_connection_has_it) {
  auto old = start_device();
  auto fresh = resume(old->copy);
  EXPECT_TRUE(old->client.read_to_end().empty()); // no message at all
  EXPECT_FALSE(old->client.close_code());
  fresh->session.wait_for_download();
  fresh->client.send(bind_message(2, realm(), false));
  fresh->client.send(ident_message(2, fresh->copy));
  const auto m = fresh->client.expect("json_error");
  EXPECT_EQ(m.error_code, 108);
  EXPECT_EQ(m.session, 0u);
  EXPECT_TRUE(fresh->client.read_to_end().empty());
}

TEST_F(ResumeConformanceTest, R6_a_file_moves_to_another_session_of_the_connection) {
  auto d = start_device();
  for (std::uint64_t session = 2; session < 12; ++session) {
    d->client.send("unbind " + std::to_string(session - 1) + '\n');
    d->client.send(bind_message(session, realm(), false));
    d->client.send(ident_message(session, d->copy));
    EXPECT_EQ(d->client.expect("unbound").session, session - 1);
    EXPECT_EQ(d->client.expect("download").session, session);
  }
}

TEST_F(ResumeConformanceTest, R10_a_client_version_of_0_with_downloads_is_accepted) {
  auto good = experienced_copy();
  good.client_version = 0;
  EXPECT_EQ(refusal(good), 0);
}

TEST_F(ResumeConformanceTest, R11_a_reset_takes_over_a_file_that_only_acknowledged) {
  for (const auto* name : {"Rex", "Max", "Ben"})
    write_version(new_dog(1, name));
  auto temporary = start_device();
  ASSERT_EQ(temporary->copy.server_version, 3u);
  temporary->client.send("upload 1 0 0 0 6 3 3\n");
  temporary->session.unbind();
  auto taken = temporary->copy;
  taken.client_version = 0;
  const client_copy::change recovered{3, 3, 1000, rename_dog(1, "recovered")};
  auto client = connect();
  client.send(bind_message(1, realm(), false));
  client.send(ident_message(1, taken));
  client.send("mark 1 1\n");
  EXPECT_TRUE(client.expect("download").entries.empty());
  client.expect("mark");
  client.send(upload_message(1, 3, 3, 3, {recovered}));
  const auto m = client.expect("download");
  EXPECT_EQ(m.latest_server_version, 4u);
  EXPECT_EQ(m.download_client_version, 3u);
  auto reader = start_device();
  EXPECT_EQ(reader->copy.received.size(), 4u);
  EXPECT_EQ(reader->copy.received.back().origin, taken.ident);
}

} // namespace
} // namespace ros::test
