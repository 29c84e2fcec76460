// Any bytes that parse as a changeset are applied to a Realm or refused as a value
// error; a refused one leaves nothing behind, and no row outlives its class.
#include "fuzz/fuzz_realm.hpp"
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
  static const sync::changeset start = test::fuzz_realm();
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
