// The golden scenarios without merging: applying the history the reference server
// made must give its state and schema (kind `scenario`, step `state`).

#include "support/memory_state.hpp"
#include "support/state_json.hpp"
#include "sync/changeset_codec.hpp"
#include "sync/object_state.hpp"
#include "vectors/vector_files.hpp"
#include "vectors/vector_json.hpp"

namespace ros::vectors {

namespace {

class state_vectors : public suite {};

/// Applies history entries, each in a batch and a log entry of its own.
class replayed_realm {
public:
  sync::result<void> apply(const sync::bytes& data) {
    auto parsed = sync::parse_changeset(data);
    if (!parsed) {
      return parsed.error();
    }
    state_.begin_batch();
    auto applied = state_.apply(*parsed);
    if (!applied) {
      state_.drop_batch();
      return applied;
    }
    state_.keep_batch();
    store_.apply(state_.take_mutations());
    state_.committed();
    return {};
  }
  [[nodiscard]] sync::object_reader live() const { return sync::object_reader(state_); }
  [[nodiscard]] sync::object_reader stored() const { return sync::object_reader(store_); }

private:
  test::memory_state store_;
  sync::object_state state_{store_};
};

void check_state(const json::object& step, const replayed_realm& realm, checks& c) {
  c.expect_json("state", test::state_to_json(realm.live()), step.at("expect"));
  c.expect_json("stored state", test::state_to_json(realm.stored()), step.at("expect"));
  if (const auto* schema = step.if_contains("schema")) {
    c.expect_json("schema", test::schema_to_json(realm.live()), *schema);
    c.expect_json("stored schema", test::schema_to_json(realm.stored()), *schema);
  }
}

void check_scenario(const json::object& vector, checks& c) {
  replayed_realm realm;
  for (const auto& item : vector.at("steps").as_array()) {
    const auto& step = item.as_object();
    const auto& op = step.at("op").as_string();
    if (op == "state") {
      check_state(step, realm, c);
    }
    if (op != "upload" || !step.at("expect").as_object().contains("history")) {
      continue;
    }
    for (const auto& entry : step.at("expect").at("history").as_array()) {
      const auto data = sync::bytes(from_hex(entry.at("hex").as_string()));
      if (auto applied = realm.apply(data); !applied) {
        c.fail("applying history: " + applied.error().message);
        return;
      }
    }
  }
}

TEST_P(state_vectors, applying_the_recorded_history_gives_the_recorded_state) {
  run_file(GetParam(), [](const json::object& vector, checks& c) {
    if (vector.at("kind").as_string() == "scenario") {
      check_scenario(vector, c);
    }
  });
}

VECTOR_SUITE(state_vectors, files("merge"));

} // namespace

} // namespace ros::vectors
