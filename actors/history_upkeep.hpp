// What keeps a Realm's history bounded (sync-protocol.md 5.2): where compaction of one Realm
// stands, and what of it goes into the next log entry. Part of a realm_writer; the reading
// and computing in between is done by the COMPACTOR.
//
//   resting -> saving     what is known of client files in memory becomes durable
//           -> surveying  the COMPACTOR finds the horizon, and who stayed away too long
//           -> rewriting  the COMPACTOR works out what entries up to the horizon become
//           -> staging    the outcome is put aside, a part with each entry
//           -> publishing waits until no live client file is below the new horizon
//           -> folding    the parts are put in their place, one with each entry
//
// Until the first part is folded readers see nothing of it; from that entry on until the last
// one, nobody may attach below the horizon. A crash while folding goes on folding, a
// crash before it begins anew.
#pragma once

#include "storage/realm_record.hpp"
#include "storage/realm_store.hpp"
#include "storage/rewriting.hpp"
#include "sync/types.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <set>
#include <vector>

namespace ros::actors {

struct history_limits {
  std::int64_t ttl_ms = 0;           ///< without contact until a client file expires; 0 = never
  std::uint64_t worth = 256u << 10;  ///< bytes behind the horizon worth a regular compaction
  std::uint64_t pressing = 4u << 20; ///< that are worth one at once
};

/// What the COMPACTOR found out about the client files of a Realm.
struct client_survey {
  sync::version_type horizon = 0;            ///< if all of `expired` expire
  std::vector<sync::file_ident> expired;     ///< live, and away for too long
  std::vector<sync::file_ident> superfluous; ///< expired, below the horizon, with reciprocals
};

class history_upkeep {
public:
  enum class phase : std::uint8_t {
    resting,
    saving,
    surveying,
    rewriting,
    staging,
    publishing,
    folding,
  };
  /// Whether a live client file still needs entries up to `horizon`.
  using needs_below = std::function<bool(sync::file_ident, sync::version_type horizon)>;

  explicit history_upkeep(history_limits limits) : limits_(limits) {}

  [[nodiscard]] phase at() const noexcept { return phase_; }
  [[nodiscard]] bool is_resting() const noexcept { return phase_ == phase::resting; }
  /// Counts rounds: an answer to a question of an earlier round is stale.
  [[nodiscard]] std::uint64_t round() const noexcept { return round_; }

  /// The Realm was loaded: a folding that was interrupted goes on.
  void loaded(const storage::realm_record& record);

  /// Behind the horizon lies so much that compaction should not wait for its time.
  [[nodiscard]] bool is_pressing(const storage::realm_record& record) const;
  /// Begins a round, unless one is under way that is not only waiting for laggards.
  void start();
  /// Gives a round up that is not folding yet.
  void abandon();
  /// The same after a failure: not at once again.
  void give_up(const storage::realm_record& record);

  /// A client file was attached: it may be below a horizon that is being prepared.
  void attached(sync::file_ident client);
  /// This file counts like one attached after the survey.
  void watch(sync::file_ident client) { watched_.insert(client); }

  // -- steps --------------------------------------------------------------------

  /// What was in memory is durable.
  void saved() { phase_ = phase::surveying; }
  /// The survey is there. True: entries up to its horizon are worth rewriting.
  bool surveyed(const client_survey& survey, const storage::realm_record& record);
  /// The outcome of rewriting.
  void rewritten(std::shared_ptr<const storage::rewriting> outcome);

  // -- entries ------------------------------------------------------------------

  /// Whether the next entry has something to do here, which nothing holds up.
  [[nodiscard]] bool has_work(const needs_below& needs) const;
  /// Adds the next step to an entry. `next`: the Realm's record as the entry leaves it. An
  /// error: stored history is damaged, or a part cannot be read.
  storage::result<void> contribute(storage::realm_entry_builder& entry, storage::realm_record& next,
                                   const storage::realm_store& store, const needs_below& needs);
  /// The entry is durable. True: with it the last part is in its place, and what was cached
  /// of history is stale.
  bool committed(const storage::realm_record& record);
  /// The entry failed; `record` is what is stored now.
  void failed(const storage::realm_record& record);
  /// After a failure: try again.
  void resume() noexcept { paused_ = false; }

  /// Bytes that the last finished round took away and nobody reclaimed yet; asks once.
  [[nodiscard]] std::uint64_t take_freed();

private:
  [[nodiscard]] bool is_held_up(const needs_below& needs) const;
  storage::result<void> publish(storage::realm_entry_builder& entry, storage::realm_record& next,
                                const storage::realm_store& store);

  history_limits limits_;
  phase phase_ = phase::resting;
  std::uint64_t round_ = 0;
  bool paused_ = false;                ///< after a failure, until resume()
  bool in_entry_ = false;              ///< the entry in flight holds a step
  std::uint64_t fruitless_ = 0;        ///< weight at which a round came to nothing
  std::set<sync::file_ident> watched_; ///< attached since the round began
  std::shared_ptr<const storage::rewriting> outcome_;
  std::uint64_t staged_ = 0; ///< parts
  std::uint64_t freed_ = 0;  ///< by this round
  std::uint64_t to_reclaim_ = 0;
};

} // namespace ros::actors
