// Checklist L of sync-protocol.md 10: clients of io.realm.sync.
#include "legacy_fixture.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <vector>

namespace ros::test {
namespace {

TEST_F(Legacy, L1_transcript_of_22_is_reproduced) { // 7.4
  const auto path = home_realm();
  auto a = connect_legacy(22, path);
  EXPECT_EQ(a.subprotocol(), "io.realm.sync.22");
  a.send(bind(a, 1, path));
  const auto fa = a.expect("alloc");
  EXPECT_EQ(fa.raw, "alloc 1 1 2" + number(fa.file_salt) + '\n');
  a.send("ident 1 1 2" + number(fa.file_salt) + " 0 0 0 0\n");
  expect(a, "download 1 0 0 0 0 0 0 0 0 0\n");
  const auto dog = std::string{client_bytes(changeset_builder{}.add_table("Dog").take()).view()};
  const auto size = std::to_string(dog.size());
  const auto entry = "2 0 1234 " + size + ' ' + dog;
  a.send("upload 1 0" + number(entry.size()) + " 0\n" + entry);
  const auto ack = a.expect("download");
  const auto latest = " 1" + number(ack.latest_server_salt);
  EXPECT_EQ(ack.raw, "download 1 1 2" + latest + " 2 0 0 0 0\n");

  auto b = connect_legacy(22, path);
  b.send(bind(b, 1, path));
  const auto fb = b.expect("alloc");
  b.send("ident 1 1 3" + number(fb.file_salt) + " 0 0 0 0\n");
  const auto got = b.expect("download");
  ASSERT_EQ(got.entries.size(), 1u);
  const auto sent = got.entries[0].changeset;
  const auto sent_size = std::to_string(sent.size());
  const auto sent_entry = "1 0 1234 2 " + sent_size + ' ' + sent_size + ' ' + sent;
  EXPECT_EQ(got.raw, "download 1 1 0" + latest + " 0 " + sent_size + " 0" +
                         number(sent_entry.size()) + " 0\n" + sent_entry);
  b.send("mark 1 3\n");
  expect(b, "mark 1 3\n");
  EXPECT_EQ(b.websocket_ping("123 0\n"), "123\n");
  b.send("unbind 1\n");
  expect(b, "unbound 1\n");
}

TEST_F(Legacy, L1_definitions_alone_are_acknowledged_and_not_sent_on) {
  const auto path = home_realm();
  auto a = open_home(22, path);
  a->session.write(std::string{"?\x00\x03"
                               "Dog",
                               6});
  a->session.upload();
  a->session.wait_for_upload();
  auto b = open_home(22, path);
  EXPECT_EQ(b->copy.latest, 1u);
  EXPECT_TRUE(b->copy.received.empty());
}

TEST_F(Legacy, L1_upgrades_at_every_legacy_route) {
  const auto path = home_realm();
  auto options = as_legacy("22", path, signed_token(claims_for(path)));
  for (const auto& target :
       {options.target, "/realm-sync" + path, std::string{"/realm-sync"}, std::string{"/"}}) {
    options.target = target;
    EXPECT_EQ(protocol_client{options}.status(), 101) << target;
  }
  options.target = "/realm-else/%2Fx";
  EXPECT_EQ(protocol_client{options}.status(), 404);
}

TEST_F(Legacy, L1_clients_of_18_announce_themselves) { // 1.2
  const auto path = home_realm();
  auto options = as_legacy("", path, {});
  options.target = "/realm-object-server";
  options.subprotocols.clear();
  options.headers = "X-Realm-Protocol-Version: 18\r\nX-Realm-Path: " + path +
                    "\r\nX-Realm-Access-Token: " + signed_token(claims_for(path)) + "\r\n";
  options.version = 18;
  protocol_client client{options};
  ASSERT_EQ(client.status(), 101);
  EXPECT_EQ(client.subprotocol(), "");
  client_copy copy;
  copy.path = path;
  client_session session(client, copy, 1);
  session.start(signed_token(claims_for(path)));
  session.write(new_dog(1, "Rex"));
  session.upload();
  session.wait_for_upload();
  options.headers = "X-Realm-Protocol-Version: 14\r\n";
  EXPECT_EQ(protocol_client{options}.status(), 400);
}

TEST_F(Legacy, L2_offers_are_answered_with_one_version) {
  const auto path = home_realm();
  const auto token = signed_token(claims_for(path));
  auto answer = [&](const std::string& offered) {
    protocol_client client{as_legacy(offered, path, token)};
    return client.status() == 101 ? client.subprotocol() : std::to_string(client.status());
  };
  EXPECT_EQ(answer("26-30"), "io.realm.sync.30");
  EXPECT_EQ(answer("26-29"), "io.realm.sync.29");
  EXPECT_EQ(answer("22"), "io.realm.sync.22");
  EXPECT_EQ(answer("17"), "io.realm.sync.17");
  EXPECT_EQ(answer("24"), "400");
  EXPECT_EQ(answer("31"), "400");
  EXPECT_EQ(answer("x"), "400");
}

TEST_F(Legacy, L3_bind_has_the_grammar_of_its_version) {
  const auto path = home_realm();
  for (int version : {22, 26, 28, 29, 30}) {
    auto good = connect_legacy(version, path);
    good.send(bind(good, 1, path));
    good.expect(version == 22 ? "alloc" : "ident");
    auto bad = connect_legacy(version, path);
    bad.send(bind_message(1, path, true, "t", version == 30 ? 22 : 30));
    const auto m = bad.expect("error");
    EXPECT_EQ(m.error_code, 103) << version;
    EXPECT_EQ(m.session, 0u);
  }
}

TEST_F(Legacy, L4_uploads_of_every_version_are_acknowledged_once) {
  for (int version : {18, 22, 26, 27, 28, 29, 30}) {
    const auto path = home_realm('-' + std::to_string(version));
    auto a = open_home(version, path);
    a->session.write(new_dog(1, "Rex"));
    a->session.write(rename_dog(1, "Max"));
    a->session.upload();
    a->session.wait_for_upload();
    EXPECT_EQ(a->copy.latest, 2u) << version;
    const auto other = open_home(14, path);
    other->session.write(rename_dog(1, "Bo"));
    other->session.upload();
    other->session.wait_for_upload();
    a->session.wait_for_download();
    // What was not acknowledged before the connection broke comes again, in pieces.
    a->session.write(rename_dog(1, "Ted"));
    a->session.upload();
    a->session.wait_for_upload();
    const auto token = signed_token(claims_for(path));
    device b(as_legacy(std::to_string(version), path, token), path, false);
    b.copy = a->copy;
    a->client.close();
    b.session.start(token);
    for (const auto& change : std::vector<client_copy::change>{{2, 0, 1000, new_dog(1, "Rex")},
                                                               {3, 0, 1000, rename_dog(1, "Max")}})
      b.client.send(
          upload_message(1, change.client_version, 0, b.copy.server_version, {change}, 0, version));
    b.session.wait_for_download();
    b.session.write(rename_dog(1, "Kim"));
    b.session.upload();
    b.session.wait_for_upload();
    EXPECT_EQ(b.copy.latest, 5u) << version;
  }
}

TEST_F(Legacy, L4_uploads_with_wrong_cursors_are_refused) { // 8.3
  auto error = [](const std::string& body) {
    auto d = kennel(22);
    d->client.send("upload 1 0" + number(body.size()) + " 0\n" + body);
    const auto m = d->client.expect("error");
    EXPECT_TRUE(d->client.read_to_end().empty());
    return m.error_code * 10 + (m.session == 0 ? 0 : 1);
  };
  EXPECT_EQ(error(""), 1131);
  EXPECT_EQ(error("0 0 1 0 "), 2101);
  EXPECT_EQ(error("2 0 1 0 "), 2101);
  EXPECT_EQ(error("99 99 1 0 "), 2091);
  EXPECT_EQ(error("9 0 1 5 "), 1120);
  EXPECT_EQ(error("9 0 x"), 1110);
}

TEST_F(Legacy, L4_changesets_that_cannot_be_read_are_named_and_stored_nowhere) { // 8.5
  for (int version : {22, 26, 30}) {
    const auto path = home_realm('-' + std::to_string(version));
    auto a = open_home(version, path);
    a->session.write("\x2A\x01\x02");
    a->session.upload();
    const auto m = a->client.expect("error");
    EXPECT_EQ(m.error_code, 212);
    EXPECT_FALSE(m.try_again);
    EXPECT_NE(m.text.find("unknown opcode"), std::string::npos) << m.text;
    EXPECT_EQ(m.text.find("version 30 only") != std::string::npos, version != 30) << m.text;
    EXPECT_EQ(open_home(14, path)->copy.latest, 0u);
  }
}

TEST_F(Legacy, L5_heads_of_22_differ_from_26) {
  const auto path = home_realm();
  for (int version : {22, 26, 30}) {
    auto client = connect_legacy(version, path);
    client.send(bind(client, 1, path));
    // The strict reader of the client counts the fields.
    const auto given = client.expect(version == 22 ? "alloc" : "ident");
    client_copy copy;
    copy.ident = given.file_ident;
    copy.salt = given.file_salt;
    client.send(ident_message(1, copy, version));
    const auto m = client.expect("download");
    EXPECT_EQ(std::count(m.raw.begin(), m.raw.end(), ' '), version == 22 ? 10 : 11);
  }
}

TEST_F(Legacy, L6_heartbeats_are_answered_in_kind) {
  for (int version : {22, 26, 30}) {
    auto client = connect_legacy(version, home_realm());
    EXPECT_EQ(client.websocket_ping("5 0\n"), "5\n");
    EXPECT_EQ(client.websocket_ping("123 45\n"), "123\n");
    EXPECT_EQ(client.websocket_ping("abc"), std::nullopt);
    EXPECT_EQ(client.expect("error").error_code, 103);
  }
}

TEST_F(Legacy, L8_session_errors_end_the_connection_up_to_22_only) {
  const auto path = home_realm();
  auto early = connect_legacy(22, path);
  early.send(bind(early, 1, path));
  early.expect("alloc");
  early.send(bind(early, 2, path, false));
  early.send("ident 2 1 99 77 0 0 0 0\n");
  const auto m = early.expect("error");
  EXPECT_EQ(m.error_code, 208);
  EXPECT_EQ(m.session, 2u);
  EXPECT_TRUE(early.read_to_end().empty());

  for (int version : {26, 30}) {
    auto late = connect_legacy(version, path);
    client_copy copy;
    copy.path = path;
    client_session session(late, copy, 1);
    session.start(signed_token(claims_for(path)));
    late.send(bind(late, 2, path, false));
    late.send("ident 2 99 77 0 0 0 0\n");
    const auto error = late.expect("error");
    EXPECT_EQ(error.error_code, 208);
    EXPECT_EQ(error.session, 2u);
    session.wait_for_download();
    late.send("unbind 2\n");
    late.expect_silence();
  }
}

TEST_F(Legacy, L9_client_resets_start_from_downloads) {
  for (int version : {27, 28, 30}) {
    const auto path = home_realm('-' + std::to_string(version));
    auto writer = open_home(version, path);
    const auto last = writer->session.write(new_dog(1, "Rex"));
    writer->session.upload();
    writer->session.wait_for_upload();

    auto client = connect_legacy(version, path);
    client.send(bind(client, 1, path));
    const auto given = client.expect("ident");
    const auto f = number(writer->copy.ident);
    client.send("client_version_request 1" + f + number(writer->copy.salt) + '\n');
    EXPECT_GE(client.expect("client_version").client_version, last);
    client.send("client_version_request 1" + f + number(writer->copy.salt + 1) + '\n');
    EXPECT_EQ(client.expect("client_version").client_version, 0u);
    client.send(version < 28 ? "state_request 1 0 0 0 1\n" : "state_request 1 0 0 0 1 6 20 1 8\n");
    expect(client, "state 1 0 0 0 0 0 0\n");
    client.send("ident 1" + number(given.file_ident) + number(given.file_salt) + " 0 0 0 0\n");
    EXPECT_EQ(client.expect("download").entries.size(), 1u);
  }
}

TEST_F(Legacy, L10_transactions_are_not_supported) {
  auto d = open_home(26, home_realm());
  d->client.send("transact 1 7\n");
  EXPECT_EQ(d->client.expect("transact").status, 3u);
  d->client.send("transact 9 7\n");
  EXPECT_EQ(d->client.expect("error").error_code, 106);
}

TEST_F(Legacy, L10_messages_that_22_does_not_know_are_refused) { // 8.3
  auto error = [](const std::string& message) {
    auto client = connect_legacy(22, home_realm());
    client.send(message);
    const auto m = client.expect("error");
    EXPECT_EQ(m.session, 0u);
    EXPECT_TRUE(client.read_to_end().empty());
    return m.error_code;
  };
  for (const auto* message :
       {"ping 1 0\n", "alloc 1\n", "state_request 1 0 0 0 1\n", "transact 1 2\n"})
    EXPECT_EQ(error(message), 102) << message;
  EXPECT_EQ(error("client 17 5\nhello"), 105);
  EXPECT_EQ(error("mark 1 1\n"), 106);
  EXPECT_EQ(error("mark 1\n"), 103);
}

} // namespace
} // namespace ros::test
