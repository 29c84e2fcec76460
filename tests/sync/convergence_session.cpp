#include "convergence_session.hpp"

#include "compaction_fixture.hpp"
#include "support/client_changeset.hpp"
#include "support/memory_server.hpp"
#include "support/model_client.hpp"
#include "support/plain_merge.hpp"
#include "support/state_json.hpp"

#include <boost/json.hpp>

#include <memory>
#include <stdexcept>

namespace ros::test {

namespace {

using kind = session_event::kind;

/// The server's history by the plain algorithm, to compare the integrator with.
struct plain_server {
  kept_history history;
  std::map<sync::file_ident, kept_reciprocals> reciprocals;

  sync::result<void> upload(const sync::upload_batch& batch, const sync::client_file& file) {
    std::vector<arriving_changeset> arriving;
    for (const auto& changes : batch.changesets)
      if (changes.client_version > file.progress.client_version)
        arriving.push_back({changes.data, changes.base, changes.timestamp, batch.client});
    auto merged = plain_merge(history, reciprocals[batch.client], arriving, batch.client, true);
    if (!merged)
      return merged.error();
    for (std::size_t i = 0; i < merged->size(); ++i)
      append(sync::encode_changeset((*merged)[i]), arriving[i].timestamp, batch.client);
    return {};
  }
  void append(std::string data, sync::origin_timestamp timestamp, sync::file_ident origin) {
    history[history.size() + 1] = {sync::bytes(std::move(data)), timestamp, origin};
  }
  void trim(const sync::client_file& file, sync::file_ident client) {
    auto& kept = reciprocals[client];
    kept.erase(kept.begin(), kept.upper_bound(file.progress.last_integrated_server_version));
  }
};

struct device {
  device(sync::file_ident ident, user_habits habits)
      : model(ident), user(model.state(), ident, habits) {}
  model_client model;
  random_user user;
  bool online = true;
};

class session {
public:
  session(const session_script& script, std::string* trace);
  void play(const session_event& event);
  void finish();

private:
  void change(device& d, const session_event& event);
  void upload(device& d, std::size_t most);
  void upload_bad(device& d, std::uint64_t seed);
  void download(device& d, std::uint64_t limit);
  void commit();
  void fail();
  void local(const session_event& event);
  void compact(std::uint64_t seed);
  void compare_history() const;
  void compare_reciprocals(sync::file_ident client) const;

