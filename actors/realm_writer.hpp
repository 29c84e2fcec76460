// The single writer of one Realm, without the actor around it: client files,
// waiting uploads, and log entries from forming to commit or failure. The REALM
// actor owns one and carries its messages (architecture.md 3).
#pragma once

#include "cache_pool.hpp"
#include "history_upkeep.hpp"
#include "messages.hpp"
#include "realm_data.hpp"

#include "storage/realm_store.hpp"
#include "sync/client_file.hpp"
#include "sync/integrate.hpp"

#include <cstddef>
#include <cstdint>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

namespace ros::runtime {
class clock;
class random_source;
} // namespace ros::runtime

namespace ros::actors {

/// Which Realm it is.
struct realm_identity {
  std::string path; ///< canonical
  std::uint64_t realm_id = 0;
  std::uint32_t shard = 0;
};

struct realm_limits {
  std::size_t slice_bytes = 1u << 20;   ///< changesets integrated for one entry, about
  std::int64_t slice_us = 20'000;       ///< CPU time spent on one entry, about
  std::size_t queue_bytes = 256u << 20; ///< waiting uploads; beyond: error 100
  std::size_t away_bytes = 0;           ///< bigger uploads are integrated away (is_away); 0: none
  sync::integration_options integration;
  std::shared_ptr<cache_pool> caches; ///< shared with other Realms; null: none but `integration`
  history_limits history;
};

/// An upload or cursor update waiting for its entry.
struct waiting_upload {
  sync::upload_batch batch;
  int protocol_version = 14;
  std::shared_ptr<const void> receipt; ///< see integrate_upload
};

/// A client file whose upload was refused; everything else of it was dropped too.
struct refused_upload {
  sync::file_ident client = 0;
  session_failure failure;
};

/// A transaction of the server itself that was carried out or refused.
struct finished_transaction {
  std::uint64_t number = 0; ///< see realm_writer::enqueue
  sync::result<transacted> outcome;
};

/// What one step of forming an entry came to.
struct formed {
  std::optional<storage::log_entry> entry; ///< nothing to make durable if absent
  std::vector<refused_upload> refused;
  /// To be told once the entry is durable; at once if there is none.
  std::vector<finished_transaction> transactions;
};

/// Why a client's IDENT was refused (sync-protocol.md 3.4).
using attach_result = boost::system::result<session_attached, session_failure>;

class realm_writer {
public:
  realm_writer(const storage::database& db, realm_identity identity, runtime::clock& clock,
               runtime::random_source& random, realm_limits limits);

  /// Reads the durable state. Call once, before anything else.
  storage::result<void> load();

  [[nodiscard]] const realm_identity& identity() const noexcept { return identity_; }
  [[nodiscard]] sync::salted_version head() const { return store_.record().head; }
  [[nodiscard]] std::uint32_t feature_level() const { return store_.record().feature_level; }

  // -- client files -------------------------------------------------------------

  /// Reserves a fresh client file; it may be told once the next entry is durable.
  sync::salted_file_ident allocate(std::string user_id);

  /// The checks of sync-protocol.md 3.4 that need the Realm, in their order, against
  /// the durable state. Must not be called while an entry is in flight or uploads of
  /// this client wait.
  attach_result attach(const attach_session& request);

  /// Stored history is being rewritten that this client would need: attach it later.
  [[nodiscard]] bool must_wait(const attach_session& request) const;

  /// Client version up to which changes of the file are integrated; 0 if there is no
  /// such file.
  sync::version_type client_version(sync::salted_file_ident file);

  /// The client's session ended; its file may leave memory.
  void detach(sync::file_ident client);

  // -- uploads ------------------------------------------------------------------

  /// False: the queue is full (error 100), nothing was taken.
  [[nodiscard]] bool enqueue(waiting_upload upload);
  /// Forgets what a client has waiting.
  void drop_waiting(sync::file_ident client);
  /// Uploads of this client wait for form_entry(): its cursors are about to change.
  [[nodiscard]] bool has_waiting(sync::file_ident client) const;
  /// Something waits for form_entry().
  [[nodiscard]] bool has_work();
  /// Progress that no entry covers yet.
  [[nodiscard]] bool has_unsaved_cursors() const noexcept { return !dirty_.empty(); }
  /// A client file became live and only memory knows.
  [[nodiscard]] bool has_unsaved_life() const noexcept { return unsaved_life_; }

  /// Integrates a slice of what waits. Without entry there was nothing that has to be
  /// durable now, or an upload takes longer than a slice and goes on with the next call.
  /// `save_cursors`: make an entry for unsaved cursors alone, too.
  formed form_entry(bool save_cursors = false);

  /// The entry is durable; what to tell the sessions (null if there is no new version).
  storage::result<std::shared_ptr<const publication>> committed();

  /// The entry failed: forgets it and goes back to the durable state. Answers with the
  /// client files whose uploads are lost with it: their sessions must start again.
  storage::result<std::vector<sync::file_ident>> failed();

