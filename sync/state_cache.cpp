#include "state_cache.hpp"

#include "state_codec.hpp"
#include "state_writer.hpp"

#include <algorithm>

namespace ros::sync {

namespace {

std::size_t node_bytes(const object_node& node) {
  // The constant stands for the hash table's node and the allocator's overhead.
  return sizeof(object_node) + 96 + node.row_key.size() + sizeof(stored_row) +
         footprint(node.row->body);
}

} // namespace

result<shared<stored_row>> read_stored_row(const state_source& source, const std::string& row_key) {
  auto row = source.get(state_column::objects, row_key);
  if (!row) {
    return row.error();
  }
  if (!*row) {
    return shared<stored_row>();
  }
  auto decoded = decode_row(**row);
  if (!decoded) {
    return error{ec::corrupt_store, "a stored object does not decode", 0};
  }
  return decoded;
}

result<object_node*> object_cache::find(const std::string& row_key) {
  if (const auto at = nodes_.find(row_key); at != nodes_.end()) {
    auto& node = at->second;
    if (node.is_linked()) {
      unlink_clean(node);
      node.is_new = false;
      link_clean(node);
    }
    return &node;
  }
  auto row = read_stored_row(*source_, row_key);
  if (!row) {
    return row.error();
  }
  if (!*row) {
    return nullptr;
  }
  trim();
  auto& node = make_node(row_key);
  node.row = std::move(*row);
  node.stored = true;
  resize(node, node_bytes(node));
  link_clean(node);
  return &node;
}

result<shared<stored_row>> object_cache::peek(const std::string& row_key) const {
  const auto* node = find_in_memory(row_key);
  return node != nullptr ? node->row : read_stored_row(*source_, row_key);
}

const object_node* object_cache::find_in_memory(const std::string& row_key) const {
  const auto at = nodes_.find(row_key);
  return at == nodes_.end() ? nullptr : &at->second;
}

object_node& object_cache::make_node(const std::string& row_key) {
  const auto at = nodes_.try_emplace(row_key).first;
  at->second.row_key = at->first;
  return at->second;
}

object_node& object_cache::add(const std::string& row_key) {
  auto& node = make_node(row_key);
  node.row = new stored_row;
  node.batch = batch_;
  node.is_new = true;
  undo_.push_back({&node, nullptr, 0, false, true});
  return node;
}

stored_row& object_cache::edit(object_node& node) {
  if (node.batch != batch_) {
    node.batch = batch_;
    undo_.push_back({&node, node.row, node.bytes, node.dirty, false});
  }
  if (!node.dirty) {
    node.dirty = true;
    dirty_.push_back(&node);
    if (node.is_linked()) {
      unlink_clean(node);
    }
    if (before_images_) {
      node.before = node.row;
    }
  }
  return own(node.row);
}

void object_cache::note_piece(object_node& node, read_piece read) {
  if (node.is_linked()) {
    list_of(node).bytes += read.content->footprint;
  }
  resize(node, node.bytes + read.content->footprint);
  if (node.before) {
    node.pieces_before.push_back(std::move(read));
  }
}

result<shared<piece>> node_pieces::read(piece_id id, collection_type kind) {
  auto content = piece_source::read(id, kind);
  if (content) {
    cache_->note_piece(*node_, {id, kind, *content});
  }
  return content;
}

result<void> object_cache::erase_table(table_id table) {
  const auto prefix = table_prefix(table);
  auto scanned = source_->scan(state_column::objects, prefix, prefix,
                               [this](std::string_view key, std::string_view) {
                                 erased_rows_.emplace_back(key);
                                 return true;
                               });
  if (!scanned) {
    return scanned;
  }
  // What is in flight may not be in the source yet.
  for (const auto* node : in_flight_) {
    if (!node->row_key.starts_with(prefix)) {
      continue;
    }
    erased_rows_.emplace_back(node->row_key);
    std::vector<piece_id> ids = node->row->removed;
    piece_source pieces(*source_, node->row_key);
    if (auto released = collection_editor(pieces, ids).release(node->row->body); !released) {
      return released;
    }
    for (const auto id : ids) {
      erased_rows_.push_back(piece_row(node->row_key, id));
    }
  }
  erased_tables_.push_back(table);
  return {};
}

// -- batches --------------------------------------------------------------------

void object_cache::begin_batch() {
  ++batch_;
  undo_.clear();
  dirty_before_batch_ = dirty_.size();
  erased_rows_before_batch_ = erased_rows_.size();
}

void object_cache::keep_batch() {
  undo_.clear();
  forget_erased_tables();
  trim();
}

void object_cache::drop_batch() {
  dirty_.resize(dirty_before_batch_);
  erased_rows_.resize(erased_rows_before_batch_);
  erased_tables_.clear();
  while (!undo_.empty()) {
    auto step = std::move(undo_.back());
    undo_.pop_back();
    auto& node = *step.node;
    node.dirty = step.dirty;
    node.batch = 0;
    if (!node.dirty) {
      node.before = nullptr;
      node.pieces_before.clear();
    }
    if (step.added) {
      remove(node);
      continue;
    }
    node.row = std::move(step.row);
    resize(node, step.bytes);
    settle(node);
  }
  trim();
}

void object_cache::forget_erased_tables() {
  if (erased_tables_.empty()) {
    return;
  }
  const auto erased = [this](const object_node* node) {
    const auto table = table_of_row(node->row_key);
    return std::find(erased_tables_.begin(), erased_tables_.end(), table) != erased_tables_.end();
  };
  std::erase_if(dirty_, erased);
  std::erase_if(in_flight_, erased);
  for (auto at = nodes_.begin(); at != nodes_.end();) {
    auto& node = (at++)->second;
    if (erased(&node)) {
      remove(node);
    }
  }
  erased_tables_.clear();
}

// -- writing ----------------------------------------------------------------------

void object_cache::take(std::vector<state_mutation>& out) {
  for (auto& key : erased_rows_) {
    out.push_back({state_column::objects, std::move(key), std::nullopt});
  }
  erased_rows_.clear();
  for (auto* node : dirty_) {
    note_image(*node);
    write_row(node->row_key, *node->row, node->stored, out);
    node->stored = node->exists();
    node->dirty = false;
    if (!node->in_flight) {
      node->in_flight = true;
      in_flight_.push_back(node);
    }
    resize(*node, node_bytes(*node));
  }
  dirty_.clear();
}

void object_cache::committed() {
  for (auto* node : in_flight_) {
    node->in_flight = false;
    settle(*node);
  }
  in_flight_.clear();
  trim();
}

void object_cache::discard() {
  undo_.clear();
  dirty_.clear();
  in_flight_.clear();
  erased_rows_.clear();
  erased_tables_.clear();
  images_.clear();
  used_.nodes.clear();
  new_.nodes.clear();
  nodes_.clear();
  used_.bytes = new_.bytes = total_bytes_ = 0;
}

// -- memory -----------------------------------------------------------------------

void object_cache::resize(object_node& node, std::size_t bytes) {
  total_bytes_ += bytes - node.bytes;
  node.bytes = bytes;
}

void object_cache::link_clean(object_node& node) {
  auto& list = list_of(node);
  list.nodes.push_front(node);
  list.bytes += node.bytes;
}

void object_cache::unlink_clean(object_node& node) {
  auto& list = list_of(node);
  list.nodes.erase(list.nodes.iterator_to(node));
  list.bytes -= node.bytes;
}

void object_cache::settle(object_node& node) {
  if (node.dirty || node.in_flight || node.is_linked()) {
    return;
  }
  if (node.exists()) {
    link_clean(node);
  } else {
    remove(node);
  }
}

void object_cache::remove(object_node& node) {
  if (node.is_linked()) {
    unlink_clean(node);
  }
  total_bytes_ -= node.bytes;
  nodes_.erase(nodes_.find(node.row_key));
}

void object_cache::trim() {
  while (new_.bytes > cache_bytes_ / 8) {
    remove(new_.nodes.back());
  }
  while (used_.bytes + new_.bytes > cache_bytes_) {
    remove((used_.nodes.empty() ? new_ : used_).nodes.back());
  }
}

// -- before-images ------------------------------------------------------------------

void object_cache::note_image(object_node& node) {
  if (node.before) {
    images_.push_back(make_before_image(node));
    node.before = nullptr;
    node.pieces_before.clear();
  }
}

std::vector<before_image> object_cache::take_before_images() {
  for (auto* node : dirty_) {
    note_image(*node);
  }
  return std::exchange(images_, {});
}

void object_cache::visit_overlay(std::string_view prefix,
                                 const std::function<void(const object_node&)>& visit) const {
  const auto matching = [&](const object_node* node) {
    if (node->row_key.starts_with(prefix)) {
      visit(*node);
    }
  };
  std::for_each(in_flight_.begin(), in_flight_.end(), matching);
  std::for_each(dirty_.begin(), dirty_.end(), [&](const object_node* node) {
    if (!node->in_flight) {
      matching(node);
    }
  });
}

} // namespace ros::sync
