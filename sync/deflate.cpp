#include "deflate.hpp"

#include <zlib.h>

#include <algorithm>
#include <limits>

namespace ros::sync {

namespace {

constexpr std::size_t first_block = 64 * 1024;

Bytef* writable(const char* p) {
  // zlib's interface is older than const; it only reads what next_in points at.
  return reinterpret_cast<Bytef*>(const_cast<char*>(p));
}

/// How much of the input zlib gets at once: its counters have 32 bits.
uInt chunk(std::size_t n) {
  return static_cast<uInt>(std::min<std::size_t>(n, std::numeric_limits<uInt>::max()));
}

/// zlib's state takes a quarter of a MiB: a thread makes it once, not for each message.
class inflater {
public:
  inflater() { ok_ = inflateInit(&z_) == Z_OK; }
  ~inflater() { inflateEnd(&z_); }
  inflater(const inflater&) = delete;
  inflater& operator=(const inflater&) = delete;
  /// As new; null if there is no memory for it.
  static z_stream* of_this_thread() {
    thread_local inflater x;
    return x.ok_ && inflateReset(&x.z_) == Z_OK ? &x.z_ : nullptr;
  }

private:
  z_stream z_{};
  bool ok_ = false;
};

class deflater {
public:
  deflater() { ok_ = deflateInit(&z_, Z_BEST_SPEED) == Z_OK; }
  ~deflater() { deflateEnd(&z_); }
  deflater(const deflater&) = delete;
  deflater& operator=(const deflater&) = delete;
  /// As new; null if there is no memory for it.
  static z_stream* of_this_thread() {
    thread_local deflater x;
    return x.ok_ && deflateReset(&x.z_) == Z_OK ? &x.z_ : nullptr;
  }

private:
  z_stream z_{};
  bool ok_ = false;
};

} // namespace

std::uint64_t max_inflated_size(std::uint64_t compressed_size) noexcept {
  constexpr std::uint64_t best_ratio = 1032; // a bound of the deflate format
  constexpr auto most = std::numeric_limits<std::uint64_t>::max();
  return compressed_size > most / best_ratio ? most : compressed_size * best_ratio;
}

std::optional<std::string> inflate_exactly(std::string_view compressed, std::uint64_t size) {
  auto* const stream = inflater::of_this_thread();
  if (stream == nullptr || size > max_inflated_size(compressed.size()))
    return std::nullopt;
  auto& z = *stream;
  std::string out;
  std::size_t done = 0;
  for (;;) {
    // One byte more than announced, so that a stream that is too long shows.
    if (done == out.size()) {
      const auto next = std::max(first_block, out.size() * 2);
      out.resize(std::min<std::size_t>(next, size + 1));
      if (done == out.size())
        return std::nullopt;
    }
    z.next_in = writable(compressed.data());
    z.avail_in = chunk(compressed.size());
    z.next_out = writable(out.data() + done);
    z.avail_out = chunk(out.size() - done);
    const auto in_before = z.avail_in;
    const auto out_before = z.avail_out;
    const auto code = inflate(&z, Z_NO_FLUSH);
    compressed.remove_prefix(in_before - z.avail_in);
    done += out_before - z.avail_out;
    if (code == Z_STREAM_END)
      break;
    if (code != Z_OK || (in_before == z.avail_in && out_before == z.avail_out))
      return std::nullopt;
  }
  if (done != size || !compressed.empty())
    return std::nullopt;
  out.resize(done);
  return out;
}

std::optional<std::string> deflate_parts(std::span<const std::string_view> parts,
                                         std::size_t limit) {
  auto* const stream = deflater::of_this_thread();
  if (stream == nullptr || limit == 0)
    return std::nullopt;
  auto& z = *stream;
  std::string out;
  std::size_t done = 0;
  // Feeds one piece; false once the result is as long as the limit allows.
  auto feed = [&](std::string_view piece, int flush) {
    z.next_in = writable(piece.data());
    z.avail_in = static_cast<uInt>(piece.size());
    for (;;) {
      if (done == out.size()) {
        const auto next = std::min<std::size_t>(std::max(first_block, out.size() * 2), limit);
        if (next == out.size())
          return false;
        out.resize(next);
      }
      z.next_out = writable(out.data() + done);
      z.avail_out = chunk(out.size() - done);
      const auto before = z.avail_out;
      const auto code = deflate(&z, flush);
      done += before - z.avail_out;
      if (code == Z_STREAM_END || (flush == Z_NO_FLUSH && z.avail_in == 0))
        return true;
      if (code != Z_OK && code != Z_BUF_ERROR)
        return false;
    }
  };
  for (auto part : parts)
    while (!part.empty()) {
      const auto n = chunk(part.size());
      if (!feed(part.substr(0, n), Z_NO_FLUSH))
        return std::nullopt;
      part.remove_prefix(n);
    }
  if (!feed({}, Z_FINISH) || done >= limit)
    return std::nullopt;
  out.resize(done);
  out.shrink_to_fit(); // it may wait long for a slow reader
  return out;
}

} // namespace ros::sync
