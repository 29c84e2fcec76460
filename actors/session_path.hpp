// From the text a client sends in BIND to the Realm it means (http-api.md 9.10).
// Pure, owned by nobody.
#pragma once

#include <optional>
#include <string>
#include <string_view>

namespace ros::actors {

/// The canonical path for a partition value in extended JSON, or for a virtual path
/// as legacy clients write it; all spellings of one value give one path. `~` means
/// `user_id`. Nothing if the text is neither (sync error 204).
std::optional<std::string> canonical_session_path(std::string_view text, std::string_view user_id);

/// Whether a Realm at this canonical path can be synchronised at all (access-control.md 5):
/// private stores and reserved names cannot (sync error 204). Who may is another question.
bool is_syncable(std::string_view path, bool is_admin);

} // namespace ros::actors
