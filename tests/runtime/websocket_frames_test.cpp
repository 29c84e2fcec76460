#include "runtime/websocket_frames.hpp"

#include "support/raw_socket.hpp"

#include <gtest/gtest.h>

#include <random>
#include <vector>

namespace ros::runtime {
namespace {

using namespace std::string_literals;
using test::client_frame;
using event = ws_reader::event;

/// What came out of a stream, one entry per event.
struct seen {
  event what;
  std::string payload;
  std::uint16_t code = 0;
  bool operator==(const seen&) const = default;
};

std::ostream& operator<<(std::ostream& out, const seen& s) {
  return out << "event " << static_cast<int>(s.what) << " code " << s.code << " payload of "
             << s.payload.size() << " bytes";
}

/// Feeds the stream in pieces whose sizes `next_size` chooses.
template <class F>
std::vector<seen> read_in_pieces(std::string_view stream, F next_size,
                                 std::size_t max_message = 1 << 20) {
  std::vector<seen> out;
  ws_reader reader(max_message);
  while (!stream.empty()) {
    auto piece = stream.substr(0, next_size());
    stream.remove_prefix(piece.size());
    for (;;) {
      const auto e = reader.next(piece);
      if (e == event::need_more)
        break;
      seen s{e, {}, 0};
      if (e == event::binary)
        s.payload = reader.take_message();
      else if (e == event::ping || e == event::pong)
        s.payload = reader.control_payload();
      else if (e == event::close || e == event::failed)
        s.code = reader.close_code();
      out.push_back(s);
      if (e == event::close || e == event::failed)
        return out;
    }
  }
  return out;
}

std::vector<seen> read(std::string_view stream, std::size_t max_message = 1 << 20) {
  const auto whole = read_in_pieces(
      stream, [&] { return stream.size(); }, max_message);
  EXPECT_EQ(read_in_pieces(
                stream, [] { return 1; }, max_message),
            whole)
      << "byte by byte";
  return whole;
}

const seen protocol_error{event::failed, {}, 1002};
const seen too_big{event::failed, {}, 1009};

TEST(websocket_frames, the_vectors_of_rfc_6455_are_read) {
  EXPECT_EQ(read("\x89\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s),
            (std::vector<seen>{{event::ping, "Hello"}}));
  EXPECT_EQ(read("\x82\x85\x37\xfa\x21\x3d\x7f\x9f\x4d\x51\x58"s),
            (std::vector<seen>{{event::binary, "Hello"}}));
}

TEST(websocket_frames, every_payload_length_class_is_read_and_written) {
  for (const std::size_t n : {0u, 1u, 125u, 126u, 127u, 65535u, 65536u, 70001u}) {
    std::string payload(n, 'x');
    for (std::size_t i = 0; i < n; ++i)
      payload[i] = static_cast<char>(i * 31);
    EXPECT_EQ(read(client_frame(2, payload)), (std::vector<seen>{{event::binary, payload}})) << n;
    const auto head = make_frame_head(ws_opcode::binary, n);
    EXPECT_EQ(head.size, n < 126 ? 2 : n < 65536 ? 4 : 10);
    EXPECT_EQ(head.view(), client_frame(2, payload, {.masked = false}).substr(0, head.size));
  }
}

TEST(websocket_frames, fragments_are_joined_around_control_frames) {
  const auto stream = client_frame(2, "one ", {.fin = false}) + client_frame(9, "abc") +
                      client_frame(0, "", {.fin = false}) + client_frame(10, "") +
                      client_frame(0, "two") + client_frame(2, "next");
  EXPECT_EQ(read(stream), (std::vector<seen>{{event::ping, "abc"},
                                             {event::pong, ""},
                                             {event::binary, "one two"},
                                             {event::binary, "next"}}));
}

TEST(websocket_frames, text_is_reported_without_its_bytes) {
  const auto stream = client_frame(1, "te", {.fin = false}) + client_frame(0, "xt") +
                      client_frame(1, std::string(100'000, 't')) + client_frame(2, "b");
  EXPECT_EQ(read(stream),
            (std::vector<seen>{{event::text, ""}, {event::text, ""}, {event::binary, "b"}}));
}

TEST(websocket_frames, what_a_client_must_not_send_is_a_protocol_error) {
  const std::vector<std::pair<const char*, std::string>> bad{
      {"unmasked", client_frame(2, "x", {.masked = false})},
      {"first reserved bit", client_frame(2, "x", {.rsv = 4})},
      {"second reserved bit", client_frame(2, "x", {.rsv = 2})},
      {"third reserved bit", client_frame(2, "x", {.rsv = 1})},
      {"reserved data opcode", client_frame(3, "x")},
      {"reserved control opcode", client_frame(11, "x")},
      {"ping of 126 bytes", client_frame(9, std::string(126, 'x'))},
      {"close of 126 bytes", client_frame(8, std::string(126, 'x'))},
      {"fragmented ping", client_frame(9, "x", {.fin = false})},
      {"continuation of nothing", client_frame(0, "x")},
      {"new message inside another", client_frame(2, "x", {.fin = false}) + client_frame(2, "y")},
      {"length not in its shortest form", "\x82\xfe\x00\x05"s + "mask" + "hello"},
      {"long length not in its shortest form", "\x82\xff\0\0\0\0\0\0\xff\xff"s + "mask"},
      {"length with its highest bit", "\x82\xff\x80\0\0\0\0\0\0\0"s + "mask"},
      {"close of one byte", client_frame(8, "x")},
      {"close with code 1005", client_frame(8, "\x03\xed")},
      {"close with code 0", client_frame(8, "\0\0"s)},
      {"close with code 5000", client_frame(8, "\x13\x88")},
  };
  for (const auto& [what, stream] : bad) {
    const auto out = read(stream);
    ASSERT_FALSE(out.empty()) << what;
    EXPECT_EQ(out.back(), protocol_error) << what;
  }
}

TEST(websocket_frames, a_close_frame_gives_its_code) {
  EXPECT_EQ(read(client_frame(8, "\x03\xe8 bye") + client_frame(2, "late")),
            (std::vector<seen>{{event::close, "", 1000}}));
  EXPECT_EQ(read(client_frame(8, "\x0f\xa1")), (std::vector<seen>{{event::close, "", 4001}}));
  EXPECT_EQ(read(client_frame(8, "")), (std::vector<seen>{{event::close, "", 0}}));
}

TEST(websocket_frames, a_message_beyond_the_limit_fails_before_it_arrives) {
  EXPECT_EQ(read(client_frame(2, std::string(1000, 'x')), 1000).at(0).what, event::binary);
  EXPECT_EQ(read(client_frame(2, std::string(1001, 'x')).substr(0, 8), 1000).at(0), too_big);
  EXPECT_EQ(read("\x82\xff\x7f\xff\xff\xff\xff\xff\xff\xff"s + "mask", 1000).at(0), too_big);
  std::string fragments;
  for (int i = 0; i < 11; ++i)
    fragments += client_frame(i == 0 ? 2 : 0, std::string(100, 'x'), {.fin = false});
  EXPECT_EQ(read(fragments, 1000), (std::vector<seen>{too_big}));
  EXPECT_EQ(read(client_frame(1, std::string(1001, 'x')), 1000).at(0), too_big) << "text as well";
}

TEST(websocket_frames, random_streams_read_the_same_however_they_are_cut) {
  std::mt19937 random(7);
  for (int round = 0; round < 200; ++round) {
    std::string stream;
    std::vector<seen> expected;
    for (int m = 0; m < 8; ++m) {
      const std::string payload(random() % 3 == 0 ? random() % 70'000 : random() % 130,
                                static_cast<char>(random()));
      const auto at = payload.empty() ? 0 : random() % payload.size();
      stream += client_frame(2, payload.substr(0, at), {.fin = false});
      if (random() % 2 == 0) {
        stream += client_frame(9, payload.substr(0, 9));
        expected.push_back({event::ping, payload.substr(0, 9), 0});
      }
      stream += client_frame(0, payload.substr(at));
      expected.push_back({event::binary, payload, 0});
    }
    const unsigned widest = round % 2 == 0 ? 7 : 40'000;
    ASSERT_EQ(read_in_pieces(stream, [&] { return 1 + random() % widest; }), expected)
        << "round " << round;
  }
}

TEST(websocket_frames, random_bytes_never_break_the_reader) {
  std::mt19937 random(11);
  for (int round = 0; round < 2000; ++round) {
    std::string stream(1 + random() % 300, '\0');
    for (auto& c : stream)
      c = static_cast<char>(random());
    // Let some get past the first checks.
    if (round % 2 == 0)
      stream[0] = static_cast<char>(0x80 | std::array{0, 1, 2, 8, 9, 10}[random() % 6]);
    if (stream.size() > 1 && round % 4 < 2)
      stream[1] = static_cast<char>(static_cast<unsigned char>(stream[1]) | 0x80);
    for (const auto& s : read_in_pieces(
             stream, [&] { return 1 + random() % 20; }, 200))
      EXPECT_LE(s.payload.size(), 200u);
  }
}

TEST(websocket_frames, a_close_payload_fits_and_stays_utf_8) {
  EXPECT_EQ(make_close_payload(0, "ignored"), "");
  EXPECT_EQ(make_close_payload(1009, ""), "\x03\xf1");
  EXPECT_EQ(make_close_payload(4001, "expired"), "\x0f\xa1"
                                                 "expired");
  const auto cut = make_close_payload(1000, std::string(122, 'x') + "\xc3\xa9");
  EXPECT_EQ(cut, "\x03\xe8" + std::string(122, 'x'));
  EXPECT_EQ(make_close_payload(1000, std::string(500, 'x')).size(), 125u);
}

} // namespace
} // namespace ros::runtime
