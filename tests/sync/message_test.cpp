#include "sync/message.hpp"

#include "sync/deflate.hpp"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>
#include <vector>

namespace ros::sync {
namespace {

using namespace std::string_literals;

result<client_message> parse(std::string text, int version = newest_protocol_version) {
  return parse_client_message(bytes{std::move(text)}, version);
}

int code_of(std::string text, int version = newest_protocol_version) {
  auto r = parse(std::move(text), version);
  return r ? 0 : r.error().protocol_code;
}

template <class Message>
Message parsed(std::string text, int version = newest_protocol_version) {
  auto r = parse(text, version);
  EXPECT_TRUE(r) << text;
  const auto* m = r ? std::get_if<Message>(&*r) : nullptr;
  EXPECT_NE(m, nullptr) << text;
  return m ? *m : Message{};
}

std::string deflated(std::string_view text) {
  const std::array<std::string_view, 1> parts{text};
  return deflate_parts(parts, text.size() + 1000).value();
}

std::string compressed_upload(const std::string& body, std::uint64_t announced) {
  return "upload 1 1 " + std::to_string(announced) + " " + std::to_string(body.size()) +
         " 8 2 2\n" + body;
}

TEST(client_messages, bind_carries_path_and_token) {
  const auto m = parsed<bind_message>("bind 1 5 3 1 0\n/dogsabc");
  EXPECT_EQ(m.session, 1u);
  EXPECT_EQ(m.path, "/dogs");
  EXPECT_EQ(m.token, "abc");
  EXPECT_TRUE(m.need_ident);
  EXPECT_FALSE(m.is_subserver);
}

TEST(client_messages, ident_carries_all_cursors) {
  const auto m = parsed<ident_message>("ident 2 3 3559768052329125524 5 8 6 7771956828593354367\n");
  EXPECT_EQ(m.session, 2u);
  EXPECT_EQ(m.file, (salted_file_ident{3, 3559768052329125524}));
  EXPECT_EQ(m.download, (download_cursor{5, 8}));
  EXPECT_EQ(m.latest, (salted_version{6, 7771956828593354367}));
}

TEST(client_messages, upload_without_entries) {
  const auto m = parsed<upload_message>("upload 1 0 0 0 5 1 1\n");
  EXPECT_EQ(m.progress, (upload_cursor{5, 1}));
  EXPECT_EQ(m.locked_version, 1u);
  const auto entries = unpack(m, 100);
  ASSERT_TRUE(entries);
  EXPECT_TRUE(entries->empty());
}

TEST(client_messages, upload_entries_share_the_frame) {
  const bytes frame{"upload 1 0 39 0 6 1 1\n4 1 99 0 3 abc5 1 100 0 12 0123456789\n "s};
  auto m = parse_client_message(frame, 2);
  ASSERT_TRUE(m);
  const auto entries = unpack(std::get<upload_message>(*m), 100);
  ASSERT_TRUE(entries);
  ASSERT_EQ(entries->size(), 2u);
  EXPECT_EQ((*entries)[0].change.client_version, 4u);
  EXPECT_EQ((*entries)[0].change.base, 1u);
  EXPECT_EQ((*entries)[0].change.timestamp, 99u);
  EXPECT_EQ((*entries)[0].origin, 0u);
  EXPECT_EQ((*entries)[0].change.data.view(), "abc");
  EXPECT_EQ((*entries)[1].change.data.view(), "0123456789\n ");
  EXPECT_EQ((*entries)[1].change.data.owner(), frame.owner());
}

TEST(client_messages, other_messages) {
  EXPECT_EQ(parsed<mark_message>("mark 1 7\n").request, 7u);
  EXPECT_EQ(parsed<unbind_message>("unbind 9\n").session, 9u);
  EXPECT_EQ(parsed<ping_message>("ping 2113292 30\n").timestamp, 2113292u);
  EXPECT_EQ(parsed<refresh_message>("refresh 1 3\nabc").token, "abc");
  const auto e = parsed<client_error_message>("json_error 212 14 1\n{\"message\":\"\"}", 7);
  EXPECT_EQ(e.code, 212);
  EXPECT_EQ(e.session, 1u);
  EXPECT_EQ(parsed<client_version_request>("client_version_request 1 2 5\n").file.ident, 2u);
  EXPECT_EQ(parsed<state_request>("state_request 4 0 0 0 1 6 20 1 8\n").session, 4u);
}

TEST(client_messages, an_unknown_name_is_error_102) {
  for (const auto* text : {"pinga 1 1\n", "alloc 1\n", "transact 1 2\n", "test_command 1 1 2\n{}",
                           "query 1 1 2\n{}", "BIND 1 1 0 0 0\na", "download 1\n"})
    EXPECT_EQ(code_of(text), 102) << text;
  EXPECT_EQ(code_of("json_error 212 2 1\n{}", 6), 102);
}

TEST(client_messages, broken_syntax_is_error_103) {
  const std::vector<std::string> broken{
      "",
      "\n",
      " \n",
      "mark",
      "mark 1 1",
      "mark 1 1\r\n",
      "mark 1\n",
      "mark 1 1 1\n",
      "mark  1 1\n",
      "mark 1 1 \n",
      "mark 1 1\nx",
      "mark 1 a\n",
      "mark 1 1a\n",
      "mark -1 1\n",
      "mark +1 1\n",
      "mark 1 9223372036854775808\n",
      "mark 1 18446744073709551616\n",
      "mark 1 -9223372036854775809\n",
      "mark 1 99999999999999999999999999\n",
      "bind 1 0 0 1 0\n",
      "bind 1 1025 0 1 0\n" + std::string(1025, 'a'),
      "bind 1 5 16385 1 0\n" + std::string(5 + 16385, 'a'),
      "bind 1 5 3 1 0\n/dogsab",
      "bind 1 5 3 1 0\n/dogsabcd",
      "bind 1 9223372036854775807 9223372036854775807 1 0\n/dogs",
      "bind 1 5 0 1\n/dogs",
      "upload 1 0 5 0 5 1 1\nabcd",
      "upload 1 0 3 0 5 1 1\nabcd",
      "upload 1 0 4 4 5 1 1\nabcd",
      "upload 1 1 4294967296 9 5 1 1\nabcd",
      "refresh 1 4\nabc",
      "json_error 212 1 1\n{}",
      "json_error 9223372036854775807 2 1\n{}",
      "ident 1 2 3 0 0 0\n",
      "mark" + std::string(300, ' ') + "1 1\n",
  };
  for (const auto& text : broken)
    EXPECT_EQ(code_of(text), 103) << text.substr(0, 60);
}

TEST(client_messages, every_prefix_of_a_message_is_refused) {
  const auto whole = "bind 1 6 3 1 0\n/dogs1abc"s;
  for (std::size_t n = 0; n < whole.size(); ++n)
    EXPECT_EQ(code_of(whole.substr(0, n)), 103) << n;
}

TEST(client_messages, bad_entries_are_errors_111_and_112) {
  auto code = [](const std::string& body) {
    auto m = parse("upload 1 0 " + std::to_string(body.size()) + " 0 9 1 1\n" + body);
    auto r = unpack(std::get<upload_message>(*m), 1000);
    return r ? 0 : r.error().protocol_code;
  };
  EXPECT_EQ(code("2 0 1234 0 3 abc"), 0);
  EXPECT_EQ(code("2 0 1234 0 0 "), 0);
  EXPECT_EQ(code("2 0 1234 0 3"), 111);
  EXPECT_EQ(code("2 0 1234 0 "), 111);
  EXPECT_EQ(code("x"), 111);
  EXPECT_EQ(code(" 2 0 1234 0 3 abc"), 111);
  EXPECT_EQ(code("2 0 1234 0 3 abc2"), 111);
  EXPECT_EQ(code("2 0 -1 0 3 abc"), 111);
  EXPECT_EQ(code("2 0 1234 0 4 abc"), 112);
  EXPECT_EQ(code("2 0 1234 0 9223372036854775807 abc"), 112);
}

TEST(client_messages, compressed_bodies_of_every_size_are_inflated) {
  for (std::size_t size : {0u, 1u, 1000u, 70'000u, 3'000'000u}) {
    std::string changeset(size, 'x');
    for (std::size_t i = 0; i < size; i += 7)
      changeset[i] = static_cast<char>(i * i);
    const auto body = "2 0 5 0 " + std::to_string(size) + " " + changeset;
    auto m = parsed<upload_message>(compressed_upload(deflated(body), body.size()));
    const auto entries = unpack(m, 4'000'000);
    ASSERT_TRUE(entries) << size;
    ASSERT_EQ(entries->size(), 1u);
    EXPECT_EQ((*entries)[0].change.data.view(), changeset);
  }
}

TEST(client_messages, a_stream_that_does_not_inflate_to_its_size_is_error_110) {
  const auto body = "2 0 5 0 2000 " + std::string(2000, 'x');
  const auto good = deflated(body);
  auto code = [](const std::string& stream, std::uint64_t announced) {
    auto r = unpack(parsed<upload_message>(compressed_upload(stream, announced)), 100'000);
    return r ? 0 : r.error().protocol_code;
  };
  EXPECT_EQ(code(good, body.size()), 0);
  EXPECT_EQ(code(good, body.size() - 1), 110);
  EXPECT_EQ(code(good, body.size() + 1), 110);
  EXPECT_EQ(code(good, 0), 110);
  EXPECT_EQ(code(good.substr(0, good.size() - 1), body.size()), 110);
  EXPECT_EQ(code(good + "x", body.size()), 110);
  EXPECT_EQ(code("", 0), 110);
  for (std::size_t i = good.size() - 4; i < good.size(); ++i) { // the check sum
    auto bad = good;
    bad[i] = static_cast<char>(bad[i] ^ 0x10);
    EXPECT_EQ(code(bad, body.size()), 110) << i;
  }
}

TEST(client_messages, an_inflation_bomb_is_refused_before_it_is_inflated) {
  const auto stream = deflated(std::string(2000, 'x'));
  auto code = [](const std::string& s, std::uint64_t announced) {
    auto r = unpack(parsed<upload_message>(compressed_upload(s, announced)), 1000);
    return r ? 0 : r.error().protocol_code;
  };
  EXPECT_EQ(code(stream, std::uint64_t{4} << 30), 110); // more than deflate can pack
  EXPECT_EQ(code(stream, 2000), 104);                   // more than allowed
}

TEST(server_messages, have_the_form_of_the_protocol) {
  EXPECT_EQ(make_ident(1, {2, 329502797843319192}), "ident 1 2 329502797843319192\n");
  EXPECT_EQ(make_mark(1, 3), "mark 1 3\n");
  EXPECT_EQ(make_unbound(1), "unbound 1\n");
  EXPECT_EQ(make_pong(2113292), "pong 2113292\n");
  EXPECT_EQ(make_client_version(1, 7), "client_version 1 7\n");
  EXPECT_EQ(make_empty_state(1), "state 1 0 0 0 0 0 0\n");
  EXPECT_EQ(make_log_message(0, "info", "hi \"you\"", "ab"),
            "log_message 0 48\n{\"level\":\"info\",\"msg\":\"hi \\\"you\\\"\",\"co_id\":\"ab\"}");
}

TEST(server_messages, json_text_is_always_well_formed) {
  EXPECT_EQ(quote_json("a\"b\\c\n\x01"), "\"a\\\"b\\\\c\\u000a\\u0001\"");
  EXPECT_EQ(quote_json("h\xC3\xA9"), "\"h\xC3\xA9\"");
  EXPECT_EQ(quote_json("h\xE9"), "\"h?\"");
}

} // namespace
} // namespace ros::sync
