// Checklist R of sync-protocol.md 10.
#include "protocol_fixture.hpp"

namespace ros::test {
namespace {

class Sessions : public ProtocolTest {
protected:
  /// The error that this IDENT of a copy is answered with; 0: it was accepted.
  static int refusal(const client_copy& copy, const std::string& path = realm()) {
    auto client = connect();
    client.send(bind_message(1, path, false));
    client.send(ident_message(1, copy));
    const auto m = client.next();
    EXPECT_TRUE(m.has_value());
    return m && m->name == "json_error" && m->session == 1 ? m->error_code : 0;
  }
};

// -- identity and resume ----------------------------------------------------------------------

TEST_F(Sessions, of_a_new_file_get_a_first_download) { // R1
  auto d = start_device();
  EXPECT_EQ(d->session.downloads(), 1u);
  EXPECT_EQ(d->copy.latest, 0u);
}

TEST_F(Sessions, of_unknown_files_are_refused) { // R2
  auto d = start_device();
  auto copy = d->copy;
  copy.ident = 999;
  EXPECT_EQ(refusal(copy), 208);
  copy.ident = 1;
  EXPECT_EQ(refusal(copy), 208);
  copy = d->copy;
  ++copy.salt;
  EXPECT_EQ(refusal(copy), 211);
  copy = d->copy;
  const auto elsewhere = refusal(copy, realm("-other"));
  EXPECT_TRUE(elsewhere == 208 || elsewhere == 211);
}

TEST_F(Sessions, with_impossible_cursors_are_refused) { // R3, R4
  auto other = start_device();
  other->session.write(new_dog(1, "Rex"));
  other->session.upload();
  other->session.wait_for_upload();
  auto d = start_device();
  ASSERT_EQ(d->copy.server_version, 1u);
  d->session.write(rename_dog(1, "Max"));
  d->session.upload();
  d->session.wait_for_upload();
  d->session.unbind();
  const auto good = d->copy;
  ASSERT_EQ(good.server_version, 2u);
  auto bad = good;
  bad.server_version = bad.latest = 3;
  EXPECT_EQ(refusal(bad), 209);
  bad = good;
  bad.latest = 3;
  EXPECT_EQ(refusal(bad), 209);
  bad = good;
  bad.latest = 1;
  EXPECT_EQ(refusal(bad), 209);
  bad = good;
  ++bad.latest_salt;
  EXPECT_EQ(refusal(bad), 211);
  bad = good;
  bad.server_version = bad.latest = 0;
  bad.client_version = 0;
  const auto code = refusal(bad); // D below the stored Us, or the salt of version 0
  EXPECT_TRUE(code == 209 || code == 211) << code;
  bad.latest_salt = 0;
  EXPECT_EQ(refusal(bad), 209);
  bad = good;
  bad.client_version = good.version + 50;
  EXPECT_EQ(refusal(bad), 210);
  EXPECT_EQ(refusal(good), 0);
}

TEST_F(Sessions, take_their_file_over_from_forgotten_connections) { // R5
  auto old = start_device();
  auto fresh = resume(old->copy);
  EXPECT_TRUE(old->client.read_to_end().empty());
  EXPECT_FALSE(old->client.close_code());
  fresh->session.wait_for_download();
}

TEST_F(Sessions, do_not_share_a_file_on_one_connection) { // R5, R6
  auto d = start_device();
  d->client.send("unbind 1\n");
  d->client.send(bind_message(2, realm(), false));
  d->client.send(ident_message(2, d->copy));
  EXPECT_EQ(d->client.expect("unbound").session, 1u);
  EXPECT_EQ(d->client.expect("download").session, 2u);
  d->client.send(bind_message(3, realm(), false));
  d->client.send(ident_message(3, d->copy));
  const auto m = d->client.expect("json_error");
  EXPECT_EQ(m.error_code, 108);
  EXPECT_EQ(m.session, 0u);
}

TEST_F(Sessions, resume_after_a_client_reset) { // R10, R11
  auto writer = start_device();
  writer->session.write(new_dog(1, "Rex"));
  writer->session.upload();
  writer->session.wait_for_upload();
  // The temporary session downloads everything and says so with an empty upload.
  auto d = start_device();
  EXPECT_EQ(d->copy.server_version, 1u);
  d->client.send(upload_message(1, 6, 1, 1));
  d->session.unbind();
  // The app's file takes over with client versions of its own.
  client_copy taken = d->copy;
  taken.client_version = 0;
  taken.version = 2;
  taken.acknowledged = 0;
  taken.acknowledged_base = 0;
  client_session session(d->client, taken, 2, false);
  session.start();
  taken.version = 2;
  session.write(rename_dog(1, "recovered"));
  EXPECT_EQ(taken.version, 3u);
  session.upload();
  session.wait_for_upload();
  writer->session.wait_for_download();
  EXPECT_EQ(writer->copy.received.size(), 1u);
}

} // namespace
} // namespace ros::test
