#include "history_rewriter.hpp"

#include "database_impl.hpp"
#include "keys.hpp"
#include "records.hpp"

#include "sync/summary.hpp"

#include <deque>
#include <optional>
#include <utility>
#include <vector>

namespace ros::storage {
namespace {

/// Rows read at a time: no cursor is held between.
constexpr std::size_t page_rows = 1024;
/// Neighbouring entries that are deleted as a range rather than one by one.
constexpr std::uint64_t least_range = 32;

constexpr std::uint64_t block_of(sync::version_type version) {
  return (version - 1) / sync::summary_block_length;
}

error damaged(sync::version_type version) {
  return {ec::corrupt, "the stored version " + std::to_string(version) + " is missing or damaged"};
}

/// The stored rows of `history`, one after the other.
class row_walk {
public:
  row_walk(const database::impl& db, std::string prefix, sync::version_type gaps_until,
           sync::version_type last)
      : db_(db), prefix_(std::move(prefix)), gaps_until_(gaps_until), last_(last) {}

  /// The next row, or nothing behind the last one.
  result<std::optional<history_row>> next() {
    if (page_.empty() && !finished_)
      if (auto read = read_page(); !read)
        return read.error();
    if (page_.empty())
      return std::optional<history_row>{};
    auto row = std::move(page_.front());
    page_.pop_front();
    return std::optional{std::move(row)};
  }

private:
  result<void> read_page() {
    const auto end = numbered_key(prefix_, last_ + 1);
    const rocksdb::Slice bound{end};
    auto cursor = db_.rows(family::history, bound, read_mode::bulk);
    if (!cursor)
      return cursor.error();
    auto& rows = *cursor;
    for (rows->Seek(numbered_key(prefix_, from_)); rows->Valid() && page_.size() < page_rows;
         rows->Next()) {
      const auto version = number_behind(rows->key().ToStringView(), realm_prefix_size);
      auto row = decode_history(version, rows->value().ToStringView());
      if (!row || is_missing(version))
        return damaged(row ? from_ : version);
      page_.push_back(std::move(*row));
      from_ = version + 1;
    }
    if (!rows->status().ok())
      return to_error(rows->status(), "cannot read history");
    finished_ = page_.size() < page_rows;
    if (finished_ && is_missing(last_ + 1))
      return damaged(from_);
    return {};
  }
  /// Whether there should have been rows from `from_` on and before `version`.
  [[nodiscard]] bool is_missing(sync::version_type version) const {
    return from_ < version && version - 1 > gaps_until_;
  }

  const database::impl& db_;
  std::string prefix_;
  sync::version_type gaps_until_;
  sync::version_type last_;
  sync::version_type from_ = 1;
  bool finished_ = false;
  std::deque<history_row> page_;
};

} // namespace

struct history_rewriter::impl {
  impl(const database& database, std::uint32_t shard, std::uint64_t realm_id,
       const realm_record& record, sync::version_type horizon, std::size_t part_bytes)
      : prefix(realm_prefix(shard, realm_id)), old_horizon(record.horizon), part_bytes(part_bytes),
        rows(database.get(), prefix, record.horizon, horizon),
        out{.horizon = horizon, .parts = part_list{database.get().root.path() + "/tmp"}} {}

  /// Goes through the rows below `version`, which stay as they are.
  result<void> keep_until(sync::version_type version) {
    for (;;) {
      if (!ahead) {
        auto next = rows.next();
        if (!next)
          return next.error();
        if (!*next)
          return {};
        ahead = std::move(**next);
        out.bytes_before += ahead->data_size;
      }
      if (ahead->entry.version >= version)
        return {};
      auto row = std::move(*std::exchange(ahead, std::nullopt));
      if (row.data_size == 0 && row.entry.version != out.horizon)
        erase(row);
      else
        stay(row.entry.version, row.entry.summary, row.data_size);
      if (auto cut = cut_part(); !cut)
        return cut;
    }
  }

  void stay(sync::version_type version, const sync::bytes& summary, std::uint64_t size) {
    end_run();
    enter_block(block_of(version));
    out.bytes += size;
    out.weight += size + summary.size() + history_row_weight;
    if (!summary.empty())
      summaries.push_back(summary);
  }

