// The objects an object state has in memory: what was changed and is not
// committed (the overlay), and decoded objects that equal their rows (a bounded
// least-recently-used cache). Internal to the object state.
#pragma once

#include "before_image.hpp"
#include "errors.hpp"
#include "state_collection.hpp"
#include "state_store.hpp"
#include "state_value.hpp"

#include <boost/intrusive/list.hpp>

#include <cstddef>
#include <cstdint>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace ros::sync {

struct read_piece {
  piece_id id = 0;
  collection_type kind = collection_type::list;
  shared<piece> content;
};

/// One top-level object. While `dirty` or `in_flight` it belongs to the overlay.
struct object_node : boost::intrusive::list_base_hook<> {
  std::string_view row_key;
  shared<stored_row> row;
  shared<stored_row> before; ///< at the last take(), if before-images are wanted and it is dirty
  std::vector<read_piece> pieces_before; ///< read since then: what changing them may replace
  std::size_t bytes = 0;                 ///< of memory, approximately
  std::uint64_t batch = 0;               ///< the last batch that changed it
  bool dirty = false;                    ///< changed since the last take()
  bool in_flight = false;                ///< taken and not yet committed
  bool stored = false; ///< the source has a row, or will have when it is committed
  bool is_new = false; ///< made here and not asked for since it was committed

  [[nodiscard]] bool exists() const noexcept { return row->exists; }
};

/// Reads and decodes a row; null if there is none.
result<shared<stored_row>> read_stored_row(const state_source& source, const std::string& row_key);

class object_cache {
public:
  object_cache(const state_source& source, std::size_t cache_bytes, bool before_images)
      : source_(&source), cache_bytes_(cache_bytes), before_images_(before_images) {}

  /// The object, or the memory that it was erased; null if neither the overlay nor
  /// the source knows it. The node is valid until the next call of find() or the end
  /// of the batch; nodes of the overlay until they are committed.
  result<object_node*> find(const std::string& row_key);
  /// As find, but does not keep what it reads.
  result<shared<stored_row>> peek(const std::string& row_key) const;
  [[nodiscard]] const object_node* find_in_memory(const std::string& row_key) const;
  /// A node for an object that find() does not know.
  object_node& add(const std::string& row_key);
  /// The row, to be changed in this batch.
  stored_row& edit(object_node& node);
  /// `content` was read for the node.
  void note_piece(object_node& node, read_piece read);

  /// The keys of all rows of a table, in the source and in the overlay: they go with the
  /// next mutations, its nodes with the end of the batch.
  result<void> erase_table(table_id table);

  void begin_batch();
  void keep_batch();
  void drop_batch();

  /// Appends the writes of everything dirty.
  void take(std::vector<state_mutation>& out);
  void committed();
  void discard();

  /// The images of what became dirty since the last call, as make_before_image leaves them.
  std::vector<before_image> take_before_images();

  /// For clean objects, from now on; forgets what exceeds it. Not within a batch.
  void set_budget(std::size_t cache_bytes) {
    cache_bytes_ = cache_bytes;
    trim();
  }
  [[nodiscard]] std::size_t memory_use() const noexcept { return total_bytes_; }
  [[nodiscard]] const state_source& source() const noexcept { return *source_; }
  /// Visits overlay nodes with this prefix, in no order.
  void visit_overlay(std::string_view prefix,
                     const std::function<void(const object_node&)>& visit) const;

private:
  struct hasher {
    using is_transparent = void;
    std::size_t operator()(std::string_view text) const noexcept {
      return std::hash<std::string_view>()(text);
    }
  };
  struct undo_step {
    object_node* node;
    shared<stored_row> row;
    std::size_t bytes;
    bool dirty;
    bool added; ///< the node did not exist
  };

  object_node& make_node(const std::string& row_key);
  void resize(object_node& node, std::size_t bytes);
  void link_clean(object_node& node);
  void unlink_clean(object_node& node);
  /// Where a node goes that is neither dirty nor in flight: cache or nowhere.
  void settle(object_node& node);
  void remove(object_node& node);
  /// Evicts clean nodes until they fit.
  void trim();
  void note_image(object_node& node);
  void forget_erased_tables();

  const state_source* source_;
  std::size_t cache_bytes_;
  bool before_images_;

  std::unordered_map<std::string, object_node, hasher, std::equal_to<>> nodes_;
  // Clean objects, most recently used first. Most that are created are not asked for
  // again: they get an eighth of the room, so that they leave while the processor still
  // has them at hand, and do not push out what is used.
  struct clean_list {
    boost::intrusive::list<object_node> nodes;
    std::size_t bytes = 0;
  };
  clean_list& list_of(const object_node& node) { return node.is_new ? new_ : used_; }
  clean_list used_;
  clean_list new_;
  std::size_t total_bytes_ = 0;

  std::vector<object_node*> dirty_;
  std::vector<object_node*> in_flight_;
  std::vector<std::string> erased_rows_; ///< of erased tables, to be deleted with the next take
  std::vector<before_image> images_;

  std::uint64_t batch_ = 0;
  std::vector<undo_step> undo_;
  std::vector<table_id> erased_tables_; ///< in this batch
  std::size_t dirty_before_batch_ = 0;
  std::size_t erased_rows_before_batch_ = 0;
};

/// Reads pieces of a node, which remembers them.
class node_pieces final : public piece_source {
public:
  node_pieces(object_cache& cache, object_node& node)
      : piece_source(cache.source(), node.row_key), cache_(&cache), node_(&node) {}
  result<shared<piece>> read(piece_id id, collection_type kind) override;

private:
  object_cache* cache_;
  object_node* node_;
};

} // namespace ros::sync
