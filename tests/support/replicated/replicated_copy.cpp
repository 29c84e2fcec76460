#include "replicated_copy.hpp"

#include "cluster/log_writer.hpp"
#include "storage/realm_store.hpp"

#include <algorithm>

namespace ros::test {
namespace {

constexpr std::chrono::milliseconds tick_interval{50};
constexpr unsigned silent_ticks_until_out = 8;
constexpr std::size_t entries_per_request = 64;
constexpr std::uint32_t log_number = 0;

} // namespace

template <class Message>
void copy_state::send(int to, const Message& message) {
  for (auto delay : world_->network.route(id_, to))
    if (delay.count() == 0)
      self_->send(world_->handles[to], message);
    else
      self_->delayed_send(world_->handles[to], delay, message);
}

void copy_state::violated(const std::string& what) {
  world_->violations.push_back("copy " + std::to_string(id_) + ": " + what);
}

void copy_state::start(copy_actor::stateful_pointer<copy_state> self, copy_world& world, int id) {
  self_ = self;
  world_ = &world;
  id_ = id;
  log_.emplace(*world.databases[id], log_number);
  if (auto loaded = log_->load(); !loaded)
    violated(loaded.error().message);
  self->delayed_send(self, tick_interval, caf::tick_atom_v);
}

std::uint64_t copy_state::epoch_at(std::uint64_t index) const {
  if (index == 0)
    return 0;
  const auto x = log_->read(index);
  return x ? x->epoch : 0;
}

// -- leading ------------------------------------------------------------------------

void copy_state::hear(const assignment& word) {
  if (word.revision <= known_.revision || word.epoch < log_->epoch())
    return;
  const bool new_epoch = word.epoch > known_.epoch;
  known_ = word;
  joining_.clear(); // whatever was proposed on an older revision is decided now
  if (auto done = log_->enter_epoch(word.epoch); !done)
    return violated(done.error().message);
  if (word.leader != id_)
    return step_down();
  if (new_epoch || !leading_)
    lead();
  commit_what_all_have();
}

void copy_state::lead() {
  step_down();
  leading_ = true;
  for (int i = 0; i < static_cast<int>(world_->handles.size()); ++i)
    if (i != id_)
      followers_[i].next = log_->last_index() + 1;
  read_tail();
  send_to_all();
}

void copy_state::read_tail() {
  tail_sequences_.clear();
  for (auto index = log_->applied_index() + 1; index <= log_->last_index(); ++index)
    if (auto x = log_->read(index))
      tail_sequences_[{x->entry.shard, x->entry.realm_id}] = x->entry.sequence;
}

void copy_state::step_down() {
  leading_ = false;
  followers_.clear();
  joining_.clear();
  tail_sequences_.clear();
  for (auto& [index, promise] : std::exchange(waiting_, {}))
    promise.deliver(caf::make_error(cluster::ec::not_leader));
}

std::uint64_t copy_state::last_sequence(const storage::log_entry& entry) const {
  if (auto i = tail_sequences_.find({entry.shard, entry.realm_id}); i != tail_sequences_.end())
    return i->second;
  storage::realm_store store{*world_->databases[id_], entry.shard, entry.realm_id};
  const auto record = store.refresh();
  return record ? record->sequence : 0;
}

caf::result<bool> copy_state::take(storage::log_entry entry) {
  if (!leading_)
    return caf::make_error(cluster::ec::not_leader);
  if (entry.sequence != last_sequence(entry) + 1)
    return caf::make_error(cluster::ec::refused);
  const auto index = log_->last_index() + 1;
  const storage::logged_entry logged{known_.epoch, index, std::move(entry)};
  if (auto done = log_->append(std::span{&logged, 1}); !done)
    return cluster::to_caf_error(done.error());
  tail_sequences_[{logged.entry.shard, logged.entry.realm_id}] = logged.entry.sequence;
  auto promise = self_->make_response_promise<bool>();
  waiting_.emplace(index, promise);
  send_to_all();
  commit_what_all_have();
  return promise;
}

void copy_state::send_to_all() {
  for (auto& [peer, state] : followers_)
    send_append(peer);
}

void copy_state::send_append(int to) {
  auto& peer = followers_[to];
  if (peer.waiting)
    return;
  append_request request;
  request.epoch = known_.epoch;
  request.from = id_;
  request.previous_index = peer.next - 1;
  request.previous_epoch = epoch_at(request.previous_index);
  request.committed = log_->applied_index();
  for (auto index = peer.next;
       index <= log_->last_index() && request.entries.size() < entries_per_request; ++index)
    if (auto x = log_->read(index))
      request.entries.push_back(std::move(*x));
    else
      return violated(x.error().message);
  peer.waiting = true;
  peer.told = request.committed;
  send(to, request);
}

void copy_state::answer(const append_reply& reply) {
  if (!leading_ || reply.epoch != known_.epoch)
    return;
  auto& peer = followers_[reply.from];
  peer.waiting = false;
  peer.silent_ticks = 0;
  if (!reply.accepted) {
    peer.next = std::min(peer.next, reply.index + 1);
    return send_append(reply.from);
  }
  peer.matched = std::max(peer.matched, reply.index);
  peer.next = peer.matched + 1;
  commit_what_all_have();
  if (!leading_)
    return;
  if (peer.matched == log_->last_index() && !known_.in_sync.contains(reply.from)) {
    // It is waited for from now on, so that nothing is committed without it meanwhile.
    joining_.insert(reply.from);
    auto in_sync = known_.in_sync;
    in_sync.insert(reply.from);
    propose(in_sync);
  }
  if (peer.next <= log_->last_index() || peer.told < log_->applied_index())
    send_append(reply.from);
}

void copy_state::commit_what_all_have() {
  if (!leading_)
    return;
  auto committed = log_->last_index();
  for (const auto& [peer, state] : followers_)
    if (known_.in_sync.contains(peer) || joining_.contains(peer))
      committed = std::min(committed, state.matched);
  if (committed <= log_->applied_index())
    return;
  const auto left_out = log_->apply(committed);
  if (!left_out)
    return violated(left_out.error().message);
  read_tail();
  while (!waiting_.empty() && waiting_.begin()->first <= committed) {
    auto [index, promise] = *waiting_.begin();
    waiting_.erase(waiting_.begin());
    if (std::find(left_out->begin(), left_out->end(), index) != left_out->end())
      promise.deliver(caf::make_error(cluster::ec::refused));
    else
      promise.deliver(true);
  }
  send_to_all();
}

void copy_state::propose(const std::set<int>& in_sync) {
  if (!world_->network.reachable(id_))
    return;
  world_->arbiter.propose(known_.revision, in_sync);
  send(id_, world_->arbiter.current());
}

void copy_state::tick() {
  self_->delayed_send(self_, tick_interval, caf::tick_atom_v);
  if (world_->network.reachable(id_))
    send(id_, world_->arbiter.current());
  if (!leading_)
    return;
  auto in_sync = known_.in_sync;
  for (auto& [peer, state] : followers_) {
    if (state.waiting && ++state.silent_ticks >= silent_ticks_until_out)
      in_sync.erase(peer);
    state.waiting = false;
    send_append(peer);
  }
  if (in_sync != known_.in_sync)
    propose(in_sync);
}

// -- following ----------------------------------------------------------------------

bool copy_state::matches(const append_request& request) const {
  return request.previous_index <= log_->last_index() &&
         epoch_at(request.previous_index) == request.previous_epoch;
}

void copy_state::follow(const append_request& request) {
  append_reply reply{request.epoch, id_, false, log_->last_index()};
  if (request.epoch < log_->epoch())
    return send(request.from, reply); // its epoch is over; the arbiter will tell it
  if (auto done = log_->enter_epoch(request.epoch); !done)
    return violated(done.error().message);
  if (leading_)
    step_down();
  if (!matches(request)) {
    reply.index =
        std::max(log_->applied_index(), std::min(log_->last_index(), request.previous_index - 1));
    return send(request.from, reply);
  }
  auto fresh = request.entries.begin();
  while (fresh != request.entries.end() && fresh->index <= log_->last_index() &&
         epoch_at(fresh->index) == fresh->epoch)
    ++fresh;
  if (auto done = log_->append({fresh, request.entries.end()}); !done)
    return violated(done.error().message);
  reply.accepted = true;
  reply.index = request.previous_index + request.entries.size();
  if (auto done = log_->apply(std::min(request.committed, reply.index)); !done)
    return violated(done.error().message);
  send(request.from, reply);
}

copy_actor::behavior_type replicated_copy(copy_actor::stateful_pointer<copy_state> self,
                                          copy_world* world, int id) {
  self->state.start(self, *world, id);
  self->set_exit_handler([self](caf::exit_msg& x) {
    self->state.step_down();
    self->quit(std::move(x.reason));
  });
  return {
      [self](storage::log_entry& entry) { return self->state.take(std::move(entry)); },
      [self](const assignment& word) { self->state.hear(word); },
      [self](const append_request& request) { self->state.follow(request); },
      [self](const append_reply& reply) { self->state.answer(reply); },
      [self](caf::tick_atom) { self->state.tick(); },
  };
}

} // namespace ros::test