  /// The next upload is a big one and has begun: now integrate_away() is to run, on any
  /// thread, and until it has returned neither form_entry() nor committed() nor failed().
  /// Everything else goes on meanwhile.
  [[nodiscard]] bool is_away() const noexcept { return away_ && !away_->outcome; }
  void integrate_away();

  // -- the server's own access (realm_writer_data.cpp) ----------------------------

  /// Puts a transaction of the server itself behind what waits; its number. Nothing if too
  /// many wait.
  [[nodiscard]] std::optional<std::uint64_t> enqueue(transact request);
  /// Not while an entry is in flight: the store may be half written then.
  sync::result<objects_read> read(const read_objects& request);
  sync::result<realm_schema> schema();
  /// What changed behind a version; without changes if nothing did.
  sync::result<realm_changes> changes_behind(sync::version_type from);

  // -- bounded history (history_upkeep.hpp) --------------------------------------

  [[nodiscard]] history_upkeep& upkeep() noexcept { return upkeep_; }
  [[nodiscard]] const storage::realm_record& record() const noexcept { return store_.record(); }
  /// Begins a round; whoever is bound has been seen now.
  void start_upkeep();
  /// Client files last seen before this, in Unix milliseconds, have been away for too long.
  [[nodiscard]] std::int64_t expiry_limit() const;
  /// Lets files expire that are away as the survey says. True: rewriting up to its horizon
  /// is worth while.
  bool surveyed(const client_survey& survey);

  // -- downloads ----------------------------------------------------------------

  sync::result<download_chunk> read(const read_download& request);

  /// Caches keep no more than the Realm's present share. Called after every entry, and
  /// now and then where there are none.
  void fit_caches();
  [[nodiscard]] std::size_t memory_use() const;

  /// What the store failed with in any call so far: damage (protocol code 0), or it cannot
  /// be read now (201). The Realm must not go on then, nor tell what was answered since.
  [[nodiscard]] const std::optional<sync::error>& trouble() const noexcept { return trouble_; }

private:
  sync::client_file* find_file(sync::file_ident ident);
  const sync::error& note(const sync::error& e);
  void integrate_slice(formed& out);
  void begin_next();
  [[nodiscard]] bool integrate_some(formed& out, std::int64_t deadline);
  [[nodiscard]] sync::result<bool> integrate_here_or_away(sync::client_file& file,
                                                          std::int64_t deadline);
  void make_entry(formed& out);
  void carry_out_transactions(formed& out);
  sync::result<transacted> carry_out(const transact& request);
  std::optional<realm_change> describe(const sync::history_entry& entry);

  /// What was integrated since the last entry, and the entry begun with it.
  struct collected {
    sync::integrated changes;
    std::unique_ptr<storage::realm_entry_builder> entry;
  };
  [[nodiscard]] collected collect();
  /// A big upload on another thread.
  struct away {
    sync::client_file file; ///< of its client: here it may be changed meanwhile
    std::optional<sync::result<bool>> outcome = {};
    std::optional<collected> changes = {};
  };
  void erase_superfluous(storage::realm_entry_builder& entry);

  realm_identity identity_;
  runtime::clock& clock_;
  runtime::random_source& random_;
  realm_limits limits_;
  storage::realm_store store_;
  std::unique_ptr<sync::integrator> integrator_;
  cache_pool::membership membership_;
  cache_share share_;          ///< what the integrator was told last
  storage::realm_record next_; ///< the record as the entry in flight leaves it

  void shrink_files();
  [[nodiscard]] history_upkeep::needs_below needs_below();

  std::map<sync::file_ident, sync::client_file> files_; ///< bound, dirty or lately used
  std::set<sync::file_ident> bound_;
  std::set<sync::file_ident> dirty_;      ///< differ from storage
  std::set<sync::file_ident> unreported_; ///< with progress that no version covers yet
  std::set<sync::file_ident> allocated_;  ///< new, for the next entry
  std::set<sync::file_ident> uploaded_;   ///< have changesets in the overlay
  std::set<sync::file_ident> in_entry_;   ///< stored by the entry in flight
  std::set<sync::file_ident> allocated_in_entry_;
  std::deque<waiting_upload> queue_;
  std::optional<waiting_upload> current_; ///< begun and not integrated yet
  std::optional<away> away_;              ///< where `current_` is, or what came back of it
  sync::version_type head_before_current_ = 0;
  std::size_t queue_bytes_ = 0;
  std::deque<std::pair<std::uint64_t, transact>> transactions_; ///< by number
  std::uint64_t last_transaction_ = 0;
  std::size_t waiting_operations_ = 0;
  std::shared_ptr<publication> pending_; ///< of the entry in flight
  history_upkeep upkeep_;
  bool unsaved_life_ = false;
  bool save_wanted_ = false;                  ///< client files expired: with the next entry
  std::vector<sync::file_ident> superfluous_; ///< whose reciprocals the next entry deletes
  std::optional<sync::error> trouble_;        ///< the first one
};

} // namespace ros::actors
