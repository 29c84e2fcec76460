// Whether an UPLOAD may be integrated as far as the session can tell: the cursor
// checks of sync-protocol.md 3.5 and 8. Pure, owned by the session.
#pragma once

#include "errors.hpp"
#include "message.hpp"
#include "types.hpp"

#include <vector>

namespace ros::sync {

/// What a session knows about its client's progress.
struct session_cursors {
  upload_cursor threshold;     ///< T: integrated or waiting for it
  upload_cursor previous;      ///< Pprev: of the session's last upload
  version_type downloaded = 0; ///< Dsent: of the last download sent
  version_type locked = 0;     ///< of the last upload, in this session or before
};

/// "a.client = 0 implies a.server = 0".
[[nodiscard]] bool is_consistent(const upload_cursor& a);
/// Both say the same where their client versions are equal, and the later one is later in both.
[[nodiscard]] bool are_compatible(const upload_cursor& a, const upload_cursor& b);

/// Fills in the cursors that uploads of io.realm.sync below 29 do not tell (8.2, 8.3, 8.5):
/// up to 22 they are those of the last entry; from 26 on the client version is that of
/// the last entry, or what is known of it, and one more if the integrated server
/// version has grown, because integrating a download makes a client version. Errors
/// are those of admit_upload() and 113 (no entries up to 22); whole uploads stay as
/// they are.
result<void> complete_upload(const session_cursors& cursors, upload_message& upload,
                             const std::vector<uploaded_entry>& entries);

/// Checks an upload and its entries in the order of the specification's rules. On
/// success the cursors move on and the changesets that were not integrated earlier
/// come back. Errors are ec::bad_cursor with protocol_code 209, 210 or 216; the
/// cursors stay as they were.
result<std::vector<pending_changeset>> admit_upload(session_cursors& cursors,
                                                    const upload_message& upload,
                                                    std::vector<uploaded_entry> entries);

} // namespace ros::sync
