#include "websocket_frames.hpp"

#include <algorithm>
#include <cstring>

namespace ros::runtime {

namespace {

/// Appends `chunk` unmasked; `at` is its offset in the frame's payload.
void append_unmasked(std::string& to, std::string_view chunk,
                     const std::array<unsigned char, 4>& mask, std::uint64_t at) {
  const auto start = to.size();
  to.append(chunk);
  std::array<unsigned char, 8> wide{};
  for (std::size_t i = 0; i < wide.size(); ++i)
    wide[i] = mask[(at + i) % 4];
  std::uint64_t key = 0;
  std::memcpy(&key, wide.data(), sizeof key);
  auto* p = to.data() + start;
  auto n = chunk.size();
  for (; n >= sizeof key; n -= sizeof key, p += sizeof key) {
    std::uint64_t word = 0;
    std::memcpy(&word, p, sizeof word);
    word ^= key;
    std::memcpy(p, &word, sizeof word);
  }
  for (std::size_t i = 0; i < n; ++i)
    p[i] = static_cast<char>(static_cast<unsigned char>(p[i]) ^ wide[i]);
}

bool is_control(ws_opcode o) {
  return static_cast<unsigned>(o) >= 8;
}

bool is_known(unsigned opcode) {
  return opcode <= 2 || (opcode >= 8 && opcode <= 10);
}

bool may_be_received(unsigned code) {
  return (code >= 1000 && code <= 1003) || (code >= 1007 && code <= 1014) ||
         (code >= 3000 && code <= 4999);
}

} // namespace

ws_frame_head make_frame_head(ws_opcode opcode, std::uint64_t payload_size) noexcept {
  ws_frame_head h;
  auto put = [&h](std::uint64_t byte) {
    h.bytes[h.size++] = static_cast<char>(static_cast<unsigned char>(byte));
  };
  put(0x80u | static_cast<unsigned>(opcode));
  if (payload_size < 126) {
    put(payload_size);
  } else if (payload_size < 65536) {
    put(126);
    put(payload_size >> 8);
    put(payload_size);
  } else {
    put(127);
    for (int shift = 56; shift >= 0; shift -= 8)
      put(payload_size >> shift);
  }
  return h;
}

std::string make_close_payload(std::uint16_t code, std::string_view reason) {
  std::string out;
  if (code == 0)
    return out;
  out.push_back(static_cast<char>(code >> 8));
  out.push_back(static_cast<char>(code & 0xff));
  auto n = std::min<std::size_t>(reason.size(), 123);
  // Do not cut a UTF-8 sequence in half: peers fail on invalid text.
  while (n < reason.size() && n > 0 && (static_cast<unsigned char>(reason[n]) & 0xc0) == 0x80)
    --n;
  out.append(reason.substr(0, n));
  return out;
}

bool ws_reader::head_complete() const noexcept {
  if (head_size_ < 2)
    return false;
  const unsigned length = head_[1] & 0x7f;
  const unsigned extra = length == 126 ? 2 : length == 127 ? 8 : 0;
  return head_size_ == 2 + extra + 4;
}

ws_reader::event ws_reader::fail(std::uint16_t code) {
  close_code_ = code;
  std::string().swap(message_);
  return event::failed;
}

/// Judges a complete frame head; false with close_code_ set if it is not acceptable.
bool ws_reader::begin_frame() {
  close_code_ = 1002;
  std::uint64_t length = head_[1] & 0x7f;
  std::size_t at = 2;
  if (length >= 126) {
    const std::size_t width = length == 126 ? 2 : 8;
    length = 0;
    for (std::size_t i = 0; i < width; ++i)
      length = length << 8 | head_[at++];
    if (length < (width == 2 ? 126u : 65536u) || length >> 63 != 0)
      return false; // not the shortest form, or beyond what the RFC allows
  }
  std::copy_n(head_.begin() + static_cast<std::ptrdiff_t>(at), 4, mask_.begin());
  final_ = (head_[0] & 0x80) != 0;
  opcode_ = static_cast<ws_opcode>(head_[0] & 0x0f);
  if (is_control(opcode_)) {
    if (!final_ || length > 125)
      return false;
    control_.clear();
  } else {
    if ((opcode_ == ws_opcode::continuation) != in_message_)
      return false;
    if (!in_message_) {
      in_message_ = true;
      message_opcode_ = opcode_;
      message_size_ = 0;
    }
    const auto most = keeps_text_ && message_opcode_ == ws_opcode::text ? max_text_ : max_message_;
    if (length > most || message_size_ + length > most) {
      close_code_ = 1009;
      return false;
    }
    message_size_ += length;
  }
  close_code_ = 0;
  remaining_ = length;
  taken_ = 0;
  head_size_ = 0;
  in_payload_ = true;
  return true;
}

void ws_reader::take_payload(std::string_view chunk) {
  if (is_control(opcode_)) {
    append_unmasked(control_, chunk, mask_, taken_);
  } else if (message_opcode_ == ws_opcode::binary || keeps_text_) {
    // A message that is half here may have the rest of its memory.
    if (final_ && message_.capacity() < message_size_ &&
        (message_size_ <= 64 * 1024 || message_.size() + chunk.size() >= message_size_ / 2))
      message_.reserve(message_size_);
    append_unmasked(message_, chunk, mask_, taken_);
  }
  taken_ += chunk.size();
  remaining_ -= chunk.size();
}

ws_reader::event ws_reader::end_control() {
  if (opcode_ == ws_opcode::ping)
    return event::ping;
  if (opcode_ == ws_opcode::pong)
    return event::pong;
  if (control_.empty()) {
    close_code_ = 0;
    return event::close;
  }
  if (control_.size() < 2)
    return fail(1002);
  const auto code = static_cast<std::uint16_t>(static_cast<unsigned char>(control_[0]) << 8 |
                                               static_cast<unsigned char>(control_[1]));
  if (!may_be_received(code))
    return fail(1002);
  close_code_ = code;
  return event::close;
}

ws_reader::event ws_reader::end_frame() {
  in_payload_ = false;
  if (is_control(opcode_))
    return end_control();
  if (!final_)
    return event::need_more;
  in_message_ = false;
  return message_opcode_ == ws_opcode::binary ? event::binary : event::text;
}

ws_reader::event ws_reader::next(std::string_view& input) {
  for (;;) {
    if (!in_payload_) {
      while (!head_complete()) {
        if (input.empty())
          return event::need_more;
        head_[head_size_++] = static_cast<unsigned char>(input.front());
        input.remove_prefix(1);
        if (head_size_ == 1 && ((head_[0] & 0x70) != 0 || !is_known(head_[0] & 0x0f)))
          return fail(1002);
        if (head_size_ == 2 && (head_[1] & 0x80) == 0)
          return fail(1002);
      }
      if (!begin_frame())
        return fail(close_code_);
    }
    const auto n = static_cast<std::size_t>(std::min<std::uint64_t>(remaining_, input.size()));
    take_payload(input.substr(0, n));
    input.remove_prefix(n);
    if (remaining_ > 0)
      return event::need_more;
    if (const auto e = end_frame(); e != event::need_more)
      return e;
  }
}

std::string ws_reader::take_message() {
  std::string out;
  out.swap(message_);
  return out;
}

} // namespace ros::runtime
