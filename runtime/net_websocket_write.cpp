// Writing of a WebSocket: from the queues to the socket.
#include "net_websocket.hpp"

#include "traffic.hpp"

#include <algorithm>
#include <iterator>
#include <utility>

namespace ros::runtime {

/// Moves what others queued behind the batch, urgent messages to its front but
/// never into a message that has begun nor before the handshake's answer.
bool websocket_link::take_queued() {
  lock guard(mutex_);
  if (!urgent_.empty() && !must_repeat_write()) {
    const bool answer_waits = batch_at_ < batch_.size() && batch_[batch_at_].frame.size == 0;
    const auto at = batch_at_ + (front_sent_ > 0 || answer_waits ? 1 : 0);
    batch_.insert(batch_.begin() + static_cast<std::ptrdiff_t>(at),
                  std::make_move_iterator(urgent_.begin()), std::make_move_iterator(urgent_.end()));
    urgent_.clear();
  }
  if (batch_at_ == batch_.size()) {
    batch_.clear();
    batch_at_ = 0;
    batch_.swap(queued_);
  }
  if (batch_.empty()) {
    flush_scheduled_ = false;
    return false;
  }
  flush_scheduled_ = true;
  return true;
}

/// Gathers as many pieces as one system call takes; how many that is.
std::size_t websocket_link::collect() const {
  auto& pieces = thread_->pieces;
  std::size_t n = 0;
  auto skip = front_sent_;
  auto add = [&](std::string_view bytes) {
    const auto cut_off = std::min(skip, bytes.size());
    skip -= cut_off;
    bytes.remove_prefix(cut_off);
    if (!bytes.empty() && n < pieces.size())
      pieces[n++] = piece(bytes);
  };
  for (auto i = batch_at_; i < batch_.size() && n < pieces.size(); ++i) {
    const auto& m = batch_[i];
    add(m.frame.view());
    add(m.head);
    for (const auto& p : m.parts)
      add(p.view);
  }
  return n;
}

void websocket_link::flush() {
  constexpr std::uint64_t bytes_per_turn = 1u << 20;
  const auto begin = written_total_;
  if (lingering())
    return;
  while (take_queued()) {
    const auto r = write_pieces(collect());
    if (r.what == io::ended)
      return cut();
    if (r.what == io::blocked) {
      watch_writing(true);
      return await_writable();
    }
    written(r.n);
    if (written_total_ - begin > bytes_per_turn) {
      post([this] { flush(); });
      return;
    }
  }
  drained();
}

void websocket_link::written(std::size_t n) {
  written_total_ += n;
  if (const auto& counted = limits_->traffic)
    traffic::count(counted->websocket_sent, n);
  shrink_outbox(n);
  watch_writing(false);
  for (n += front_sent_; batch_at_ < batch_.size() && n >= batch_[batch_at_].size; ++batch_at_) {
    n -= batch_[batch_at_].size;
    batch_[batch_at_] = {}; // lets go of the blocks at once
  }
  front_sent_ = n;
  {
    // Judged under the mutex: a send() that brings the outbox above the mark
    // again must stay sure of its call.
    lock guard(mutex_);
    if (outbox_bytes_ >= limits_->low_water || !std::exchange(low_water_armed_, false))
      return;
  }
  if (events_.on_writable)
    events_.on_writable();
}

void websocket_link::drained() {
  constexpr std::size_t worth_keeping = 4;
  no_progress_since_ = {};
  if (batch_.capacity() > worth_keeping)
    std::vector<outgoing>().swap(batch_);
  unsigned linger_ms = 0;
  {
    lock guard(mutex_);
    if (queued_.empty() && queued_.capacity() > worth_keeping)
      std::vector<outgoing>().swap(queued_);
    if (!ending_ || flush_scheduled_)
      return;
    linger_ms = linger_ms_;
  }
  linger(linger_ms);
}

} // namespace ros::runtime
