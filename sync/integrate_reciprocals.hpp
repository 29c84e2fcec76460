// Reciprocal history (merge-rules.md 6): how each client sees the entries it had
// not integrated when it made what it uploaded since. Holds what changed and is
// not stored yet, and keeps parsed forms of the rest within a budget. Owned by
// the integrator.
#pragma once

#include "errors.hpp"
#include "history.hpp"
#include "history_cache.hpp"
#include "merge.hpp"
#include "types.hpp"

#include <cstddef>
#include <list>
#include <map>
#include <memory>
#include <unordered_map>
#include <vector>

namespace ros::sync {

/// Gives every String and Binary payload the token it would have if the
/// changeset were encoded and parsed again (changesets.md 7.3), and drops the
/// intern table if no instruction is left. So parsed forms can be kept without
/// rule P28 noticing.
void renew_tokens(changeset& changes) noexcept;

/// Not thread-safe.
class reciprocal_views {
public:
  reciprocal_views(const history_source& source, history_cache& history, std::size_t budget);

  /// A copy of `entry` as `client` sees it, to be merged; `changed` is false.
  result<merge_changeset> open(file_ident client, const window_entry& entry);

  /// `client` sees `version` like this from now on. Tokens are renewed here.
  void keep(file_ident client, version_type version, merge_changeset changes);
  /// `client` needs nothing up to `through` any more.
  void trim(file_ident client, version_type through);

  /// What was kept and trimmed since the last call.
  void take(std::vector<reciprocal_change>& changes, std::vector<reciprocal_trim>& trims);
  /// The source now holds everything taken.
  void committed();
  void discard();
  /// Forgets stored views, of the client not seen for longest first, until the
  /// budget is met.
  void shrink();
  /// From now on; forgets what exceeds it.
  void set_budget(std::size_t budget) {
    budget_ = budget;
    shrink();
  }

  [[nodiscard]] std::size_t memory_use() const noexcept { return used_; }

private:
  enum class storage { stored, taken, unsaved };
  struct view {
    std::shared_ptr<const merge_changeset> changes; ///< null: the same as in history
    storage where = storage::stored;
    std::size_t cost = 0;
  };
  struct client_views {
    std::map<version_type, view> by_version;
    version_type trimmed = 0;
    bool trim_unsaved = false;
    std::list<file_ident>::iterator use;
  };

  client_views& views_of(file_ident client);
  result<std::shared_ptr<const merge_changeset>> find(file_ident client, const window_entry& entry);
  result<std::shared_ptr<const merge_changeset>> load(file_ident client, const window_entry& entry);
  void put(client_views& views, version_type version, view seen);
  void forget_stored(client_views& views);

  const history_source& source_;
  history_cache& history_;
  std::size_t budget_;
  std::size_t used_ = 0;
  std::unordered_map<file_ident, client_views> clients_;
  std::list<file_ident> use_; ///< most recently used first
  std::vector<std::pair<file_ident, version_type>> unsaved_;
  std::vector<std::pair<file_ident, version_type>> taken_;
  std::vector<file_ident> unsaved_trims_;
};

} // namespace ros::sync
