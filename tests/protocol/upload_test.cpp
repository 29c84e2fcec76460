// Checklist U of sync-protocol.md 10.
#include "protocol_fixture.hpp"
#include "resetting_app.hpp"

namespace ros::test {
namespace {

class Uploads : public ProtocolTest {
protected:
  static int session_error(device& d) {
    const auto m = d.client.expect("json_error");
    EXPECT_EQ(m.session, 1u);
    return m.error_code;
  }
};

TEST_F(Uploads, are_acknowledged_by_a_download_without_entries) { // U1
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
}

TEST_F(Uploads, without_changesets_are_not_answered) { // U2, D5
  auto d = start_device();
  for (std::uint64_t v = 3; v < 13; ++v)
    d->client.send(upload_message(1, v, 0, 0));
  d->client.expect_silence();
  d->copy.version = 12;
  auto other = start_device();
  other->session.write(dog_schema());
  other->session.upload();
  EXPECT_EQ(d->client.expect("download").upload_client_version, 12u);
}

TEST_F(Uploads, repeated_after_a_reconnect_change_nothing) { // U3
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
}

TEST_F(Uploads, repeated_in_a_session_are_refused) { // U4
  const auto change = client_copy::change{3, 0, 1, dog_schema()};
  const auto next = client_copy::change{4, 0, 1, dog_schema()};
  struct {
    std::uint64_t progress;
    std::vector<client_copy::change> changes;
  } bad[] = {{4, {change}}, {2, {}}, {4, {{5, 0, 1, dog_schema()}}}, {6, {next, change}}};
  int realm_number = 0;
  for (const auto& b : bad) {
    auto d = start_device(14, std::to_string(++realm_number));
    d->client.send(upload_message(1, 3, 0, 0, {change}));
    d->client.expect("download");
    d->client.send(upload_message(1, b.progress, 0, 0, b.changes));
    EXPECT_EQ(session_error(*d), 210);
  }
}

TEST_F(Uploads, with_impossible_server_versions_are_refused) { // U5
  const auto schema = dog_schema();
  for (const auto& bad :
       {upload_message(1, 3, 1, 0), upload_message(1, 3, 0, 1), upload_message(1, 0, 1, 0),
        upload_message(1, 4, 0, 0, {{3, 1, 1, schema}})}) {
    device d(as_user(), realm(), false);
    d.session.start();
    d.client.send(bad);
    EXPECT_EQ(session_error(d), 209) << bad.substr(0, 30);
  }
}

TEST_F(Uploads, naming_an_origin_are_refused) { // U6
  auto d = start_device();
  d->client.send(upload_message(1, 3, 0, 0, {{3, 0, 1, dog_schema()}}, d->copy.ident));
  EXPECT_EQ(session_error(*d), 216);
}

TEST_F(Uploads, that_are_garbage_end_their_session_alone) { // U7
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
  d->client.send("unbind 1\n");
  d->client.expect_silence();
  d->client.send(bind_message(1, realm(), true));
  d->client.expect("ident");
}

TEST_F(Uploads, with_broken_entries_end_the_connection) { // U8
  const std::pair<const char*, int> cases[] = {{"upload 1 0 7 0 3 0 0\ngarbage", 111},
                                               {"upload 1 0 12 0 3 0 0\n3 0 1 0 99 x", 112}};
  for (const auto& [message, code] : cases) {
    auto d = start_device();
    d->client.send(message);
    const auto m = d->client.expect("json_error");
    EXPECT_EQ(m.error_code, code);
    EXPECT_EQ(m.session, 0u);
  }
}

TEST_F(Uploads, of_20_mib_in_one_changeset_are_integrated) { // U9
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

TEST_F(Uploads, right_before_unbind_are_integrated) { // U12
  auto d = start_device();
  d->session.write(new_dog(1, "Rex"));
  d->session.upload();
  d->session.unbind();
  // The next session of the same file may find it integrated or waiting.
  auto again = resume(d->copy);
  again->session.wait_for_upload();
  auto reader = start_device();
  reader->session.wait_for_download();
  EXPECT_EQ(reader->copy.received.size(), 1u);
}

TEST_F(Uploads, of_two_writers_converge) { // U11, D9
  app a(as_user(), realm());
  app b(as_user(), realm());
  a.file.write(new_dog(1, "Rex"), 1);
  b.file.write(new_dog(1, "Max"), 2);
  constexpr int rounds = 300;
  for (int i = 0; i < rounds; ++i) {
    a.file.write(i % 7 == 0 ? new_dog(10 + i, "a") : rename_dog(1, "a" + std::to_string(i)),
                 static_cast<std::uint64_t>(10 + 2 * i));
    a.session->upload();
    b.file.write(i % 5 == 0 ? new_dog(10 + i, "b") : rename_dog(1, "b" + std::to_string(i)),
                 static_cast<std::uint64_t>(11 + 2 * i));
    b.session->upload();
    for (auto* d : {&a, &b})
      while (auto m = d->client->next(0))
        d->session->receive(*m);
  }
  a.upload();
  b.upload();
  const auto content = a.settle();
  EXPECT_EQ(a.file.copy.latest, 2u * (rounds + 1)); // one version for every entry
  EXPECT_EQ(b.settle(), content);
  EXPECT_EQ(app(as_user(), realm()).settle(), content);
}

} // namespace
} // namespace ros::test
