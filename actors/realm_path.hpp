// Virtual paths of Realms as clients write them (http-api.md 2.3). Pure functions,
// owned by nobody.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ros::actors {

/// Whether this is a valid canonical path: 1 .. 1024 bytes, segments of at most 200.
/// Query-based sync's `__partial` paths are not.
bool is_valid_realm_path(std::string_view path);

/// A path as it came (plain, percent-encoded once, or a URL; `~` means `user_id`)
/// in canonical form; nothing if it is invalid.
std::optional<std::string> normalise_realm_path(std::string_view text, std::string_view user_id);

/// "/a/b" -> "a".
std::string_view first_segment(std::string_view path);

/// Whether a Realm of that name may exist at all: system Realms cannot be created
/// from outside, and other names that begin with "__" are reserved
/// (access-control.md 5). The path is canonical.
bool is_creatable(std::string_view path);

/// The segment behind "/__partition/" of a partition string (http-api.md 9.10 rule 2).
std::string partition_segment(std::string_view text);

} // namespace ros::actors
