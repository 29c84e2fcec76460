// RFC 6455 framing, server side, as a pure codec: bytes in, messages out. No
// sockets here. Own code because the connection decides about pongs, overtakes
// and coalesces frames and keeps no buffers while idle, none of which a Beast
// stream allows. Owned by the connection (net_websocket.cpp).
#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <string>
#include <string_view>

namespace ros::runtime {

enum class ws_opcode : std::uint8_t {
  continuation = 0,
  text = 1,
  binary = 2,
  close = 8,
  ping = 9,
  pong = 10,
};

/// Head of an unmasked, final frame.
struct ws_frame_head {
  std::array<char, 10> bytes{};
  std::uint8_t size = 0;
  [[nodiscard]] std::string_view view() const noexcept { return {bytes.data(), size}; }
};
ws_frame_head make_frame_head(ws_opcode opcode, std::uint64_t payload_size) noexcept;

/// Payload of a close frame; code 0 gives an empty one, reasons are cut to fit 125 bytes.
std::string make_close_payload(std::uint16_t code, std::string_view reason);

/// Takes masked frames apart and puts messages together. Memory grows with the
/// bytes that arrived, never with the length a frame announces.
class ws_reader {
public:
  enum class event : std::uint8_t {
    need_more, ///< input is used up
    binary,    ///< a whole binary message: take_message()
    text,      ///< a whole text message: take_message(), empty unless keep_text()
    ping,      ///< control_payload()
    pong,      ///< control_payload()
    close,     ///< close_code(); nothing may be read afterwards
    failed,    ///< close_code() says how to close; nothing may be read afterwards
  };

  explicit ws_reader(std::size_t max_message) : max_message_(max_message) {}

  /// From now on text messages of up to `most` bytes are kept; longer ones fail.
  void keep_text(std::size_t most) {
    keeps_text_ = true;
    max_text_ = most;
  }

  /// Consumes from the front of `input` up to the next event.
  event next(std::string_view& input);

  [[nodiscard]] std::string take_message();
  /// Bytes of a message that has begun.
  [[nodiscard]] std::size_t held() const noexcept { return message_.size(); }
  [[nodiscard]] std::string_view control_payload() const noexcept { return control_; }
  /// Of a close frame: its code, 0 if it has none. Of a failure: 1002 or 1009.
  [[nodiscard]] std::uint16_t close_code() const noexcept { return close_code_; }

private:
  [[nodiscard]] bool head_complete() const noexcept;
  [[nodiscard]] bool begin_frame();
  event end_frame();
  event end_control();
  void take_payload(std::string_view chunk);
  event fail(std::uint16_t code);

  std::size_t max_message_;
  std::size_t max_text_ = 0;
  bool keeps_text_ = false;
  std::string message_;
  std::string control_;
  std::uint64_t message_size_ = 0; ///< of all fragments so far, kept or not
  std::uint64_t remaining_ = 0;    ///< payload bytes of this frame still to come
  std::uint64_t taken_ = 0;        ///< payload bytes of this frame seen
  std::array<unsigned char, 14> head_{};
  std::array<unsigned char, 4> mask_{};
  std::uint8_t head_size_ = 0;
  std::uint16_t close_code_ = 0;
  bool in_payload_ = false;
  bool final_ = false;
  ws_opcode opcode_ = ws_opcode::binary;
  bool in_message_ = false; ///< between a first fragment and its last
  ws_opcode message_opcode_ = ws_opcode::binary;
};

} // namespace ros::runtime
