#include "object_state.hpp"

#include "object_state_impl.hpp"
#include "state_apply.hpp"

namespace ros::sync {

object_state::object_state(const state_source& source, object_state_options options)
    : impl_(std::make_unique<impl>(source, options)) {}

object_state::~object_state() = default;

void object_state::begin_batch() {
  impl_->cache.begin_batch();
}

void object_state::keep_batch() {
  impl_->schema.keep_batch();
  impl_->cache.keep_batch();
}

void object_state::drop_batch() {
  impl_->schema.drop_batch();
  impl_->cache.drop_batch();
}

result<void> object_state::apply(const changeset& changes) {
  if (auto loaded = impl_->schema.load(); !loaded) {
    return loaded;
  }
  return changeset_applier(impl_->schema, impl_->cache,
                           impl_->options.allow_destructive_schema_changes, changes)
      .run();
}

std::vector<state_mutation> object_state::take_mutations() {
  std::vector<state_mutation> out;
  impl_->schema.take(out);
  impl_->cache.take(out);
  return out;
}

bytes object_state::take_before_images() {
  std::vector<before_image> images;
  for (auto& image : impl_->cache.take_before_images()) {
    const auto* info = impl_->schema.find(table_of_row(image.key));
    if (info != nullptr) {
      image.table = info->name;
      image.key = key_of_row(image.key);
      images.push_back(std::move(image));
    }
  }
  return encode_before_images(images);
}

void object_state::committed() {
  impl_->cache.committed();
}

void object_state::discard() {
  impl_->schema.discard();
  impl_->cache.discard();
}

void object_state::set_cache_bytes(std::size_t cache_bytes) {
  impl_->cache.set_budget(cache_bytes);
}

std::size_t object_state::memory_use() const {
  return impl_->cache.memory_use();
}

} // namespace ros::sync
