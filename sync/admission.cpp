#include "admission.hpp"

#include <algorithm>
#include <optional>
#include <string>
#include <utility>

namespace ros::sync {

namespace {

using refusal = std::optional<error>;

error refuse(int code, std::string text) {
  return {ec::bad_cursor, std::move(text), code};
}

/// Rules 1 to 7.
refusal check_progress(const session_cursors& c, const upload_message& m) {
  if (m.progress.client_version < c.previous.client_version)
    return refuse(210, "upload progress goes back");
  if (m.progress.last_integrated_server_version > c.downloaded)
    return refuse(209, "upload progress names a server version that was not sent");
  if (!is_consistent(m.progress))
    return refuse(209, "upload progress without client version");
  if (!are_compatible(m.progress, c.threshold) || !are_compatible(m.progress, c.previous))
    return refuse(209, "upload progress contradicts earlier progress");
  if (m.locked_version < c.locked)
    return refuse(209, "locked server version goes back");
  if (m.locked_version > c.downloaded)
    return refuse(209, "locked server version was not sent");
  return std::nullopt;
}

/// Rules 8 and 9 for one entry that follows `before`.
refusal check_entry(const session_cursors& c, const uploaded_entry& e,
                    const upload_cursor& before) {
  const upload_cursor now{e.change.client_version, e.change.base};
  if (e.origin != 0)
    return refuse(216, "uploaded changeset names an origin");
  if (now.client_version <= before.client_version)
    return refuse(210, "client versions of uploaded changesets must grow");
  if (!is_consistent(now) || !are_compatible(now, before) || !are_compatible(now, c.threshold))
    return refuse(209, "server version of an uploaded changeset contradicts earlier progress");
  return std::nullopt;
}

/// Rules 8 to 11.
refusal check_entries(const session_cursors& c, const upload_message& m,
                      const std::vector<uploaded_entry>& entries) {
  auto before = c.previous;
  for (const auto& e : entries) {
    if (auto r = check_entry(c, e, before))
      return r;
    before = {e.change.client_version, e.change.base};
  }
  if (entries.empty())
    return std::nullopt;
  if (before.client_version > m.progress.client_version)
    return refuse(210, "uploaded changeset lies behind the upload's progress");
  if (!are_compatible(before, m.progress))
    return refuse(209, "upload progress contradicts its last changeset");
  return std::nullopt;
}

} // namespace

bool is_consistent(const upload_cursor& a) {
  return a.client_version != 0 || a.last_integrated_server_version == 0;
}

bool are_compatible(const upload_cursor& a, const upload_cursor& b) {
  if (a.client_version == b.client_version)
    return a.last_integrated_server_version == b.last_integrated_server_version;
  const bool a_first = a.client_version < b.client_version;
  const auto& first = a_first ? a : b;
  const auto& second = a_first ? b : a;
  return first.last_integrated_server_version <= second.last_integrated_server_version;
}

result<std::vector<pending_changeset>> admit_upload(session_cursors& cursors,
                                                    const upload_message& upload,
                                                    std::vector<uploaded_entry> entries) {
  if (auto r = check_progress(cursors, upload))
    return *r;
  if (auto r = check_entries(cursors, upload, entries))
    return *r;
  std::vector<pending_changeset> fresh;
  for (auto& e : entries)
    if (e.change.client_version > cursors.threshold.client_version)
      fresh.push_back(std::move(e.change));
  cursors.previous = upload.progress;
  if (upload.progress.client_version > cursors.threshold.client_version)
    cursors.threshold = upload.progress;
  cursors.locked = std::max(cursors.locked, upload.locked_version);
  return fresh;
}

} // namespace ros::sync
