// What an object state consists of; for its own sources and for object_reader.
#pragma once

#include "object_state.hpp"
#include "state_cache.hpp"
#include "state_schema.hpp"

namespace ros::sync {

struct object_state::impl {
  impl(const state_source& source, object_state_options chosen)
      : options(chosen), schema(source), cache(source, chosen.cache_bytes, chosen.before_images) {}

  object_state_options options;
  state_schema schema;
  object_cache cache;
};

} // namespace ros::sync
