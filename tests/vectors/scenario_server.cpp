#include "vectors/scenario_server.hpp"

#include "support/state_json.hpp"
#include "sync/identification.hpp"
#include "vectors/vector_changeset.hpp"
#include "vectors/vector_json.hpp"

#include <algorithm>
#include <limits>
#include <utility>
#include <vector>

namespace ros::vectors {

namespace {

json::array cursor(sync::version_type a, sync::version_type b) {
  return {from_int64(static_cast<std::int64_t>(a)), from_int64(static_cast<std::int64_t>(b))};
}

json::array progress_of(const sync::client_file& file) {
  return cursor(file.progress.client_version, file.progress.last_integrated_server_version);
}

sync::salt_type salt_of(sync::file_ident client) {
  return static_cast<sync::salt_type>(1000 + client);
}

/// The error of a failed check of an IDENT (sync-protocol.md 3.4).
int code_of(std::string_view result) {
  if (result == "bad_client_file_ident")
    return 208;
  if (result == "bad_client_file_ident_salt" || result == "bad_server_version_salt")
    return 211;
  return result == "bad_download_client_version" ? 210 : 209;
}

std::string_view stage_of(sync::ec code) {
  switch (code) {
  case sync::ec::bad_changeset:
    return "parse";
  case sync::ec::merge_failure:
    return "merge";
  case sync::ec::apply_failure:
    return "apply";
  default:
    return "";
  }
}

/// Everything that "nothing is changed" is about.
struct server_snapshot {
  sync::version_type head;
  sync::client_file file;
  std::map<sync::version_type, sync::bytes> reciprocals;
  friend bool operator==(const server_snapshot&, const server_snapshot&) = default;
};

} // namespace

// -- upload -------------------------------------------------------------------

scenario_server::scenario_server(const json::array& clients) {
  for (const json::value& client : clients)
    realm_.files[to_uint64(client)].salt = salt_of(to_uint64(client));
}

sync::session_cursors& scenario_server::session_of(sync::file_ident client) {
  const auto [it, is_new] = sessions_.try_emplace(client);
  if (is_new) {
    it->second.threshold = realm_.files[client].progress;
    it->second.locked = realm_.files[client].locked_version;
    // A session may go on where an earlier one downloaded.
    it->second.downloaded = realm_.history.head();
  }
  return it->second;
}

sync::result<sync::upload_batch> scenario_server::admit(const json::object& step, checks& c) {
  sync::upload_batch batch;
  batch.client = to_uint64(step.at("client"));
  batch.progress = {to_uint64(step.at("progress").at(0)), to_uint64(step.at("progress").at(1))};
  batch.locked_version = to_uint64(step.at("locked"));
  sync::upload_message upload;
  upload.progress = batch.progress;
  upload.locked_version = batch.locked_version;
  std::vector<sync::uploaded_entry> entries;
  std::size_t fresh = 0;
  for (const json::value& changeset : step.at("changesets").as_array()) {
    if (changeset.as_object().contains("ins"))
      check_changeset(changeset, c);
    fresh += changeset.as_object().contains("dup") ? 0 : 1;
    entries.push_back({{to_uint64(changeset.at("cv")), to_uint64(changeset.at("sv")),
                        to_uint64(changeset.at("ts")), sync::bytes(changeset_bytes(changeset))},
                       to_uint64(changeset.at("origin"))});
  }
  auto admitted = sync::admit_upload(session_of(batch.client), upload, std::move(entries));
  if (!admitted)
    return admitted.error();
  c.expect_json("changesets not seen before", admitted->size(), fresh);
  batch.changesets = std::move(*admitted);
  return batch;
}

void scenario_server::upload(const json::object& step, checks& c) {
  const sync::file_ident client = to_uint64(step.at("client"));
  const auto batch = admit(step, c);
  if (!batch) {
    c.fail("not admitted: " + batch.error().message);
    return;
  }
  auto snapshot = [&] {
    return server_snapshot{realm_.history.head(), realm_.files[client],
                           realm_.history.reciprocals(client)};
  };
  const server_snapshot before = snapshot();
  const auto integrated = realm_.upload(*batch);
  realm_.commit();
  const json::object& expect = step.at("expect").as_object();
  const bool wanted = expect.at("result").as_string() == "ok";
  if (!integrated) {
    if (wanted)
      c.fail("upload refused: " + integrated.error().message);
    else
      check_refused(integrated.error(), expect, c);
    c.expect(snapshot() == before, "a refused upload left something behind");
    return;
  }
  c.expect(wanted, "upload was accepted");
  if (!wanted)
    return;
  check_history(before.head, expect.at("history").as_array(), c);
  if (const json::value* reciprocal = expect.if_contains("reciprocal"))
    check_reciprocal(client, reciprocal->as_object(), c);
}

void scenario_server::check_refused(const sync::error& e, const json::object& expect,
                                    checks& c) const {
  const json::object& wanted = expect.at("error").as_object();
  c.expect_json("error code", e.protocol_code, wanted.at("code"));
  // A contradiction of schemas may come out while merging or while applying.
  if (e.code != sync::ec::schema_conflict)
    c.expect_json("refused while", json::string(stage_of(e.code)), wanted.at("stage"));
}

void scenario_server::check_history(sync::version_type head_before, const json::array& expect,
                                    checks& c) const {
  c.expect_json("new entries", realm_.history.head() - head_before, expect.size());
  for (std::size_t i = 0; i < expect.size() && head_before + i < realm_.history.head(); ++i) {
    const sync::history_entry& entry = realm_.history.entries()[head_before + i];
    const json::object& wanted = expect[i].as_object();
    const std::string which = "history " + std::to_string(entry.version);
    c.expect(entry.version == to_uint64(wanted.at("sv")), which + " version");
    c.expect(entry.origin == to_uint64(wanted.at("origin")), which + " origin");
    c.expect(entry.client_version == to_uint64(wanted.at("cv")), which + " client version");
    c.expect(entry.timestamp == to_uint64(wanted.at("ts")), which + " timestamp");
    c.expect_bytes(which, entry.data.view(), changeset_bytes(wanted));
    check_changeset(expect[i], c);
  }
}

sync::bytes scenario_server::seen_by(sync::file_ident client,
                                     const sync::history_entry& entry) const {
  const auto& stored = realm_.history.reciprocals(client);
  auto it = stored.find(entry.version);
  return it == stored.end() ? entry.data : it->second;
}

void scenario_server::check_reciprocal(sync::file_ident client, const json::object& expect,
                                       checks& c) const {
  const sync::version_type base = to_uint64(expect.at("base"));
  const json::object& wanted = expect.at("entries").as_object();
  c.expect(realm_.files.at(client).progress.last_integrated_server_version == base,
           "reciprocal base");
  const auto& stored = realm_.history.reciprocals(client);
  c.expect(stored.empty() || stored.begin()->first > base, "reciprocals up to the base are gone");
  for (sync::version_type v = base + 1; v <= realm_.history.head(); ++v) {
    const sync::history_entry& entry = realm_.history.entries()[v - 1];
    if (entry.origin == client || entry.data.empty())
      continue;
    const json::value* listed = wanted.if_contains(std::to_string(v));
    c.expect_bytes("reciprocal " + std::to_string(v), seen_by(client, entry).view(),
                   listed ? changeset_bytes(*listed) : std::string(entry.data.view()));
  }
}

// -- everything else ----------------------------------------------------------

void scenario_server::check_sent(const sync::scanned_history& scanned, const json::array& expect,
                                 checks& c) const {
  c.expect_json("number of entries", scanned.entries.size(), expect.size());
  for (std::size_t i = 0; i < expect.size() && i < scanned.entries.size(); ++i) {
    const sync::scanned_entry& entry = scanned.entries[i];
    const std::string which = "entry " + std::to_string(entry.version);
    c.expect(entry.version == to_uint64(expect[i].at("sv")), which + " server version");
    c.expect(entry.client_version == to_uint64(expect[i].at("cv")), which + " client version");
    c.expect(entry.timestamp == to_uint64(expect[i].at("ts")), which + " timestamp");
    c.expect(entry.origin == to_uint64(expect[i].at("origin")), which + " origin");
    c.expect(entry.data == realm_.history.entries()[entry.version - 1].data, which + " bytes");
    c.expect(entry.original_size == entry.data.size(), which + " original size");
  }
}

sync::scanned_history scenario_server::download(const json::object& step, checks& c) {
  const sync::file_ident client = to_uint64(step.at("client"));
  const json::value* limit = step.if_contains("limit");
  auto scanned = sync::scan_download(
      realm_.history, client, {to_uint64(step.at("from").at(0)), to_uint64(step.at("from").at(1))},
      limit ? to_uint64(*limit) : std::numeric_limits<std::uint64_t>::max());
  if (!scanned) {
    c.fail("download: " + scanned.error().message);
    return {};
  }
  auto& sent = session_of(client).downloaded;
  sent = std::max(sent, scanned->to.server_version);
  const json::object& expect = step.at("expect").as_object();
  check_sent(*scanned, expect.at("changesets").as_array(), c);
  c.expect_json("to",
                cursor(scanned->to.server_version, scanned->to.last_integrated_client_version),
                expect.at("to"));
  c.expect_json("upload progress", progress_of(realm_.files[client]), expect.at("upload_progress"));
  c.expect_json("latest", realm_.history.head(), expect.at("latest"));
  c.expect_json("downloadable bytes", scanned->remaining_bytes, expect.at("downloadable_bytes"));
  return *scanned;
}

void scenario_server::reconnect(const json::object& step, checks& c) {
  const sync::file_ident client = to_uint64(step.at("client"));
  sessions_.erase(client);
  c.expect_json("upload progress", progress_of(realm_.files[client]),
                step.at("expect").at("upload_progress"));
}

void scenario_server::identify(const json::object& step, checks& c) {
  sync::identification client;
  client.file = {to_uint64(step.at("client")), salt_of(to_uint64(step.at("client")))};
  client.file.salt += step.at("good_salt").as_bool() ? 0 : 1;
  client.download = {to_uint64(step.at("download").at(0)), to_uint64(step.at("download").at(1))};
  client.latest.version = to_uint64(step.at("latest"));
  client.latest.salt = client.latest.version == 0 ? 0 : test::memory_server::version_salt;
  client.latest.salt += step.at("good_latest_salt").as_bool() ? 0 : 1;
  sync::identifying_realm realm;
  const auto file = realm_.files.find(client.file.ident);
  realm.file = file == realm_.files.end() ? nullptr : &file->second;
  realm.head = realm_.history.head();
  realm.salt_of = [this](sync::version_type v) -> sync::result<sync::salt_type> {
    return realm_.history.entries().at(v - 1).salt;
  };
  const auto checked = sync::check_identification(client, realm);
  const json::object& expect = step.at("expect").as_object();
  const std::string_view wanted = expect.at("result").as_string();
  if (!checked) {
    c.expect_json("error of ident", checked.error().protocol_code,
                  wanted == "ok" ? 0 : code_of(wanted));
    return;
  }
  c.expect(wanted == "ok", "ident was accepted");
  if (const json::value* progress = expect.if_contains("upload_progress"))
    c.expect_json("upload progress", progress_of(*realm.file), *progress);
  if (const json::value* locked = expect.if_contains("locked"))
    c.expect_json("locked version", realm.file->locked_version, *locked);
}

void scenario_server::compare_state(const json::object& step, checks& c) {
  c.expect_json("state", test::state_to_json(sync::object_reader(realm_.state)), step.at("expect"));
  c.expect_json("schema", test::schema_to_json(sync::object_reader(realm_.state)),
                step.at("schema"));
}

} // namespace ros::vectors
