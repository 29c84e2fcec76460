// One Realm's share of the database: the reading side that sync/ asks for, and
// the builder of its log entries. Keys begin with shard and Realm id.
#pragma once

#include "database.hpp"
#include "realm_record.hpp"
#include "sync/client_file.hpp"
#include "sync/history.hpp"
#include "sync/integrate.hpp"
#include "sync/state_store.hpp"

#include <functional>
#include <optional>
#include <string>

namespace ros::storage {

/// Reads the committed state of one Realm. Any thread; head() is what refresh() read last.
class realm_store final : public sync::history_source, public sync::state_source {
public:
  realm_store(const database& db, std::uint32_t shard, std::uint64_t realm_id,
              read_mode mode = read_mode::cached);
  ~realm_store() override;

  /// Reads the Realm's record again: after opening, after every committed entry and
  /// after a failed one. A Realm never written to has a default record.
  result<realm_record> refresh();
  [[nodiscard]] const realm_record& record() const noexcept;

  result<std::optional<sync::client_file>> client_file(sync::file_ident ident) const;
  /// Visits all client files in order of ident until `visit` returns false.
  result<void> visit_client_files(
      const std::function<bool(sync::file_ident, const sync::client_file&)>& visit) const;

  /// Whether anything is stored of history as this client sees it.
  result<bool> has_reciprocals(sync::file_ident client) const;
  /// A part of a rewriting that was staged (realm_entry_builder::stage).
  result<sync::bytes> staged_part(std::uint64_t number) const;

  // -- sync::history_source ---------------------------------------------------
  sync::version_type head() const override;
  sync::result<sync::history_entry> read(sync::version_type version) const override;
  sync::result<void>
  visit(sync::version_type first, sync::version_type last, bool with_data,
        const std::function<bool(const sync::history_entry&)>& visit) const override;
  std::optional<sync::bytes> block_summary(std::uint64_t block) const override;
  sync::result<std::uint64_t> size_behind(sync::version_type version) const override;
  sync::result<std::optional<sync::bytes>> reciprocal(sync::file_ident client,
                                                      sync::version_type version) const override;
  // -- sync::state_source -----------------------------------------------------
  sync::result<std::optional<std::string>> get(sync::state_column column,
                                               std::string_view key) const override;
  sync::result<void> scan(sync::state_column column, std::string_view prefix, std::string_view from,
                          const std::function<bool(std::string_view key, std::string_view value)>&
                              visit) const override;

private:
  struct impl;
  sync::result<std::uint64_t> compacted_size_up_to(sync::version_type version) const;

  std::unique_ptr<impl> impl_;
};

/// Collects what one log entry of a Realm writes.
class realm_entry_builder {
public:
  realm_entry_builder(std::uint32_t shard, std::uint64_t realm_id);
  ~realm_entry_builder();

  /// History, block summaries, reciprocals and trims, state, before-images.
  void add(const sync::integrated& changes);
  void put_client_file(sync::file_ident ident, const sync::client_file& file);
  /// Deletes every reciprocal of a client.
  void erase_reciprocals(sync::file_ident client);

  // -- compaction (docs/storage.md, "Bounded history") --------------------------

  /// Puts a part of a rewriting aside, 1 .. ; part 1 takes the place of whatever was there.
  void stage(std::uint64_t number, std::string_view part);
  /// Puts a staged part where it belongs, and nothing stays aside of it. False: the part is
  /// damaged, and the entry must not be used.
  [[nodiscard]] bool fold(std::uint64_t number, std::string_view part);

  /// `record.sequence` becomes the entry's sequence. Call once.
  log_entry finish(const realm_record& record);
  /// Bytes collected so far.
  [[nodiscard]] std::size_t size() const;

private:
  struct impl;
  std::unique_ptr<impl> impl_;
};

} // namespace ros::storage
