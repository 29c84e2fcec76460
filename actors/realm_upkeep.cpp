#include "realm_upkeep.hpp"

#include "runtime/log.hpp"

#include <algorithm>
#include <utility>

namespace ros::actors {

namespace {

using self_pointer = realm_actor::stateful_pointer<realm_state>;
using phase = history_upkeep::phase;

/// From opening a Realm until its history is looked at for the first time.
constexpr std::chrono::milliseconds first_look{10'000};

/// The answer to a question asked in `round` is still wanted.
bool is_wanted(self_pointer self, phase at, std::uint64_t round) {
  const auto& state = self->state;
  const auto& upkeep = state.writer->upkeep();
  return !state.broken && !state.stopping && upkeep.at() == at && upkeep.round() == round;
}

/// The COMPACTOR could not answer: not at once again.
void postpone(self_pointer self, phase at, std::uint64_t round, const caf::error& reason) {
  if (!is_wanted(self, at, round))
    return;
  log::warn("realm {} does not compact its history now: {}", self->state.writer->identity().path,
            self->system().render(reason));
  auto& writer = *self->state.writer;
  writer.upkeep().give_up(writer.record());
}

void ask_for_rewriting(self_pointer self, sync::version_type horizon) {
  auto& writer = *self->state.writer;
  const auto round = writer.upkeep().round();
  const auto& realm = writer.identity();
  self->request(self->state.links.compactor, caf::infinite,
                rewrite_history{realm.shard, realm.realm_id, horizon})
      .then(
          [self, round](rewritten_history& x) {
            if (!is_wanted(self, phase::rewriting, round))
              return;
            self->state.writer->upkeep().rewritten(std::move(x.outcome));
            schedule(self);
          },
          [self, round](const caf::error& e) { postpone(self, phase::rewriting, round, e); });
}

void ask_for_survey(self_pointer self) {
  auto& writer = *self->state.writer;
  const auto round = writer.upkeep().round();
  const auto& realm = writer.identity();
  self->state.surveyed_round = round;
  self->request(self->state.links.compactor, caf::infinite,
                survey_clients{realm.shard, realm.realm_id, writer.expiry_limit()})
      .then(
          [self, round](const client_survey& x) {
            if (!is_wanted(self, phase::surveying, round))
              return;
            if (self->state.writer->surveyed(x))
              ask_for_rewriting(self, x.horizon);
            schedule(self);
          },
          [self, round](const caf::error& e) { postpone(self, phase::surveying, round, e); });
}

} // namespace

void begin_upkeep(self_pointer self) {
  const auto& links = self->state.links;
  if (links.compactor)
    self->delayed_send(self, std::min(first_look, links.upkeep_interval), upkeep_atom_v);
}

void upkeep_tick(self_pointer self) {
  auto& state = self->state;
  self->delayed_send(self, state.links.upkeep_interval, upkeep_atom_v);
  if (state.broken || state.stopping)
    return;
  state.writer->upkeep().resume();
  state.writer->start_upkeep();
  schedule(self);
}

void continue_upkeep(self_pointer self) {
  auto& state = self->state;
  if (!state.links.compactor || state.broken || state.stopping)
    return;
  auto& upkeep = state.writer->upkeep();
  if (const auto freed = upkeep.take_freed(); freed > 0) {
    const auto& realm = state.writer->identity();
    log::info("realm {} compacted its history up to version {}", realm.path,
              state.writer->record().horizon);
    self->send(state.links.compactor, reclaim_space{realm.shard, realm.realm_id, freed});
  }
  if (upkeep.is_pressing(state.writer->record())) {
    state.writer->start_upkeep();
    schedule(self);
  } else if (upkeep.at() == phase::surveying && state.surveyed_round != upkeep.round()) {
    ask_for_survey(self);
  }
}

} // namespace ros::actors
