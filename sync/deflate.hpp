// Compression of message bodies: one zlib stream per body (sync-protocol.md 2).
// Pure functions, owned by nobody.
#pragma once

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>

namespace ros::sync {

/// Bytes that a zlib stream of `compressed_size` bytes can inflate to at most.
[[nodiscard]] std::uint64_t max_inflated_size(std::uint64_t compressed_size) noexcept;

/// Inflates a stream that must yield exactly `size` bytes and end with the
/// input; nothing otherwise. Memory grows with what is really inflated, never
/// ahead of it by more than its own amount.
std::optional<std::string> inflate_exactly(std::string_view compressed, std::uint64_t size);

/// The parts, one behind the other, as one zlib stream (level 1); nothing if
/// that would not be smaller than `limit` bytes.
std::optional<std::string> deflate_parts(std::span<const std::string_view> parts,
                                         std::size_t limit);

} // namespace ros::sync
