#include "compactor.hpp"

#include "errors.hpp"

#include "runtime/log.hpp"
#include "storage/history_rewriter.hpp"
#include "storage/realm_store.hpp"
#include "sync/compaction.hpp"

#include <algorithm>
#include <functional>
#include <optional>
#include <string>
#include <vector>

namespace ros::actors {

namespace {

using self_pointer = compactor_actor::stateful_pointer<compactor_state>;

/// Files that may expire with one survey; the others wait for the next.
constexpr std::size_t max_expired = 4096;
/// Realms opened by one sweep.
constexpr std::size_t max_opened = 64;

caf::error failure(const std::string& message) {
  return caf::make_error(ec::unavailable, message);
}

// -- surveying --------------------------------------------------------------------

storage::result<client_survey> survey(const compactor_options& options, const survey_clients& x) {
  storage::realm_store store{*options.db, x.shard, x.realm_id, storage::read_mode::bulk};
  auto record = store.refresh();
  if (!record)
    return record.error();
  client_survey out{.horizon = record->head.version, .expired = {}, .superfluous = {}};
  std::optional<storage::error> problem;
  auto visited = store.visit_client_files([&](sync::file_ident ident, const sync::client_file& f) {
    const auto needed = std::min(f.progress.last_integrated_server_version, f.locked_version);
    if (f.expired && f.progress.last_integrated_server_version < record->horizon) {
      auto any = store.has_reciprocals(ident);
      if (!any)
        problem = any.error();
      else if (*any && out.superfluous.size() < max_expired)
        out.superfluous.push_back(ident);
    } else if (f.live && !f.expired) {
      if (f.last_seen_ms < x.expiry_limit && out.expired.size() < max_expired)
        out.expired.push_back(ident);
      else
        out.horizon = std::min(out.horizon, needed);
    }
    return !problem;
  });
  if (!visited)
    return visited.error();
  if (problem)
    return *problem;
  return out;
}

// -- rewriting --------------------------------------------------------------------

/// Reads history in pieces, so that no cursor is held for long and the end of the node does
/// not have to wait.
class paced_history final : public sync::history_source {
public:
  paced_history(const storage::realm_store& store, const std::atomic<bool>& stopping)
      : store_(store), stopping_(stopping) {}