  const session_script& script_;
  std::string* trace_;
  memory_server server_;
  plain_server plain_;
  plain_server committed_plain_;
  std::vector<std::unique_ptr<device>> devices_;
};

[[noreturn]] void wrong(const std::string& what) {
  throw std::runtime_error(what);
}

session::session(const session_script& script, std::string* trace)
    : script_(script), trace_(trace), server_([&] {
        sync::integration_options options;
        options.history_cache_bytes = script.cache_bytes;
        return options;
      }()) {
  for (unsigned i = 0; i < script.devices; ++i) {
    devices_.push_back(std::make_unique<device>(sync::first_client_file_ident + i, script.habits));
    const auto made = devices_.back()->model.commit(
        1000 + i, client_bytes(random_user::declare_schema().changes()));
    if (!made)
      wrong("schema: " + made.error().message);
    devices_.back()->online = i + script.late < script.devices;
  }
}

void session::play(const session_event& event) {
  device& d = *devices_[event.device];
  const std::string who = "device " + std::to_string(d.model.ident());
  if (!d.online && (event.what == kind::upload || event.what == kind::bad ||
                    event.what == kind::download || event.what == kind::reconnect))
    return;
  if (trace_)
    *trace_ += "t=" + std::to_string(event.time) + " " + who + " ";
  switch (event.what) {
  case kind::change:
    return change(d, event);
  case kind::upload:
    return upload(d, event.seed % 3 == 0 ? 100 : 1 + event.seed % 4);
  case kind::bad:
    return upload_bad(d, event.seed);
  case kind::download:
    return download(d, event.seed % 2 == 0 ? std::uint64_t{1} << 40 : event.seed % 400);
  case kind::reconnect:
    if (trace_)
      *trace_ += "reconnects\n";
    return d.model.reconnect(server_.files[d.model.ident()].progress.client_version);
  case kind::commit:
    return commit();
  case kind::fail:
    return fail();
  case kind::local:
    return local(event);
  case kind::join:
    if (trace_)
      *trace_ += "joins\n";
    d.online = true;
    return;
  case kind::compact:
    return compact(event.seed);
  }
}

void session::change(device& d, const session_event& event) {
  const changeset_builder t = d.user.act(event.seed, event.changes);
  const auto timestamp = static_cast<sync::origin_timestamp>(static_cast<std::int64_t>(event.time) +
                                                             script_.clock_skew[event.device]);
  if (trace_)
    *trace_ += "commits version " + std::to_string(d.model.version() + 1) + " at " +
               std::to_string(timestamp) + ":" + describe(t.changes()) + "\n";
  if (t.size() == 0)
    return;
  if (auto made = d.model.commit(timestamp, client_bytes(t.changes())); !made)
    wrong("commit: " + made.error().message);
}

void session::upload(device& d, std::size_t most) {
  const sync::upload_batch batch = d.model.next_upload(most);
  const sync::client_file& file = server_.files[batch.client];
  if (trace_)
    *trace_ += "uploads " + std::to_string(batch.changesets.size()) + " changesets, up to " +
               std::to_string(batch.progress.client_version) + "\n";
  if (auto plain = plain_.upload(batch, file); !plain)
    wrong("plain merge: " + plain.error().message);
  if (auto integrated = server_.upload(batch); !integrated)
    wrong("upload: " + integrated.error().message);
  plain_.trim(file, batch.client);
}

/// The changesets before the bad one must leave no trace; the device sends them
/// again another time.
void session::upload_bad(device& d, std::uint64_t seed) {
  model_client& m = d.model;
  const sync::version_type acknowledged = server_.files[m.ident()].progress.client_version;
  m.reconnect(acknowledged);
  sync::upload_batch batch = m.next_upload(100);
  m.reconnect(acknowledged);
  if (trace_)
    *trace_ += "uploads something bad\n";
  changeset_builder bad;
  if (seed % 2 == 0)
    bad.insert("Item", 99, {"numbers", 0}, 1, 0);
  else
    bad.update("Item", 99, {"number"}, 1);
  batch.progress = {m.version() + 1, m.cursor().server_version};
  batch.changesets.push_back(
      {m.version() + 1, m.cursor().server_version, 5000, client_bytes(bad.changes())});
  if (server_.upload(batch))
    wrong("a bad upload was accepted");
}

void session::download(device& d, std::uint64_t limit) {
  const auto message = server_.download(d.model.ident(), d.model.cursor(), limit);
  if (!message)
    wrong("download: " + message.error().message);
  if (trace_)
    *trace_ += "downloads up to " + std::to_string(message->to.server_version) + "\n";
  if (auto integrated = d.model.integrate(*message); !integrated)
    wrong("device " + std::to_string(d.model.ident()) +
          " cannot integrate: " + integrated.error().message);
}

void session::commit() {
  if (trace_)
    *trace_ += "server commits\n";
  server_.commit();
  compare_history();
  for (const auto& d : devices_)
    compare_reciprocals(d->model.ident());
  committed_plain_ = plain_;
}

void session::fail() {
  if (trace_)
    *trace_ += "server fails to commit\n";
  server_.fail();
  plain_ = committed_plain_;
  for (const auto& d : devices_)
    d->model.reconnect(server_.files[d->model.ident()].progress.client_version);
}

void session::local(const session_event& event) {
  commit();
  const auto classes = sync::object_reader(server_.state).classes();
  if (!classes || classes->empty())
    return;
  changeset_builder t;
  t.create("Tag", "a").add_integer("Tag", "a", {"n"}, static_cast<std::int64_t>(event.seed % 7));
  if (trace_)
    *trace_ += "server changes:" + describe(t.changes()) + "\n";
  if (auto done = server_.integrator.integrate_local(t.changes(), event.time); !done)
    wrong("local change: " + done.error().message);
  plain_.append(sync::encode_changeset(t.changes()), event.time, 0);
}

/// Late devices start at 0 and do not hold the horizon back (sync-protocol.md 5.2).
void session::compact(std::uint64_t seed) {
  commit();
  sync::version_type horizon = server_.history.head();
  for (const auto& d : devices_)
    if (d->online)
      horizon = std::min(horizon,
                         server_.files[d->model.ident()].progress.last_integrated_server_version);
  if (horizon > 1 && seed % 3 == 0)
    horizon = 1 + seed / 3 % horizon;
  if (trace_)
    *trace_ += "server compacts up to " + std::to_string(horizon) + "\n";
  sync::compaction_options options;
  if (seed % 4 == 0)
    options.memory_bytes = 1000;
  if (const auto problem = compact_checked(server_.history, horizon, options); !problem.empty())
    wrong("compaction: " + problem);
  server_.integrator.discard();
  for (auto& [version, plain] : plain_.history)
    plain.data = server_.history.entries()[version - 1].data;
  committed_plain_ = plain_;
}

void session::compare_history() const {
  const auto& entries = server_.history.entries();
  if (entries.size() != plain_.history.size())
    wrong("the history has another length than by the plain algorithm");
  std::uint64_t size = 0;
  for (const auto& [version, plain] : plain_.history) {
    const auto& entry = entries[version - 1];
    size += entry.data.size();
    if (entry.data != plain.data || entry.origin != plain.origin ||
        entry.timestamp != plain.timestamp || entry.version != version)
      wrong("version " + std::to_string(version) + " is not as by the plain algorithm");
    if (entry.cumulative_size != size)
      wrong("cumulative size of version " + std::to_string(version));
  }
}

void session::compare_reciprocals(sync::file_ident client) const {
  const auto found = plain_.reciprocals.find(client);
  if (found == plain_.reciprocals.end())
    return;
  const auto& stored = server_.history.reciprocals(client);
  auto both = stored;
  both.insert(found->second.begin(), found->second.end());
  auto seen = [&](const std::map<sync::version_type, sync::bytes>& all, sync::version_type v) {
    const auto it = all.find(v);
    return it == all.end() ? server_.history.entries()[v - 1].data : it->second;
  };
  for (const auto& [version, data] : both)
    if (seen(stored, version) != seen(found->second, version))
      wrong("reciprocal " + std::to_string(version) + " of client " + std::to_string(client) +
            " is not as by the plain algorithm");
}

void session::finish() {
  if (trace_)
    *trace_ += "at the end: ";
  for (const auto& d : devices_) {
    d->online = true;
    d->model.reconnect(server_.files[d->model.ident()].progress.client_version);
    while (d->model.has_pending())
      upload(*d, 100);
  }
  commit();
  for (const auto& d : devices_)
    download(*d, std::uint64_t{1} << 40);
  const auto state = state_to_json(sync::object_reader(server_.state));
  const auto schema = schema_to_json(sync::object_reader(server_.state));
  for (const auto& d : devices_) {
    const std::string who = "device " + std::to_string(d->model.ident());
    const auto own = state_to_json(sync::object_reader(d->model.state()));
    if (own != state)
      wrong(who + " has\n  " + boost::json::serialize(own) + "\nthe server\n  " +
            boost::json::serialize(state));
    if (schema_to_json(sync::object_reader(d->model.state())) != schema)
      wrong(who + " has another schema than the server");
  }
}

kind pick_kind(std::uint64_t number) {
  static constexpr std::pair<kind, unsigned> shares[] = {
      {kind::change, 45},   {kind::upload, 22}, {kind::download, 18}, {kind::commit, 10},
      {kind::reconnect, 2}, {kind::bad, 1},     {kind::fail, 1},      {kind::local, 1}};
  std::uint64_t left = number % 100;
  for (const auto& [what, share] : shares) {
    if (left < share)
      return what;
    left -= share;
  }
  return kind::change;
}

} // namespace

session_script make_script(std::uint64_t seed) {
  std::mt19937_64 random(seed);
  session_script script;
  script.devices = 2 + static_cast<unsigned>(random() % 3);
  script.habits.items = random() % 2 == 0 ? 1 : 4;
  script.habits.schema_changes = random() % 3 == 0;
  // A Clear can get lost to a younger clock (merge-rules.md 12).
  script.habits.mixed_collections = random() % 2 == 0;
  const bool skewed = !script.habits.mixed_collections && random() % 2 == 0;
  for (unsigned i = 0; i < script.devices; ++i)
    script.clock_skew.push_back(skewed ? static_cast<std::int64_t>(random() % 2000) - 1000 : 0);
  static constexpr std::size_t cache_sizes[] = {0, 4096, std::size_t{1} << 20};
  script.cache_bytes = cache_sizes[random() % 3];
  // A long one fills blocks of history.
  const std::size_t length = seed % 100 == 99 ? 1500 : 30 + random() % 50;
  for (std::size_t i = 0; i < length; ++i)
    script.events.push_back({pick_kind(random()), static_cast<unsigned>(random() % script.devices),
                             random(), 2000 + 10 * i});
  return script;
}

session_script make_compaction_script(std::uint64_t seed) {
  session_script script = make_script(seed);
  std::mt19937_64 random(~seed);
  script.late = 1 + static_cast<unsigned>(random() % 2);
  const auto early = script.devices;
  script.devices += script.late;
  for (unsigned i = 0; i < script.late; ++i)
    script.clock_skew.push_back(script.clock_skew[random() % early]);
  for (session_event& event : script.events)
    event.device = static_cast<unsigned>(random() % script.devices);
  const auto insert = [&](std::vector<session_event> events) {
    const auto at =
        script.events.begin() + static_cast<std::ptrdiff_t>(random() % (script.events.size() + 1));
    for (session_event& event : events)
      event.time = at == script.events.end() ? 2000 + 10 * script.events.size() : at->time;
    script.events.insert(at, events.begin(), events.end());
  };
  // Nothing can be compacted that somebody has not seen and said so.
  for (int compactions = 2 + static_cast<int>(random() % 4); compactions > 0; --compactions) {
    std::vector<session_event> events;
    for (const kind what : {kind::upload, kind::commit, kind::download, kind::upload})
      for (unsigned device = 0; device < script.devices; ++device)
        events.push_back(
            {what, device, 6 * (random() % 1000)}); // all there is to upload and download
    events.push_back({kind::compact, 0, random()});
    insert(std::move(events));
  }
  for (unsigned device = early; device < script.devices; ++device)
    if (random() % 4 != 0) // else at the end
      insert({{kind::join, device}});
  return script;
}

std::string play(const session_script& script, std::string* trace) {
  try {
    session s(script, trace);
    for (const session_event& event : script.events)
      s.play(event);
    s.finish();
  } catch (const std::exception& e) {
    return e.what();
  }
  return {};
}

} // namespace ros::test
