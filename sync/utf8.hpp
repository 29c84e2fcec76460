// Whether bytes are UTF-8: names of classes and fields must be, values need not
// (changesets.md 8.3). Shared by the codec and the wire protocol.
#pragma once

#include <string>
#include <string_view>

namespace ros::sync {

/// True for well-formed UTF-8: shortest forms only, no surrogates, nothing above
/// U+10FFFF. The empty text is well formed.
bool is_utf8(std::string_view text) noexcept;

/// `text` as it is if it is UTF-8, else with '?' for every byte above 127: for texts that
/// quote what a stranger sent.
std::string readable(std::string text);

} // namespace ros::sync