  void change(history_row& row, const sync::bytes& data, const sync::bytes& summary) {
    auto& entry = row.entry;
    stay(entry.version, summary, data.size());
    block_changed = sizes_changed = true;
    ++out.changed_entries;
    entry.data = data;
    entry.summary = summary;
    const auto key = numbered_key(prefix, entry.version);
    batch.put(family::history, key, encode_history(entry));
    if (!data.empty())
      batch.put(family::changesets, key, encode_blob(data.view()));
    else if (row.data_size != 0)
      batch.erase(family::changesets, key);
  }

  void erase(const history_row& row) {
    enter_block(block_of(row.entry.version));
    block_changed = block_changed || row.data_size != 0;
    sizes_changed = sizes_changed || row.data_size != 0;
    ++out.deleted_entries;
    run.push_back({row.entry.version, row.data_size != 0});
    if (run.size() > least_range) { // only its ends matter
      run.back().has_data = true;
      run.erase(run.end() - 2);
      ++run_cut;
    }
  }

  /// Writes the deletions that stand at the end of what was gone through.
  void end_run() {
    if (run_cut > 0) {
      const auto first = numbered_key(prefix, run.front().version),
                 last = numbered_key(prefix, run.back().version + 1);
      batch.erase_range(family::history, first, last);
      batch.erase_range(family::changesets, first, last);
    } else {
      for (const auto& x : run) {
        batch.erase(family::history, numbered_key(prefix, x.version));
        if (x.has_data)
          batch.erase(family::changesets, numbered_key(prefix, x.version));
      }
    }
    run.clear();
    run_cut = 0;
  }

  /// Closes the blocks before `next`: each is complete and below the horizon.
  void enter_block(std::uint64_t next) {
    for (; block < next; ++block) {
      if (sizes_changed || block >= old_horizon / sync::summary_block_length)
        batch.put(family::block_summaries, block_size_key(prefix, block),
                  encode_block_size(out.bytes));
      if (block_changed) {
        std::vector<std::string_view> views;
        for (const auto& x : summaries)
          views.push_back(x.view());
        batch.put(family::block_summaries, numbered_key(prefix, block),
                  encode_blob(sync::merge_summaries(views)));
      }
      summaries.clear();
      block_changed = false;
    }
  }

  result<void> cut_part(bool last = false) {
    if (batch.size() < part_bytes && !last)
      return {};
    if (batch.empty())
      return {};
    return out.parts.append(batch.take().view());
  }

  struct deletion {
    sync::version_type version = 0;
    bool has_data = false;
  };

  std::string prefix;
  sync::version_type old_horizon;
  std::size_t part_bytes;
  row_walk rows;
  std::optional<history_row> ahead; ///< read and not gone through yet
  batch_writer batch;
  rewriting out;

  std::uint64_t block = 0;            ///< that is being gone through
  bool sizes_changed = false;         ///< somewhere up to here
  bool block_changed = false;         ///< in this block
  std::vector<sync::bytes> summaries; ///< of this block, as they will be

  std::vector<deletion> run; ///< neighbours to be deleted
  std::uint64_t run_cut = 0; ///< left out of the middle of `run`
};

history_rewriter::history_rewriter(const database& db, std::uint32_t shard, std::uint64_t realm_id,
                                   const realm_record& record, sync::version_type horizon,
                                   std::size_t part_bytes)
    : impl_(std::make_unique<impl>(db, shard, realm_id, record, horizon, part_bytes)) {}

history_rewriter::~history_rewriter() = default;

result<void> history_rewriter::rewrite(sync::version_type version, const sync::bytes& data,
                                       const sync::bytes& summary) {
  auto& x = *impl_;
  if (auto kept = x.keep_until(version); !kept)
    return kept;
  if (!x.ahead || x.ahead->entry.version != version)
    return damaged(version);
  auto row = std::move(*std::exchange(x.ahead, std::nullopt));
  // The entry at the horizon keeps its salt: a client may name it as its latest.
  if (data.empty() && version != x.out.horizon)
    x.erase(row);
  else
    x.change(row, data, summary);
  return x.cut_part();
}

result<rewriting> history_rewriter::finish() {
  auto& x = *impl_;
  if (auto kept = x.keep_until(x.out.horizon + 1); !kept)
    return kept.error();
  x.end_run();
  x.enter_block(x.out.horizon / sync::summary_block_length);
  if (auto cut = x.cut_part(true); !cut)
    return cut.error();
  return std::move(x.out);
}

} // namespace ros::storage
