// What a WebSocket waits for: memory to read on, and deadlines of every kind.
#include "net_websocket.hpp"

#include "log.hpp"
#include "memory.hpp"

#include <algorithm>
#include <utility>

namespace ros::runtime {

namespace {

/// Between looks whether there is memory again.
constexpr auto memory_poll = std::chrono::milliseconds(100);

} // namespace

void websocket_link::count_held() {
  const auto now = open_ ? reader_.held() : 0;
  if (limits_->inbound && now != held_) {
    limits_->inbound->add(now);
    limits_->inbound->give_back(held_);
    held_ = now;
  }
}

bool websocket_link::must_wait_for_memory() const {
  const auto& all = limits_->inbound;
  if (!all || !all->is_tight())
    return false;
  const auto own = held_ + static_cast<std::size_t>(std::max<std::int64_t>(in_flight_, 0));
  return own > limits_->tight_window && all->is_tight_without(own);
}

/// Looked after by the deadline: nobody tells when memory is there again.
void websocket_link::wait_for_memory() {
  if (waits_since_ == steady::time_point{})
    waits_since_ = steady::now();
  set_deadline(next_deadline());
}

void websocket_link::watch_writing(bool blocked) {
  const bool watched = no_progress_since_ != steady::time_point{};
  if (!blocked && !watched)
    return;
  if (!blocked || !watched)
    no_progress_since_ = steady::now();
  const bool ending = ending_end_ != steady::time_point{}; // has a deadline of its own
  if (blocked && !watched && !ending)
    set_deadline(next_deadline());
}

steady::time_point websocket_link::next_deadline() const {
  using std::chrono::milliseconds;
  auto next = last_heard_ + milliseconds(limits_->websocket_idle_timeout_ms);
  if (no_progress_since_ != steady::time_point{})
    next = std::min(next, no_progress_since_ + milliseconds(limits_->stall_timeout_ms));
  if (waits_since_ != steady::time_point{})
    next = std::min(next, steady::now() + memory_poll);
  return next;
}

void websocket_link::on_deadline() {
  if (ending_end_ != steady::time_point{}) {
    // Slow peers may take their time for what is queued, dead ones may not.
    const bool stalled = written_total_ == std::exchange(written_at_deadline_, written_total_);
    if (stalled || steady::now() >= ending_end_)
      return cut();
    lock guard(mutex_);
    return set_deadline(linger_ms_);
  }
  using std::chrono::milliseconds;
  const auto now = steady::now();
  const bool waits = waits_since_ != steady::time_point{};
  if (paused_ || waits)
    last_heard_ = now; // nobody listened
  if (waits && !must_wait_for_memory()) {
    waits_since_ = {};
    if (!paused_)
      resume();
  } else if (waits && held_ > limits_->tight_window &&
             now - waits_since_ >= milliseconds(limits_->tight_timeout_ms)) {
    log::warn("connection {} cut: memory is short and its message does not end", remote_address_);
    return cut();
  }
  if (no_progress_since_ != steady::time_point{} &&
      now - no_progress_since_ >= milliseconds(limits_->stall_timeout_ms)) {
    log::info("connection {} cut: it reads nothing any more", remote_address_);
    return cut();
  }
  if (now - last_heard_ >= milliseconds(limits_->websocket_idle_timeout_ms))
    return cut();
  set_deadline(next_deadline());
}

} // namespace ros::runtime
