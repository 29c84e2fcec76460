// Checklist F of sync-protocol.md 10. F5 is checked by the client (support/server_message)
// for every message of every test.
#include "conformance_fixture.hpp"

#include <array>

namespace ros::test {
namespace {

/// One good message of each kind that a client may send, its body aside.
constexpr std::array good_heads{
    "bind 1 6 0 1 0\n",
    "ident 1 2 3 0 0 0 0\n",
    "upload 1 0 0 0 2 0 0\n",
    "mark 1 1\n",
    "unbind 1\n",
    "ping 1 0\n",
    "refresh 1 0\n",
    "json_error 212 2 1\n",
};

/// The head with its nth field replaced.
std::string with_field(std::string head, std::size_t n, const std::string& value) {
  auto at = head.find(' ');
  for (std::size_t i = 0; i < n; ++i)
    at = head.find(' ', at + 1);
  const auto end = head.find_first_of(" \n", at + 1);
  return head.replace(at + 1, end - at - 1, value);
}

std::size_t fields_of(std::string_view head) {
  return static_cast<std::size_t>(std::count(head.begin(), head.end(), ' '));
}

TEST_F(ConformanceTest, F1_unknown_messages_are_error_102_and_the_end) {
  for (const auto* message : {"nonsense 1 2\n", "x\n", "test_command 1 1 2\n{}", "alloc 1\n",
                              "download 1 0 0 0 0 0 0 0 0 0 0\n", "ident\xff 1\n"})
    EXPECT_EQ(connection_error_after({message}), 102) << message;
  // The stream ends when the client closes, at once rather than after the time-out.
  auto client = connect();
  client.send("nonsense\n");
  EXPECT_EQ(client.expect("json_error").session, 0u);
  client.socket().shutdown_send();
  EXPECT_TRUE(client.socket().wait_for_end());
}

TEST_F(ConformanceTest, F2_broken_syntax_is_error_103) {
  EXPECT_EQ(connection_error_after({""}), 103);
  EXPECT_EQ(connection_error_after({"\n"}), 103);
  EXPECT_EQ(connection_error_after({" ping 1 0\n"}), 103);
  EXPECT_EQ(connection_error_after({"ping 1 0"}), 103);
  for (const std::string good : good_heads) {
    const auto name = good.substr(0, good.find(' '));
    const auto inner = good.substr(0, good.size() - 1);
    const auto last_space = good.rfind(' ');
    EXPECT_EQ(connection_error_after({good.substr(0, last_space) + '\n'}), 103) << name;
    EXPECT_EQ(connection_error_after({inner + " 1\n"}), 103) << name;
    EXPECT_EQ(connection_error_after({inner + " \n"}), 103) << name;
    EXPECT_EQ(connection_error_after({inner + "\r\n"}), 103) << name;
    auto spaced = good;
    spaced.insert(last_space, 1, ' ');
    EXPECT_EQ(connection_error_after({spaced}), 103) << name;
    if (fields_of(good) > 1) {
      auto tabbed = good;
      tabbed[last_space] = '\t';
      EXPECT_EQ(connection_error_after({tabbed}), 103) << name;
    }
    for (std::size_t i = 0; i < fields_of(good); ++i)
      for (const auto* bad : {"x", "1x", "0x1", "1.0", ""})
        EXPECT_EQ(connection_error_after({with_field(good, i, bad)}), 103)
            << name << " field " << i << ' ' << bad;
  }
}

TEST_F(ConformanceTest, F3_numbers_out_of_range_are_error_103) {
  for (const std::string good : good_heads)
    for (std::size_t i = 0; i < fields_of(good); ++i)
      for (const auto* bad : {"18446744073709551616", "18446744073709551617", "-1",
                              "99999999999999999999999999999999", "9223372036854775808"})
        EXPECT_EQ(connection_error_after({with_field(good, i, bad)}), 103)
            << good << " field " << i << ' ' << bad;
}

TEST_F(ConformanceTest, F4_impossible_sizes_are_error_103_and_cost_nothing) {
  const auto before = server().memory();
  const auto head = [](const std::string& start, std::size_t length) {
    return start + std::string(length - start.size() - 1, '1') + '\n';
  };
  for (const auto& bad :
       {head("ping ", 300), std::string(100'000, 'x'), std::string{"bind 1 0 0 1 0\n"},
        "bind 1 1025 0 1 0\n" + std::string(1025, 'x'), std::string{"bind 1 99 0 1 0\n/dogs"},
        std::string{"bind 1 4 9223372036854775807 1 0\n/dog"},
        std::string{"bind 1 9223372036854775807 4 1 0\n/dog"},
        std::string{"upload 1 0 9223372036854775807 0 2 0 0\nx"},
        std::string{"upload 1 1 5000 9223372036854775807 2 0 0\nx"},
        std::string{"upload 1 0 3 0 2 0 0\nlonger than announced"},
        std::string{"refresh 1 4294967296\nx"}, std::string{"json_error 212 4294967296 1\n{}"}})
    EXPECT_EQ(connection_error_after({bad}), 103) << bad.substr(0, 60);
  EXPECT_LT(server().memory(), before + (64u << 20));
}

TEST_F(ConformanceTest, F5_everything_the_server_says_is_read_by_the_strict_parser) {
  // That the parser finds faults at all; what it finds in other tests fails these.
  const auto text = [](const server_message& m) { return m.raw; };
  EXPECT_EQ(text(read_server_message("pong 1\n", 14)), "pong 1\n");
  for (const auto* bad :
       {"pong 1", "pong 1\nx", "pong  1\n", "pong 01\n", "pong -1\n", "pong 1 1\n", "pong\n",
        "pong 1\r\n", "hello 1\n", "mark 0 1\n", "ident 1 1 5\n", "ident 1 2 0\n", "unbound 0\n",
        "download 1 0 0 0 0 0 0 0 0 0\n", "download 1 1 0 0 0 0 0 0 0 0 0\n",
        "download 1 0 0 0 0 0 0 0 0 0 0\nx", "error 208 1 0 1\nx", "json_error 208 2 1\n{}",
        "log_message 0 2\n{}x"})
    EXPECT_THROW(read_server_message(bad, 14), std::exception) << bad;
  EXPECT_THROW(read_server_message("log_message 0 2\n{}", 9), std::exception);
  const auto error = [](int code, int session) {
    const std::string body =
        R"({"isRecoveryModeDisabled":false,"tryAgain":false,"message":"","logURL":"",)"
        R"("shouldClientReset":false,"action":"ApplicationBug"})";
    return "json_error " + std::to_string(code) + ' ' + std::to_string(body.size()) + ' ' +
           std::to_string(session) + '\n' + body;
  };
  EXPECT_EQ(read_server_message(error(206, 1), 14).error_code, 206);
  for (int code : {104, 202, 203, 205, 207, 214, 215, 218, 219, 220, 221, 224}) // E3
    EXPECT_THROW(read_server_message(error(code, code < 200 ? 0 : 1), 14), std::exception);
  EXPECT_THROW(read_server_message(error(206, 0), 14), std::exception); // E4
  EXPECT_THROW(read_server_message(error(103, 1), 14), std::exception);
}

TEST_F(ConformanceTest, F6_uploads_of_every_compression_level_are_accepted) {
  auto d = start_device();
  for (int level : {1, 6, 9}) {
    const std::string name(3000, static_cast<char>('a' + level));
    d->session.write(new_dog(level, name));
    d->client.send(compressed_upload_message(1, d->copy.version, d->copy.server_version,
                                             d->copy.server_version, d->copy.unacknowledged,
                                             level));
    d->session.wait_for_upload();
  }
  // Small bodies may come compressed as well (2).
  d->session.write(rename_dog(1, "x"));
  d->client.send(compressed_upload_message(1, d->copy.version, d->copy.server_version,
                                           d->copy.server_version, d->copy.unacknowledged, 1));
  d->session.wait_for_upload();
  auto other = start_device();
  EXPECT_EQ(other->copy.received.size(), 4u);
}

/// The first download of a new client.
server_message first_download(protocol_client& client, const std::string& path) {
  client.send(bind_message(1, path, true));
  const auto given = client.expect("ident");
  client_copy copy;
  copy.ident = given.file_ident;
  copy.salt = given.file_salt;
  client.send(ident_message(1, copy));
  return client.expect("download");
}

TEST_F(ConformanceTest, F6_downloads_above_1024_bytes_are_compressed_if_that_is_shorter) {
  auto d = start_device();
  d->session.write(new_dog(1, std::string(700, 'x')));
  d->session.upload();
  d->session.wait_for_upload();
  auto client = connect();
  EXPECT_FALSE(first_download(client, realm()).is_compressed);
  d->session.write(rename_dog(1, std::string(5000, 'x')));
  d->session.upload();
  d->session.wait_for_upload();
  auto second = connect();
  const auto m = first_download(second, realm()); // the parser inflates it
  EXPECT_TRUE(m.is_compressed);
  EXPECT_GT(m.plain_size, 5000u);
}

TEST_F(ConformanceTest, F7_bodies_that_do_not_inflate_are_error_110) {
  const auto good =
      compressed_upload_message(1, 3, 0, 0, {{3, 0, 1, new_dog(1, std::string(2000, 'x'))}}, 6);
  const auto body_at = good.find('\n') + 1;
  auto declared = [&](std::ptrdiff_t more) {
    const auto plain = std::stoul(good.substr(11));
    return with_field(good, 2, std::to_string(static_cast<std::ptrdiff_t>(plain) + more));
  };
  auto cut = good.substr(0, good.size() - 3);
  cut = with_field(cut, 3, std::to_string(cut.size() - body_at));
  auto longer = good + "abc";
  longer = with_field(longer, 3, std::to_string(longer.size() - body_at));
  auto flipped = good;
  flipped[body_at + 10] = static_cast<char>(flipped[body_at + 10] ^ 0x55);
  for (const auto& bad :
       {std::string{"upload 1 1 100 4 3 0 0\nabcd"}, std::string{"upload 1 1 100 0 3 0 0\n"},
        declared(1), declared(-1), cut, longer, flipped}) {
    auto d = start_device();
    d->client.send(bad);
    const auto m = d->client.expect("json_error");
    EXPECT_EQ(m.error_code, 110) << bad.substr(0, 40);
    EXPECT_EQ(m.session, 0u);
    EXPECT_TRUE(d->client.read_to_end().empty());
  }
  auto d = start_device();
  EXPECT_EQ(d->copy.latest, 0u); // nothing was applied
}

TEST_F(ConformanceTest, F8_inflation_bombs_are_refused_before_allocation) {
  const auto before = server().memory();
  for (const auto* size : {"4294967296", "4294967295", "9223372036854775807"}) {
    auto d = start_device();
    // 4 KiB of zlib that would inflate to 4 MiB and more.
    auto bomb = compressed_upload_message(1, 3, 0, 0, {{3, 0, 1, std::string(4 << 20, 'x')}}, 9);
    d->client.send(with_field(bomb, 2, size));
    const auto m = d->client.expect("json_error");
    EXPECT_EQ(m.error_code, 110) << size;
    EXPECT_EQ(m.session, 0u);
  }
  EXPECT_LT(server().memory(), before + (64u << 20));
}

} // namespace
} // namespace ros::test
