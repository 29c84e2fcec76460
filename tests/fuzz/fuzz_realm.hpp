// The Realm that fuzzed changesets are applied to.
#pragma once

#include "support/changeset_builder.hpp"

#include <cstdint>

namespace ros::test {

/// Class T with key 1 and a Mixed f, as in most of the golden changesets, and others
/// whose fields have every type.
inline sync::changeset fuzz_realm() {
  using sync::collection_type;
  using sync::value_type;
  changeset_builder b;
  b.add_table("T").add_table("U", value_type::string).add_embedded("E");
  b.add_column("T", "f", value_type::null);
  b.add_column("T", "g", value_type::null, {.collection = collection_type::list});
  b.add_column("T", "e", value_type::link, {.target = "E"});
  b.add_column("U", "f", value_type::integer, {.collection = collection_type::list});
  b.add_column("U", "g", value_type::link, {.collection = collection_type::list, .target = "E"});
  b.add_column("U", "d", value_type::string,
               {.collection = collection_type::dictionary, .nullable = true});
  b.add_column("U", "s", value_type::null, {.collection = collection_type::set});
  b.add_column("E", "f", value_type::null);
  b.create("T", 1).create("U", "a").update("T", 1, {"f"}, new_list());
  for (std::uint32_t i = 0; i < 300; ++i) {
    b.insert("T", 1, {"f", i}, integer(i), i);
  }
  return b.take();
}

} // namespace ros::test
