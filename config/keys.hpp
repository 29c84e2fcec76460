// Which keys exist, and what to say about the others. Internal to config/*.cpp.
#pragma once

#include "document.hpp"

#include <optional>
#include <string>
#include <utility>

namespace ros::config {

/// Nothing for a key of the table; else a problem at the key's place. A warning means that the
/// setting is ignored.
std::optional<problem> judge_key(const entry& e);

/// Name and setting of a webhook: "mine.secret" -> "mine", "secret"; "mine" -> "mine", "".
std::pair<std::string, std::string> split_webhook_key(const std::string& text);

} // namespace ros::config
