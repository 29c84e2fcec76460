// Heads of io.realm.sync by version (sync-protocol.md 8.2 to 8.4).
#include "sync/download_message.hpp"
#include "sync/message.hpp"

#include <gtest/gtest.h>

#include <string>
#include <utility>
#include <vector>

namespace ros::sync {
namespace {

const std::vector<int> early{15, 18, 21, 22};
const std::vector<int> late{26, 27, 28, 29, 30};

int code_of(std::string text, int version) {
  const auto r = parse_client_message(bytes{std::move(text)}, version);
  return r ? 0 : r.error().protocol_code;
}

template <class Message>
Message parsed(const std::string& text, int version) {
  const auto r = parse_client_message(bytes{text}, version);
  const auto* m = r ? std::get_if<Message>(&*r) : nullptr;
  EXPECT_NE(m, nullptr) << text << version;
  return m ? *m : Message{};
}

void expect_codes(const std::vector<int>& versions, const std::string& text, int code) {
  for (int version : versions)
    EXPECT_EQ(code_of(text, version), code) << text << version;
}

TEST(legacy_messages, bind_has_four_numbers_up_to_29) {
  const std::string four = "bind 1 4 3 1\n/t22abc";
  const std::string five = "bind 1 4 3 1 0\n/t22abc";
  expect_codes(early, four, 0);
  expect_codes(early, five, 103);
  expect_codes({26, 27, 28, 29}, four, 0);
  expect_codes({26, 27, 28, 29}, five, 103);
  expect_codes({30}, four, 103);
  expect_codes({30}, five, 0);
  const auto m = parsed<bind_message>(four, 22);
  EXPECT_EQ(m.path, "/t22");
  EXPECT_EQ(m.token, "abc");
  EXPECT_TRUE(m.need_ident);
  EXPECT_FALSE(m.is_subserver);
  EXPECT_TRUE(parsed<bind_message>("bind 1 4 3 1 1\n/t22abc", 30).is_subserver);
}

TEST(legacy_messages, ident_names_the_server_file_up_to_22) {
  const std::string seven = "ident 1 1 2 77 3 4 5 99\n";
  const std::string six = "ident 1 2 77 3 4 5 99\n";
  expect_codes(early, six, 103);
  expect_codes(late, seven, 103);
  for (const auto& [text, version] : {std::pair{seven, 22}, std::pair{six, 26}}) {
    const auto m = parsed<ident_message>(text, version);
    EXPECT_EQ(m.session, 1u);
    EXPECT_EQ(m.file, (salted_file_ident{2, 77}));
    EXPECT_EQ(m.download, (download_cursor{3, 4}));
    EXPECT_EQ(m.latest, (salted_version{5, 99}));
  }
  // It is not verified.
  EXPECT_EQ(parsed<ident_message>("ident 1 9 2 77 3 4 5 99\n", 22).file.ident, 2u);
}

TEST(legacy_messages, upload_tells_more_with_every_generation) {
  const std::string none = "upload 1 0 0 0\n";
  const std::string half = "upload 1 0 0 0 7\n";
  const std::string whole = "upload 1 0 0 0 9 7 6\n";
  expect_codes(early, none, 0);
  expect_codes({26, 27, 28}, half, 0);
  expect_codes({29, 30}, whole, 0);
  for (const auto& text : {half, whole})
    expect_codes(early, text, 103);
  for (const auto& text : {none, whole})
    expect_codes({26, 27, 28}, text, 103);
  for (const auto& text : {none, half})
    expect_codes({29, 30}, text, 103);
  EXPECT_EQ(parsed<upload_message>(none, 22).form, progress_form::none);
  const auto m = parsed<upload_message>(half, 28);
  EXPECT_EQ(m.form, progress_form::server_version);
  EXPECT_EQ(m.progress.last_integrated_server_version, 7u);
  const auto w = parsed<upload_message>(whole, 29);
  EXPECT_EQ(w.form, progress_form::whole);
  EXPECT_EQ(w.progress, (upload_cursor{9, 7}));
  EXPECT_EQ(w.locked_version, 6u);
}

TEST(legacy_messages, entries_name_no_origin_up_to_22) {
  auto unpacked = [](const std::string& tail, const std::string& body, int version) {
    const auto size = std::to_string(body.size());
    return unpack(parsed<upload_message>("upload 1 0 " + size + " 0" + tail + '\n' + body, version),
                  100);
  };
  const auto early_entries = unpacked("", "2 1 1234 3 abc3 1 1235 0 ", 22);
  ASSERT_TRUE(early_entries);
  ASSERT_EQ(early_entries->size(), 2u);
  const auto late_entries = unpacked(" 7", "2 1 1234 0 3 abc3 1 1235 0 0 ", 26);
  ASSERT_TRUE(late_entries);
  ASSERT_EQ(late_entries->size(), 2u);
  for (const auto& e : {(*early_entries)[0], (*late_entries)[0]}) {
    EXPECT_EQ(e.change.client_version, 2u);
    EXPECT_EQ(e.change.base, 1u);
    EXPECT_EQ(e.change.timestamp, 1234u);
    EXPECT_EQ(e.origin, 0u);
    EXPECT_EQ(e.change.data.view(), "abc");
  }
  EXPECT_EQ(unpacked("", "2 1 x 3 abc", 22).error().protocol_code, 111);
  EXPECT_EQ(unpacked("", "2 1 1234 4 abc", 22).error().protocol_code, 112);
}

TEST(legacy_messages, requests_of_client_resets_came_with_26) {
  expect_codes(early, "client_version_request 1 2 77\n", 102);
  expect_codes(late, "client_version_request 1 2 77\n", 0);
  const std::string four = "state_request 1 0 0 0 1\n";
  const std::string eight = "state_request 1 0 0 0 1 6 20 1 8\n";
  expect_codes(early, four, 102);
  expect_codes({26, 27}, four, 0);
  expect_codes({26, 27}, eight, 103);
  expect_codes({28, 29, 30}, four, 103);
  expect_codes({28, 29, 30}, eight, 0);
}

TEST(legacy_messages, transactions_are_recognised_from_26_on_whatever_they_carry) {
  expect_codes(early, "transact 1 2\n", 102);
  for (const auto* text : {"transact 1\n", "transact 1 2 3 4\nbody"})
    EXPECT_EQ(parsed<transact_message>(text, 26).session, 1u);
  expect_codes(late, "transact\n", 103);
}

TEST(legacy_messages, names_of_other_families_are_unknown) {
  for (const auto* text : {"ping 1 2\n", "alloc 1 2 3\n", "json_error 212 2 1\n{}",
                           "test_command 1 1 2\n{}", "pong 1\n"}) {
    expect_codes(early, text, 102);
    expect_codes(late, text, 102);
  }
  for (const auto* text : {"client 17 5\nabcde", "client\n"}) {
    expect_codes(early, text, 105);
    expect_codes(late, text, 105);
    EXPECT_EQ(code_of(text, 14), 102);
  }
}

TEST(legacy_messages, others_are_the_same_in_all_versions) {
  for (const auto* text : {"mark 1 3\n", "unbind 1\n", "refresh 1 3\nabc"}) {
    expect_codes(early, text, 0);
    expect_codes(late, text, 0);
  }
}

TEST(legacy_messages, heartbeats_carry_a_timestamp) {
  const auto ping = parse_heartbeat("5 0\n");
  ASSERT_TRUE(ping);
  EXPECT_EQ(ping->timestamp, 5u);
  EXPECT_EQ(parse_heartbeat("123 45\n")->rtt, 45u);
  EXPECT_EQ(make_heartbeat_answer(123), "123\n");
  for (const auto* bad : {"", "5", "5 0", "5\n", "5 0\nx", "5 0 1\n", "5  0\n", "-5 0\n", "a b\n",
                          "18446744073709551616 0\n", "5 0\r\n"})
    EXPECT_FALSE(parse_heartbeat(bad)) << bad;
}

TEST(legacy_messages, from_the_server_have_the_form_of_the_version) {
  for (int version : early)
    EXPECT_EQ(make_ident(1, {2, 77}, version), "alloc 1 1 2 77\n");
  for (int version : late)
    EXPECT_EQ(make_ident(1, {2, 77}, version), "ident 1 2 77\n");
  EXPECT_EQ(make_transact_refusal(4), "transact 4 3 0 0 0 0 0\n");
  const download_head head{.session = 1,
                           .progress = {3, 2},
                           .latest = {4, 77},
                           .upload_progress = {9, 1},
                           .downloadable_bytes = 60};
  download_body body;
  body.add(3, 2, 1234, 5, 6, bytes{std::string{"?\0\3Dog", 6}});
  auto text = [&](int version) {
    const auto m = make_download(head, packed_body{body}, version);
    std::string out = m.head;
    for (const auto& part : m.parts)
      out += part.view();
    return out;
  };
  const std::string entry{"3 2 1234 5 6 6 ?\0\3Dog", 21};
  EXPECT_EQ(text(15), "download 1 3 2 4 77 9 0 21 0\n" + entry);
  for (int version : {16, 18, 22})
    EXPECT_EQ(text(version), "download 1 3 2 4 77 9 60 0 21 0\n" + entry);
  for (int version : late)
    EXPECT_EQ(text(version), "download 1 3 2 4 77 9 1 60 0 21 0\n" + entry);
  EXPECT_EQ(text(30), text(14));
}

} // namespace
} // namespace ros::sync
