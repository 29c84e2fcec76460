// Account names as they are compared and stored (http-api.md 4.4). Pure.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ros::actors {

/// Longest account name, bytes.
inline constexpr std::size_t max_account_name = 1024;

/// The name in Unicode form NFC, so that one name typed on two keyboards is one
/// account; case counts. Nothing unless it is UTF-8 of 1 .. max_account_name bytes.
std::optional<std::string> normalise_account_name(std::string_view text);

} // namespace ros::actors
