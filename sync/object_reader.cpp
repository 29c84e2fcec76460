#include "object_reader.hpp"

#include "object_state_impl.hpp"
#include "state_read.hpp"

#include <algorithm>
#include <map>

namespace ros::sync {

namespace {

class_info describe_class(const state_schema& schema, const schema_class& info) {
  class_info out;
  out.name = info.name;
  out.kind = info.kind;
  out.key_field = info.key_field;
  out.key_type = info.key_type;
  out.key_nullable = info.key_nullable;
  for (const auto& [name, column] : info.columns) {
    column_info c;
    c.name = name;
    c.type = column.type;
    c.collection = column.collection;
    c.nullable = column.nullable;
    if (const auto* target = schema.find(column.target)) {
      c.target_class = target->name;
      c.embedded = target->kind == class_kind::embedded;
    }
    out.columns.push_back(std::move(c));
  }
  return out;
}

} // namespace

struct object_reader::impl {
  impl(const state_source& from, const object_cache* over, const state_schema* known)
      : source(&from), overlay(over), own_schema(from), schema(known) {}

  result<const schema_class*> find_class(std::string_view name);
  result<void> load_schema();
  result<shared<stored_row>> find_row(const std::string& row_key) const;
  value_reader values(piece_fetcher& pieces) {
    return {*schema, pieces, [this](const std::string& row) { return exists(row); }};
  }
  result<bool> exists(const std::string& row_key) const;

  const state_source* source;
  const object_cache* overlay;
  state_schema own_schema;
  const state_schema* schema; ///< null until loaded
};

result<void> object_reader::impl::load_schema() {
  if (schema == nullptr) {
    if (auto loaded = own_schema.load(); !loaded) {
      return loaded;
    }
    schema = &own_schema;
  }
  return {};
}

result<const schema_class*> object_reader::impl::find_class(std::string_view name) {
  if (auto loaded = load_schema(); !loaded) {
    return loaded.error();
  }
  const auto* info = schema->find(name);
  if (info == nullptr) {
    return error{ec::apply_failure, "there is no class \"" + std::string(name) + '"', 0};
  }
  return info;
}

result<shared<stored_row>> object_reader::impl::find_row(const std::string& row_key) const {
  return overlay != nullptr ? overlay->peek(row_key) : read_stored_row(*source, row_key);
}

result<bool> object_reader::impl::exists(const std::string& row_key) const {
  if (const auto* node = overlay != nullptr ? overlay->find_in_memory(row_key) : nullptr) {
    return node->exists();
  }
  auto row = source->get(state_column::objects, row_key);
  return row ? result<bool>(row->has_value()) : row.error();
}

object_reader::object_reader(const state_source& source)
    : impl_(std::make_unique<impl>(source, nullptr, nullptr)) {}

object_reader::object_reader(const object_state& state)
    : impl_(
          std::make_unique<impl>(state.get().cache.source(), &state.get().cache,
                                 state.get().schema.is_loaded() ? &state.get().schema : nullptr)) {}

object_reader::~object_reader() = default;
object_reader::object_reader(object_reader&&) noexcept = default;
object_reader& object_reader::operator=(object_reader&&) noexcept = default;

result<std::vector<class_info>> object_reader::classes() {
  if (auto loaded = impl_->load_schema(); !loaded) {
    return loaded.error();
  }
  std::vector<class_info> out;
  for (const auto& [name, info] : impl_->schema->classes()) {
    out.push_back(describe_class(*impl_->schema, *info));
  }
  return out;
}

result<std::optional<read_object>> object_reader::find(std::string_view class_name,
                                                       const primary_key& key, read_window window) {
  auto info = impl_->find_class(class_name);
  if (!info) {
    return info.error();
  }
  auto row_key = object_prefix((*info)->id);
  append_key(row_key, key);
  auto row = impl_->find_row(row_key);
  if (!row) {
    return row.error();
  }
  if (!*row || !(*row)->exists) {
    return std::optional<read_object>();
  }
  stored_pieces pieces(*impl_->source, row_key);
  auto object = impl_->values(pieces).object((*row)->body, **info, window);
  return object ? result<std::optional<read_object>>(std::move(*object)) : object.error();
}

result<void> object_reader::visit(std::string_view class_name, const primary_key* from,
                                  const visitor& visit, read_window window) {
  auto info = impl_->find_class(class_name);
  if (!info) {
    return info.error();
  }
  const auto prefix = object_prefix((*info)->id);
  auto start = prefix;
  if (from != nullptr) {
    append_key(start, *from);
  }
  result<void> outcome;
  const auto show = [&](std::string_view row_key, const stored_row& row) {
    auto key_bytes = key_of_row(row_key);
    const auto key = take_key(key_bytes);
    stored_pieces pieces(*impl_->source, row_key);
    auto object = key ? impl_->values(pieces).object(row.body, **info, window)
                      : error{ec::corrupt_store, "a stored key does not decode", 0};
    if (!object) {
      outcome = object.error();
      return false;
    }
    return visit(*key, *object);
  };
  return visit_rows(*impl_->source, impl_->overlay, prefix, start, show, outcome);
}

result<std::uint64_t> object_reader::next_server_key(std::string_view class_name) {
  auto info = impl_->find_class(class_name);
  if (!info) {
    return info.error();
  }
  return impl_->schema->next_server_key((*info)->id);
}

result<std::optional<read_object>> object_reader::read(const before_image& image) {
  auto info = impl_->find_class(image.table);
  if (!info) {
    return info.error();
  }
  if (!image.value) {
    return std::optional<read_object>();
  }
  const auto row = decode_row(*image.value);
  if (!row) {
    return error{ec::corrupt_store, "a before-image does not decode", 0};
  }
  image_pieces pieces(image);
  auto object = impl_->values(pieces).object(row->body, **info, {});
  return object ? result<std::optional<read_object>>(std::move(*object)) : object.error();
}

} // namespace ros::sync
