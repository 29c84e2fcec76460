// The client files of a realm_writer: allocating, attaching, expiring.
#include "realm_writer.hpp"
#include "realm_writer_codes.hpp"

#include "runtime/clock.hpp"
#include "sync/download.hpp"
#include "sync/identification.hpp"

#include <algorithm>
#include <utility>

namespace ros::actors {

// -- client files ---------------------------------------------------------------

sync::client_file* realm_writer::find_file(sync::file_ident ident) {
  if (auto i = files_.find(ident); i != files_.end())
    return &i->second;
  auto stored = store_.client_file(ident);
  if (!stored)
    note(storage::to_sync_error(stored.error()));
  if (!stored || !*stored)
    return nullptr;
  return &files_.emplace(ident, std::move(**stored)).first->second;
}

sync::salted_file_ident realm_writer::allocate(std::string user_id) {
  auto ident = next_.next_ident++;
  sync::client_file file;
  file.salt = random_.salt();
  file.user_id = std::move(user_id);
  file.last_seen_ms = clock_.unix_ms();
  auto salt = file.salt;
  files_.emplace(ident, std::move(file));
  dirty_.insert(ident);
  allocated_.insert(ident);
  return {ident, salt};
}

sync::version_type realm_writer::client_version(sync::salted_file_ident file) {
  const auto* found = file.ident < sync::first_client_file_ident ? nullptr : find_file(file.ident);
  return found != nullptr && found->salt == file.salt ? found->progress.client_version : 0;
}

void realm_writer::detach(sync::file_ident client) {
  bound_.erase(client);
  if (auto i = files_.find(client); i != files_.end()) {
    i->second.last_seen_ms = clock_.unix_ms();
    dirty_.insert(client);
  }
}

/// Keeps what is in use and a few more.
void realm_writer::shrink_files() {
  constexpr std::size_t spare = 1024;
  if (files_.size() <= bound_.size() + spare)
    return;
  std::erase_if(files_, [this](const auto& x) {
    const bool spared = bound_.contains(x.first) || dirty_.contains(x.first);
    if (!spared)
      unreported_.erase(x.first);
    return !spared;
  });
}

attach_result realm_writer::attach(const attach_session& request) {
  const auto head = store_.record().head;
  const auto ident = request.file.ident;
  // The reference takes the server's own ident for a file with another salt (211), which
  // check_identification keeps for its vectors; the protocol asks for 208 (10, R2).
  if (ident == sync::server_file_ident)
    return session_failure{208, "unknown client file"};
  auto* file = ident == 0 ? nullptr : find_file(ident);
  auto salt_of = [&](sync::version_type version) -> sync::result<sync::salt_type> {
    if (version == head.version)
      return head.salt;
    auto entry = store_.read(version);
    if (!entry && version < store_.record().horizon) // deleted there, or as good as
      return sync::error{sync::ec::bad_cursor, "the client file was away too long", 222};
    if (!entry)
      return entry.error();
    return entry->salt;
  };
  const sync::identifying_realm realm{file, head.version, store_.record().horizon, salt_of};
  auto known = sync::check_identification(
      {request.file, request.download, request.latest, request.user_id}, realm);
  if (!known)
    return session_failure{code_of(note(known.error())), known.error().message};

  // A client reset takes a file over with client versions of its own, which must not
  // look integrated already (sync-protocol.md 5.7).
  // What was reported stays: a mere reader comes back the same way, and a client
  // takes a smaller number than it was told for a broken server.
  if (!file->contributed && request.download.last_integrated_client_version == 0)
    file->progress.client_version = 0;
  unsaved_life_ = unsaved_life_ || !file->live || file->expired;
  upkeep_.attached(ident);
  file->live = true;
  file->expired = false;
  file->last_seen_ms = clock_.unix_ms();
  dirty_.insert(ident);
  bound_.insert(ident);
  if (is_unreported(*file))
    unreported_.insert(ident);
  std::uint64_t foreign_bytes = 0;
  if (request.wants_foreign_bytes) {
    auto counted = sync::foreign_bytes(store_, ident);
    if (!counted)
      return session_failure{code_of(note(counted.error())), counted.error().message};
    foreign_bytes = *counted;
  }
  return session_attached{.threshold = file->progress,
                          .reported = file->reported,
                          .locked_version = file->locked_version,
                          .head = head,
                          .feature_level = feature_level(),
                          .foreign_bytes = foreign_bytes};
}

// -- bounded history --------------------------------------------------------------

bool realm_writer::must_wait(const attach_session& request) const {
  const auto& record = store_.record();
  return record.is_folding() && request.download.server_version < record.horizon;
}

history_upkeep::needs_below realm_writer::needs_below() {
  return [this](sync::file_ident ident, sync::version_type horizon) {
    const auto* file = find_file(ident);
    return file != nullptr && file->live && !file->expired &&
           std::min(file->progress.last_integrated_server_version, file->locked_version) < horizon;
  };
}

std::int64_t realm_writer::expiry_limit() const {
  const auto ttl = limits_.history.ttl_ms;
  return ttl == 0 ? 0 : clock_.unix_ms() - ttl;
}

void realm_writer::start_upkeep() {
  upkeep_.start();
  // Connected for long is not away; it is written down now and then, in case that the
  // connection ends without us.
  const auto now = clock_.unix_ms();
  for (auto ident : bound_)
    if (auto* file = find_file(ident);
        file != nullptr && now - file->last_seen_ms > limits_.history.ttl_ms / 8) {
      file->last_seen_ms = now;
      dirty_.insert(ident);
    }
}

bool realm_writer::surveyed(const client_survey& survey) {
  const auto limit = expiry_limit();
  for (auto ident : survey.expired) {
    auto* file = find_file(ident);
    if (file == nullptr || !file->live || file->expired)
      continue;
    if (bound_.contains(ident) || file->last_seen_ms >= limit) {
      upkeep_.watch(ident); // it came back, and the survey has not counted it
      continue;
    }
    file->expired = true;
    dirty_.insert(ident);
    save_wanted_ = true;
  }
  superfluous_ = survey.superfluous;
  save_wanted_ = save_wanted_ || !superfluous_.empty();
  return upkeep_.surveyed(survey, store_.record());
}

void realm_writer::erase_superfluous(storage::realm_entry_builder& entry) {
  for (auto ident : std::exchange(superfluous_, {}))
    if (const auto* file = find_file(ident); file != nullptr && file->expired)
      entry.erase_reciprocals(ident);
}

} // namespace ros::actors
