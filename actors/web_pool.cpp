#include "web_pool.hpp"

#include "runtime/web_client.hpp"

namespace ros::actors {

namespace {

/// A gateway that does not reach the server behind it, or a server that is busy.
bool is_outage(const web_answer& x) {
  return x.status == 0 || (x.status >= 502 && x.status <= 504);
}

} // namespace

void web_pool_state::start(const web_pool_options& options,
                           std::function<web_worker_actor()> spawn_worker, runtime::clock* clock) {
  options_ = options;
  clock_ = clock;
  pool.start(options.workers, options.max_waiting, std::move(spawn_worker));
}

void web_pool_state::fetch(web_call call, promise answer) {
  request x{std::move(call), std::move(answer), {}, clock_->steady_ms()};
  x.origin = runtime::web_origin(x.call.url);
  x.may_retry = x.call.is_repeatable;
  auto known = breakers_.find(x.origin);
  if (known == breakers_.end() || known->second.admit(x.begun_ms))
    send(std::move(x));
  else
    x.answer.deliver(caf::make_error(auth_ec::provider_unreachable,
                                     x.origin + " did not answer lately and is left alone"));
}

void web_pool_state::send(request x) {
  auto answer = x.answer;
  // The call is kept for a second attempt only.
  auto job = x.may_retry ? x.call : std::move(x.call);
  const bool taken = pool.submit(std::move(job), [this, x](caf::expected<web_answer> outcome) {
    finish(x, std::move(outcome));
  });
  if (!taken)
    answer.deliver(caf::make_error(ec::overloaded, std::string{"too many web requests wait"}));
}

bool web_pool_state::should_retry(const request& x, const web_answer& outcome) const {
  return x.may_retry && is_outage(outcome) && !outcome.is_permanent &&
         clock_->steady_ms() - x.begun_ms < options_.retry_within.count() &&
         waiting_.size() < options_.max_waiting;
}

void web_pool_state::finish(request x, caf::expected<web_answer> outcome) {
  if (!outcome) {
    x.answer.deliver(std::move(outcome.error()));
    return;
  }
  note(x.origin, !is_outage(*outcome));
  if (should_retry(x, *outcome)) {
    x.may_retry = false;
    waiting_.emplace(++last_id_, std::move(x));
    self_->delayed_send(self_, options_.retry_after, restore_atom_v, last_id_);
    return;
  }
  if (outcome->status == 0) {
    log::warn("web_pool got no answer from {}", outcome->failure);
    x.answer.deliver(caf::make_error(auth_ec::provider_unreachable, outcome->failure));
  } else {
    x.answer.deliver(std::move(*outcome));
  }
}

void web_pool_state::fetch_again(std::uint64_t id) {
  auto found = waiting_.find(id);
  if (found == waiting_.end())
    return;
  auto x = std::move(found->second);
  waiting_.erase(found);
  send(std::move(x));
}

void web_pool_state::note(const std::string& origin, bool has_answered) {
  if (has_answered) {
    if (auto known = breakers_.find(origin); known != breakers_.end()) {
      if (known->second.is_open())
        log::info("web_pool: {} answers again", origin);
      breakers_.erase(known);
    }
    return;
  }
  auto& breaker = breakers_[origin];
  const bool was_open = breaker.is_open();
  breaker.failed(clock_->steady_ms());
  if (breaker.is_open() && !was_open)
    log::error("web_pool: {} does not answer; it is asked every {} s only", origin,
               web_breaker::rest_ms / 1000);
}

web_pool_actor::behavior_type web_pool(web_pool_actor::stateful_pointer<web_pool_state> self,
                                       web_pool_options options,
                                       std::function<web_worker_actor()> spawn_worker,
                                       runtime::clock* clock) {
  auto& state = self->state;
  state.start(options, std::move(spawn_worker), clock);
  self->set_down_handler([&state](const caf::down_msg& x) { state.pool.replace(x.source); });
  self->set_exit_handler([self, &state](const caf::exit_msg& exit) {
    state.pool.stop();
    self->quit(exit.reason);
  });
  return {
      [self](web_call& call) {
        auto answer = self->make_response_promise<web_answer>();
        self->state.fetch(std::move(call), answer);
        return answer;
      },
      [self](restore_atom, std::uint64_t id) { self->state.fetch_again(id); },
  };
}

} // namespace ros::actors
