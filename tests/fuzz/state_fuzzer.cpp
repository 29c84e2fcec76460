// Any bytes that parse as a changeset are applied to a Realm or refused as a value
// error; a refused one leaves nothing behind, and no row outlives its class.
#include "support/changeset_builder.hpp"
#include "support/memory_state.hpp"
#include "sync/changeset_codec.hpp"
#include "sync/object_reader.hpp"
#include "sync/object_state.hpp"

#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>
#include <utility>

namespace {

using namespace ros;

void require(bool holds) {
  if (!holds) {
    std::abort();
  }
}

/// Class T with key 1 and a Mixed f, as in most of the golden changesets, and others
/// whose fields have every type.
sync::changeset base() {
  using sync::collection_type;
  using sync::value_type;
  test::changeset_builder b;
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
  b.create("T", 1).create("U", "a").update("T", 1, {"f"}, test::new_list());
  for (std::uint32_t i = 0; i < 300; ++i) {
    b.insert("T", 1, {"f", i}, test::integer(i), i);
  }
  return b.take();
}

class realm {
public:
  bool apply(const sync::changeset& changes) {
    state_.begin_batch();
    const bool good = state_.apply(changes).has_value();
    good ? state_.keep_batch() : state_.drop_batch();
    return good;
  }
  void commit() {
    store_.apply(state_.take_mutations());
    state_.committed();
  }
  bool unchanged() { return state_.take_mutations().empty(); }
  void read_all() {
    sync::object_reader reader(store_);
    const auto classes = reader.classes();
    require(classes.has_value());
    for (const auto& info : *classes) {
      require(reader
                  .visit(info.name, nullptr,
                         [](const sync::primary_key&, const sync::read_object&) { return true; })
                  .has_value());
    }
  }
  void erase_all() {
    sync::object_reader reader(store_);
    const auto classes = reader.classes();
    test::changeset_builder b;
    for (const auto& info : *classes) {
      for (const auto& column : info.columns) {
        b.erase_column(info.name, column.name);
      }
    }
    for (const auto& info : *classes) {
      b.erase_table(info.name);
    }
    require(apply(b.take()));
    commit();
    require(store_.column_rows(sync::state_column::objects).empty());
  }

private:
  test::memory_state store_;
  sync::object_state state_{store_, {.cache_bytes = 0, .before_images = true}};
};

} // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const auto changes =
      sync::parse_changeset(sync::bytes(std::string(reinterpret_cast<const char*>(data), size)));
  if (!changes) {
    return 0;
  }
  static const sync::changeset start = base();
  realm r;
  require(r.apply(start));
  r.commit();
  for (int i = 0; i < 2; ++i) {
    if (r.apply(*changes)) {
      r.commit();
      r.read_all();
    } else {
      require(r.unchanged());
    }
  }
  r.erase_all();
  return 0;
}
