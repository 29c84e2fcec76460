// A reference-counted, immutable run of bytes: changesets, message bodies and
// frames travel as these, so that nothing is copied between socket and log.
#pragma once

#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <utility>

namespace ros::sync {

/// Immutable bytes, shared by whoever holds a copy. A slice keeps the whole
/// underlying block alive.
class bytes {
public:
  bytes() = default;
  explicit bytes(std::string text)
      : owner_(std::make_shared<const std::string>(std::move(text))), view_(*owner_) {}
  bytes(std::shared_ptr<const std::string> owner, std::string_view view)
      : owner_(std::move(owner)), view_(view) {}

  [[nodiscard]] std::string_view view() const noexcept { return view_; }
  [[nodiscard]] std::size_t size() const noexcept { return view_.size(); }
  [[nodiscard]] bool empty() const noexcept { return view_.empty(); }
  [[nodiscard]] const char* data() const noexcept { return view_.data(); }

  /// Part of these bytes, sharing the block. `offset + length` must lie inside.
  [[nodiscard]] bytes slice(std::size_t offset, std::size_t length) const {
    return {owner_, view_.substr(offset, length)};
  }
  /// The block behind the view; null for default-constructed bytes.
  [[nodiscard]] const std::shared_ptr<const std::string>& owner() const noexcept { return owner_; }

  friend bool operator==(const bytes& a, const bytes& b) noexcept { return a.view_ == b.view_; }

private:
  std::shared_ptr<const std::string> owner_;
  std::string_view view_;
};

} // namespace ros::sync
