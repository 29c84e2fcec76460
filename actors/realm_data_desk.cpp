#include "realm_data_desk.hpp"

#include "errors.hpp"

#include <algorithm>
#include <utility>

namespace ros::actors {

namespace {

constexpr std::size_t max_waiting_reads = 1000;
constexpr std::size_t max_followers = 1000;

caf::error overloaded() {
  return caf::make_error(ec::overloaded, std::string{"too many requests wait for the Realm"});
}

caf::error refusal(realm_pointer self, const sync::error& e) {
  return e.code == sync::ec::corrupt_store ? realm_unavailable(self)
                                           : caf::make_error(ec::bad_operation, e.message);
}

/// Reads now, or when no entry is in flight any more.
template <class T, class Read>
caf::result<T> read_when_settled(realm_pointer self, Read read) {
  auto& state = self->state;
  state.used = true;
  if (state.broken)
    return realm_unavailable(self);
  if (state.in_flight && state.data.reads.size() >= max_waiting_reads)
    return overloaded();
  auto promise = self->make_response_promise<T>();
  auto answer = [self, promise, read]() mutable {
    if (self->state.broken) {
      promise.deliver(realm_unavailable(self));
      return;
    }
    auto found = read(*self->state.writer);
    if (is_broken(self))
      promise.deliver(realm_unavailable(self));
    else if (!found)
      promise.deliver(refusal(self, found.error()));
    else
      promise.deliver(std::move(*found));
  };
  if (state.in_flight)
    state.data.reads.emplace_back(std::move(answer));
  else
    answer();
  return promise;
}

void tell(realm_pointer self, finished_transaction x) {
  auto promise = self->state.data.transactions.extract(x.number);
  if (!promise)
    return;
  if (x.outcome)
    promise.mapped().deliver(std::move(*x.outcome));
  else
    promise.mapped().deliver(refusal(self, x.outcome.error()));
}

/// Takes one out and lets it go on without us.
realm_data_requests::follower release(realm_pointer self, std::size_t index) {
  auto& all = self->state.data.followers;
  auto taken = std::move(all[index]);
  all.erase(all.begin() + static_cast<std::ptrdiff_t>(index));
  self->demonitor(taken.who);
  return taken;
}

realm_changes closing(const realm_data_requests::follower& x) {
  realm_changes answer;
  answer.version = x.question.from;
  answer.closing = true;
  return answer;
}

bool has_news(const realm_changes& x) {
  return x.everything || !x.changes.empty();
}

void tell_followers(realm_pointer self) {
  auto& state = self->state;
  for (std::size_t n = state.data.followers.size(); n-- > 0;) {
    auto changes = state.writer->changes_behind(state.data.followers[n].question.from);
    if (is_broken(self))
      return;
    if (changes && !has_news(*changes))
      continue;
    auto follower = release(self, n);
    if (changes)
      follower.promise.deliver(std::move(*changes));
    else
      follower.promise.deliver(refusal(self, changes.error()));
  }
}

} // namespace

caf::result<transacted> accept(realm_pointer self, transact& request) {
  auto& state = self->state;
  state.used = true;
  if (state.broken || state.stopping)
    return realm_unavailable(self);
  const auto number = state.writer->enqueue(std::move(request));
  if (!number)
    return overloaded();
  auto promise = self->make_response_promise<transacted>();
  state.data.transactions.emplace(*number, promise);
  schedule(self);
  return promise;
}

caf::result<objects_read> accept(realm_pointer self, const read_objects& request) {
  return read_when_settled<objects_read>(
      self, [request](realm_writer& writer) { return writer.read(request); });
}

caf::result<realm_schema> accept(realm_pointer self, const read_schema&) {
  return read_when_settled<realm_schema>(self,
                                         [](realm_writer& writer) { return writer.schema(); });
}

caf::result<realm_changes> accept(realm_pointer self, const follow_realm& request) {
  auto& state = self->state;
  state.used = true;
  if (state.broken || state.stopping)
    return realm_unavailable(self);
  const auto who = caf::actor_cast<caf::actor_addr>(self->current_sender());
  auto& followers = state.data.followers;
  for (std::size_t n = followers.size(); n-- > 0;) {
    if (followers[n].who == who) {
      auto former = release(self, n);
      former.promise.deliver(closing(former));
    }
  }
  auto changes = state.writer->changes_behind(request.from);
  if (is_broken(self))
    return realm_unavailable(self);
  if (!changes)
    return refusal(self, changes.error());
  if (has_news(*changes))
    return std::move(*changes);
  if (followers.size() >= max_followers)
    return overloaded();
  auto promise = self->make_response_promise<realm_changes>();
  self->monitor(who);
  followers.push_back({who, request, promise});
  return promise;
}

void transactions_formed(realm_pointer self, std::vector<finished_transaction> all, bool in_entry) {
  if (in_entry) {
    self->state.data.in_entry = std::move(all);
    return;
  }
  for (auto& x : all)
    tell(self, std::move(x));
}

void data_committed(realm_pointer self, bool new_versions) {
  for (auto& x : std::exchange(self->state.data.in_entry, {}))
    tell(self, std::move(x));
  if (new_versions)
    tell_followers(self);
}

void data_lost(realm_pointer self) {
  for (const auto& x : std::exchange(self->state.data.in_entry, {}))
    if (auto promise = self->state.data.transactions.extract(x.number))
      promise.mapped().deliver(
          caf::make_error(ec::unavailable, std::string{"the server cannot store changes now"}));
}

void serve_readers(realm_pointer self) {
  for (auto& answer : std::exchange(self->state.data.reads, {}))
    answer();
}

void data_closing(realm_pointer self) {
  auto& followers = self->state.data.followers;
  while (!followers.empty()) {
    auto follower = release(self, followers.size() - 1);
    follower.promise.deliver(closing(follower));
  }
}

void refuse_data(realm_pointer self) {
  auto& data = self->state.data;
  data.in_entry.clear();
  for (auto& [number, promise] : std::exchange(data.transactions, {}))
    promise.deliver(realm_unavailable(self));
  serve_readers(self); // who is told so as well
  while (!data.followers.empty())
    release(self, data.followers.size() - 1).promise.deliver(realm_unavailable(self));
}

void forget_follower(realm_pointer self, const caf::actor_addr& who) {
  std::erase_if(self->state.data.followers, [&](const auto& x) { return x.who == who; });
}

bool is_followed(realm_pointer self) {
  const auto& followers = self->state.data.followers;
  return std::any_of(followers.begin(), followers.end(),
                     [](const auto& x) { return x.question.keep_open; });
}

} // namespace ros::actors