  sync::version_type head() const override { return store_.head(); }
  sync::result<sync::history_entry> read(sync::version_type version) const override {
    return store_.read(version);
  }
  sync::result<void>
  visit(sync::version_type first, sync::version_type last, bool with_data,
        const std::function<bool(const sync::history_entry&)>& visit) const override {
    constexpr sync::version_type piece = 1024;
    bool go_on = true;
    for (auto at = first; at <= last && go_on; at += piece) {
      if (stopping_)
        return sync::error{sync::ec::corrupt_store, "the node shuts down"};
      auto done = store_.visit(at, std::min(last, at + piece - 1), with_data,
                               [&](const sync::history_entry& x) { return go_on = visit(x); });
      if (!done)
        return done;
    }
    return {};
  }
  std::optional<sync::bytes> block_summary(std::uint64_t block) const override {
    return store_.block_summary(block);
  }
  sync::result<std::optional<sync::bytes>> reciprocal(sync::file_ident client,
                                                      sync::version_type version) const override {
    return store_.reciprocal(client, version);
  }

private:
  const storage::realm_store& store_;
  const std::atomic<bool>& stopping_;
};

caf::expected<rewritten_history> rewrite(const compactor_options& options,
                                         const rewrite_history& x) {
  storage::realm_store store{*options.db, x.shard, x.realm_id, storage::read_mode::bulk};
  auto record = store.refresh();
  if (!record)
    return failure(record.error().message);
  const paced_history history{store, *options.stopping};
  storage::history_rewriter rewriter{*options.db, x.shard,   x.realm_id,
                                     *record,     x.horizon, options.part_bytes};
  std::optional<storage::error> problem;
  const sync::compaction_options how{.memory_bytes = options.memory_bytes,
                                     .go_on = [&] { return !*options.stopping; }};
  auto compacted =
      sync::compact_history(history, x.horizon, how, [&](const sync::compacted_entry& entry) {
        auto taken = rewriter.rewrite(entry.version, entry.data, entry.summary);
        if (!taken)
          problem = taken.error();
        return !problem;
      });
  if (!compacted)
    return failure(compacted.error().message);
  if (problem)
    return failure(problem->message);
  if (!compacted->complete)
    return failure("the node shuts down");
  auto outcome = rewriter.finish();
  if (!outcome)
    return failure(outcome.error().message);
  return rewritten_history{std::make_shared<const storage::rewriting>(std::move(*outcome))};
}

// -- disk space -------------------------------------------------------------------

/// Rewriting files costs about as much for a little as for a lot, so it waits for a lot.
void reclaim(self_pointer self, const reclaim_space& x) {
  auto& state = self->state;
  state.freed += x.bytes;
  state.dirty.emplace(x.shard, x.realm_id);
  if (state.freed < state.options.reclaim_bytes && state.dirty.size() < 1024)
    return;
  state.freed = 0;
  for (const auto& [shard, realm_id] : std::exchange(state.dirty, {})) {
    if (*state.options.stopping)
      return;
    if (auto done = state.options.db->reclaim(shard, realm_id); !done)
      log::warn("compactor could not reclaim disk space: {}", done.error().message);
  }
}

// -- sweeping ---------------------------------------------------------------------

/// Realms behind `state.swept` that should compact; goes round.
std::vector<open_realm> find_neglected(compactor_state& state) {
  std::vector<open_realm> found;
  auto last = state.swept;
  bool full = false;
  const auto start = state.swept;
  auto visited = state.options.db->visit_realms([&](std::uint32_t shard, std::uint64_t realm_id,
                                                    const storage::realm_record& x) {
    const std::pair key{shard, realm_id};
    const bool heavy =
        x.weight_behind_horizon() >= std::max(state.options.limits.pressing, x.horizon_weight / 2);
    if (shard == storage::admin_shard || key <= start || !heavy)
      return true;
    found.push_back({x.path, realm_id, {}});
    last = key;
    full = found.size() == max_opened;
    return !full;
  });
  if (!visited)
    log::warn("compactor cannot look through the Realms: {}", visited.error().message);
  state.swept = full ? last : std::pair<std::uint32_t, std::uint64_t>{};
  return found;
}

void sweep(self_pointer self) {
  // A Realm compacts soon after it was opened, and leaves memory if nobody wants it.
  for (auto& x : find_neglected(self->state))
    self->request(self->state.options.registry, caf::infinite, std::move(x))
        .then([](const realm_actor&) {}, [](const caf::error&) {});
  self->delayed_send(self, self->state.options.sweep_interval, upkeep_atom_v);
}

} // namespace

compactor_actor::behavior_type compactor(self_pointer self, compactor_options options) {
  auto& state = self->state;
  state.options = std::move(options);
  if (state.options.directory)
    self->send(state.options.directory, actor_record{"compactor", "compactor", "node"});
  if (state.options.sweep_interval.count() > 0)
    self->delayed_send(self, state.options.sweep_interval, upkeep_atom_v);
  return {
      [self](const survey_clients& x) -> caf::result<client_survey> {
        auto found = survey(self->state.options, x);
        if (!found)
          return failure(found.error().message);
        return std::move(*found);
      },
      [self](const rewrite_history& x) -> caf::result<rewritten_history> {
        auto done = rewrite(self->state.options, x);
        if (!done)
          return std::move(done.error());
        return std::move(*done);
      },
      [self](const reclaim_space& x) { reclaim(self, x); },
      [self](upkeep_atom) { sweep(self); },
  };
}

} // namespace ros::actors
