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

/// Up to io.realm.sync 22: the last entry says everything.
result<void> complete_from_entries(const session_cursors& cursors, upload_message& upload,
                                   const std::vector<uploaded_entry>& entries) {
  if (entries.empty())
    return error{ec::bad_message, "upload message without changesets", 113};
  auto before = cursors.previous.client_version;
  for (const auto& e : entries) {
    if (e.change.client_version <= before)
      return refuse(210, "client versions of uploaded changesets must grow");
    before = e.change.client_version;
  }
  const auto& last = entries.back().change;
  upload.progress = {last.client_version, last.base};
  upload.locked_version = std::max(cursors.locked, last.base);
  return {};
}

/// io.realm.sync 26 to 28. What is counted here never exceeds what the client has: every
/// growth stands for at least one download that it integrated behind `known`. While it
/// sends again what is known already, nothing is counted.
result<void> complete_from_server_version(const session_cursors& cursors, upload_message& upload,
                                          const std::vector<uploaded_entry>& entries) {
  const auto integrated = upload.progress.last_integrated_server_version;
  auto known = cursors.previous;
  if (!entries.empty()) {
    const auto& last = entries.back().change;
    if (integrated < last.base)
      return refuse(209, "upload progress contradicts its last changeset");
    known = {last.client_version, last.base};
  }
  // A file taken over by a client reset: its first client version is as good as none.
  if (cursors.threshold.client_version == 0 && !is_consistent(cursors.threshold))
    known = {std::max(known.client_version, version_type{1}),
             std::max(known.last_integrated_server_version,
                      cursors.threshold.last_integrated_server_version)};
  const auto& newest =
      known.client_version < cursors.threshold.client_version ? cursors.threshold : known;
  if (integrated > newest.last_integrated_server_version)
    known = {newest.client_version + 1, integrated};
  upload.progress = known;
  upload.locked_version = std::max(cursors.locked, integrated);
  return {};
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

result<void> complete_upload(const session_cursors& cursors, upload_message& upload,
                             const std::vector<uploaded_entry>& entries) {
  switch (upload.form) {
  case progress_form::none:
    return complete_from_entries(cursors, upload, entries);
  case progress_form::server_version:
    return complete_from_server_version(cursors, upload, entries);
  case progress_form::whole:
    break;
  }
  return {};
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
