// Checklist U of sync-protocol.md 10. U2 after kills and restores is in
// durability_test.cpp, U11 in convergence_test.cpp.
#include "conformance_fixture.hpp"

namespace ros::test {
namespace {

class UploadConformanceTest : public ConformanceTest {
protected:
  static int session_error(device& d) {
    const auto m = d.client.expect("json_error");
    EXPECT_EQ(m.session, 1u);
    return m.error_code;
  }
  /// Uploads that must end the session with this error, each on a fresh Realm and client
  /// file, behind a good upload of version 3.
  struct bad_upload {
    int code;
    std::uint64_t progress;
    std::uint64_t base;
    std::uint64_t locked;
    std::vector<client_copy::change> changes;
  };
  static void expect_refused(const std::vector<bad_upload>& uploads) {
    int number = 0;
    for (const auto& bad : uploads) {
      SCOPED_TRACE(++number);
      device d(as_user(), realm('-' + std::to_string(number)), false);
      d.session.start();
      d.client.send(upload_message(1, 3, 0, 0, {{3, 0, 1, dog_schema()}}));
      ASSERT_EQ(d.client.expect("download").download_server_version, 1u);
      d.client.send(upload_message(1, bad.progress, bad.base, bad.locked, bad.changes));
      EXPECT_EQ(session_error(d), bad.code);
      auto reader = start_device(14, '-' + std::to_string(number));
      EXPECT_EQ(reader->copy.latest, 1u); // nothing of it was applied
    }
  }
};

TEST_F(UploadConformanceTest, U1_an_integrated_changeset_is_acknowledged_by_an_empty_download) {
  auto client = connect();
  client_copy copy;
  copy.path = realm();
  client_session session(client, copy, 1, false);
  session.start();
  const auto version = session.write(dog_schema());
  session.upload();
  const auto m = client.expect("download");
  EXPECT_TRUE(m.entries.empty());
  EXPECT_EQ(m.download_server_version, 1u);
  EXPECT_EQ(m.latest_server_version, 1u);
  EXPECT_EQ(m.download_client_version, version);
  EXPECT_GE(m.upload_client_version, version);
  client.expect_silence();
}

TEST_F(UploadConformanceTest, U2_an_empty_upload_is_not_answered_but_counts) {
  auto d = start_device();
  for (std::uint64_t v = 3; v < 13; ++v)
    d->client.send(upload_message(1, v, 0, 0));
  d->client.expect_silence();
  d->copy.version = 12;
  auto other = start_device();
  other->session.write(dog_schema());
  other->session.upload();
  const auto m = d->client.expect("download");
  EXPECT_EQ(m.upload_client_version, 12u);
  d->session.receive(m);
  // Never less than that again, in this session and the next ones.
  d->client.send(upload_message(1, 13, 1, 1));
  auto again = resume(d->copy);
  EXPECT_GE(again->copy.acknowledged, 12u);
}

TEST_F(UploadConformanceTest, U3_an_entry_repeated_after_a_reconnect_changes_nothing) {
  device d(as_user(), realm(), false);
  d.session.start();
  d.session.write(new_dog(1, "Rex"));
  const auto before = d.copy;
  d.session.upload();
  d.session.wait_for_upload();
  const auto latest = d.copy.latest;
  d.client.close();
  device again(as_user(), before); // it never heard of the acknowledgement
  again.client.send(bind_message(1, before.path, false));
  again.client.send(ident_message(1, before));
  again.session.upload();
  again.session.wait_for_upload();
  again.session.wait_for_download();
  EXPECT_EQ(again.copy.latest, latest);
  auto reader = start_device();
  EXPECT_EQ(reader->copy.received.size(), 1u);
}

TEST_F(UploadConformanceTest, U4_client_versions_that_do_not_grow_are_refused) {
  const auto change = [](std::uint64_t version) {
    return client_copy::change{version, 0, 1, dog_schema()};
  };
  expect_refused({{210, 4, 0, 0, {change(3)}},              // an entry again
                  {210, 2, 0, 0, {}},                       // progress goes back
                  {210, 4, 0, 0, {change(5)}},              // an entry of the future
                  {210, 6, 0, 0, {change(5), change(4)}},   // out of order
                  {210, 6, 0, 0, {change(5), change(5)}}}); // twice
}

TEST_F(UploadConformanceTest, U5_impossible_server_versions_are_refused) {
  const auto schema = dog_schema();
  expect_refused({{209, 4, 2, 0, {}},                  // ps > Dsent
                  {209, 4, 1, 2, {}},                  // locked > Dsent
                  {209, 3, 1, 0, {}},                  // same pc, another ps
                  {209, 4, 0, 0, {{4, 1, 1, schema}}}, // a base behind the progress
                  {209, 6, 1, 0, {{4, 1, 1, schema}, {5, 0, 1, schema}}}, // bases go back
                  {209, 6, 0, 0, {{4, 2, 1, schema}}}});                  // a base of the future
  device d(as_user(), realm(), false); // a server version without a client version
  d.session.start();
  d.client.send(upload_message(1, 0, 1, 0));
  EXPECT_EQ(session_error(d), 209);
  auto e = start_device(14, "-1");
  e->client.send(upload_message(1, 4, 1, 1));
  e->client.send(upload_message(1, 5, 1, 0)); // locked goes back
  EXPECT_EQ(session_error(*e), 209);
}

TEST_F(UploadConformanceTest, U6_entries_that_name_an_origin_are_refused) {
  for (const bool own : {true, false}) {
    auto d = start_device();
    const auto origin = own ? d->copy.ident : 1;
    d->client.send(upload_message(1, 3, 0, 0, {{3, 0, 1, dog_schema()}}, origin));
    EXPECT_EQ(session_error(*d), 216);
  }
}

TEST_F(UploadConformanceTest, U7_garbage_ends_its_session_alone) {
  auto d = start_device();
  client_copy second;
  second.path = realm("-other");
  client_session neighbour(d->client, second, 2);
  neighbour.start();
  auto reader = start_device();
  d->client.send(
      upload_message(1, 5, 0, 0, {{3, 0, 1, new_dog(1, "Rex")}, {4, 0, 1, "\x77 no changeset"}}));
  EXPECT_EQ(session_error(*d), 212);
  neighbour.write(dog_schema());
  neighbour.upload();
  neighbour.wait_for_upload();
  reader->session.wait_for_download();
  EXPECT_TRUE(reader->copy.received.empty()); // nothing of the batch was applied
  reader->session.write(dog_schema());
  reader->session.upload();
  reader->session.wait_for_upload();
  d->client.send("unbind 1\n");
  d->client.expect_silence();
  d->client.send(bind_message(1, realm(), true));
  d->client.expect("ident");
}

TEST_F(UploadConformanceTest, U8_broken_entries_end_the_connection) {
  const std::pair<const char*, int> cases[] = {{"upload 1 0 7 0 3 0 0\ngarbage", 111},
                                               {"upload 1 0 9 0 3 0 0\n3 0 x 0 0", 111},
                                               {"upload 1 0 12 0 3 0 0\n3 0 1 0 99 x", 112}};
  for (const auto& [message, code] : cases) {
    auto d = start_device();
    d->client.send(message);
    const auto m = d->client.expect("json_error");
    EXPECT_EQ(m.error_code, code);
    EXPECT_EQ(m.session, 0u);
    EXPECT_TRUE(d->client.read_to_end().empty());
  }
}

TEST_F(UploadConformanceTest, U9_one_changeset_of_20_mib_is_integrated) {
  changeset_builder b;
  b.add_table("Blob").add_column("Blob", "data", sync::value_type::binary);
  for (int i = 0; i < 2; ++i)
    b.create("Blob", std::int64_t{i})
        .update("Blob", std::int64_t{i}, {"data"},
                binary(std::string(10 << 20, static_cast<char>('a' + i))));
  auto d = start_device();
  d->session.write(std::string{client_bytes(b.take()).view()});
  d->session.upload();
  d->session.wait_for_upload();
  auto reader = start_device();
  ASSERT_EQ(reader->copy.received.size(), 1u);
  EXPECT_GT(reader->copy.received[0].changeset.size(), 20u << 20);
}

TEST_F(UploadConformanceTest, U9_what_is_too_big_ends_with_close_1009) {
  auto client = connect();
  // Only the frame's head: 1 GiB to come.
  client.socket().send(std::string{"\x82\xff\x00\x00\x00\x00\x40\x00\x00\x00key!", 14});
  EXPECT_TRUE(client.read_to_end().empty());
  EXPECT_EQ(client.close_code(), 1009u);
}

TEST_F(UploadConformanceTest, U10_who_may_not_write_only_acknowledges) {
  server_process cautious(
      std::map<std::string, std::string>{{"app_services.partition_default", "read"}});
  const auto owner = log_in_anonymously(cautious);
  const auto guest = log_in_anonymously(cautious);
  connect_options o;
  o.port = cautious.port();
  const auto path = "\"user=" + owner.user_id + '"';
  o.token = owner.token;
  device mine(o, path);
  mine.session.start();
  mine.session.write(new_dog(1, "Rex"));
  mine.session.upload();
  mine.session.wait_for_upload();
  o.token = guest.token;
  device theirs(o, path); // sends an empty upload behind the download
  theirs.session.start();
  theirs.session.wait_for_download();
  EXPECT_EQ(theirs.copy.received.size(), 1u);
  theirs.session.write(rename_dog(1, "Max"));
  theirs.session.upload();
  const auto m = theirs.client.expect("json_error");
  EXPECT_EQ(m.error_code, 206);
  EXPECT_EQ(m.session, 1u);
  EXPECT_EQ(m.action, "ApplicationBug");
  EXPECT_FALSE(m.try_again);
  mine.session.wait_for_download();
  EXPECT_EQ(mine.copy.latest, 1u);
  EXPECT_TRUE(mine.copy.received.empty());
}

TEST_F(UploadConformanceTest, U10_the_schema_that_a_reader_declares_first_is_accepted) {
  server_process cautious(
      std::map<std::string, std::string>{{"app_services.partition_default", "read"}});
  const auto owner = log_in_anonymously(cautious);
  const auto guest = log_in_anonymously(cautious);
  const auto path = "\"user=" + owner.user_id + '"';
  connect_options o;
  o.port = cautious.port();
  o.token = owner.token;
  device mine(o, path);
  mine.session.start();
  mine.session.write(new_dog(1, "Rex"));
  mine.session.upload();
  mine.session.wait_for_upload();
  o.token = guest.token;
  for (int version : {1, 7, 14}) {
    o.subprotocols = offer(version, 1, version < 8 ? '/' : '#');
    device theirs(o, path, false);
    theirs.session.start();
    theirs.client.send(upload_message(1, 2, 0, 0, {{2, 0, 1000, dog_schema()}}, 0, version));
    const auto m = theirs.client.expect("download");
    EXPECT_EQ(m.upload_client_version, 2u) << version;
    EXPECT_TRUE(m.entries.empty());
    theirs.client.send(upload_message(1, 3, 0, 0, {{3, 0, 1000, new_dog(2, "Max")}}, 0, version));
    EXPECT_EQ(theirs.client.next()->error_code, 206) << version;
  }
  mine.session.wait_for_download();
  EXPECT_EQ(mine.copy.latest, 4u);
  for (const auto& x : mine.copy.received)
    EXPECT_TRUE(x.changeset.empty());
}

TEST_F(UploadConformanceTest, U12_what_was_uploaded_right_before_unbind_is_integrated) {
  auto d = start_device();
  d->session.write(new_dog(1, "Rex"));
  d->client.socket().send(
      binary_frame(upload_message(1, d->copy.version, 0, 0, d->copy.unacknowledged)) +
      binary_frame("unbind 1\n"));
  for (auto m = d->client.next();; m = d->client.next()) {
    ASSERT_TRUE(m.has_value());
    if (m->name == "unbound")
      break;
    ASSERT_EQ(m->name, "download"); // integrated already
  }
  // Nobody sends it again: a reader waits until it is there.
  auto reader = start_device();
  while (reader->copy.received.empty())
    reader->session.receive(reader->client.expect("download"));
  EXPECT_EQ(reader->copy.received[0].origin, d->copy.ident);
  EXPECT_EQ(reader->copy.latest, 1u);
}

} // namespace
} // namespace ros::test
