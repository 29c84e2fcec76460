// The life of a WebSocket: what others ask of it, what it reads, its end. Writing is in
// net_websocket_write.cpp, what waits for memory or time in net_websocket_wait.cpp.
#include "net_websocket.hpp"

#include "log.hpp"
#include "memory.hpp"
#include "traffic.hpp"

#include <algorithm>

namespace ros::runtime {

namespace {

/// Messages that may wait at the front of the outbox.
constexpr std::size_t max_urgent = 4096;

/// What a message costs the receive window beside its bytes, so that a flood
/// of tiny messages fills it too.
constexpr std::int64_t message_overhead = 256;
constexpr unsigned close_timeout_ms = 1000;
/// For what is queued when the end is decided; slower readers lose it.
constexpr auto ending_limit = std::chrono::seconds(60);
/// Of read buffers per turn, so that one busy peer does not hold the thread.
constexpr int reads_per_turn = 4;

} // namespace

websocket_link::websocket_link(std::shared_ptr<io_thread> thread, accepted_stream stream,
                               std::shared_ptr<const net_limits> limits, std::string remote_address)
    : link(std::move(thread), std::move(stream)), limits_(std::move(limits)),
      remote_address_(std::move(remote_address)), reader_(limits_->max_message),
      last_heard_(steady::now()) {}

void websocket_link::start(websocket_events events, std::string answer, const std::string& rest) {
  events_ = std::move(events);
  if (events_.on_text)
    reader_.keep_text(limits_->max_text);
  if (const auto& counted = limits_->traffic)
    traffic::change(counted->websockets, 1);
  outgoing m;
  m.size = answer.size();
  m.head = std::move(answer);
  grow_outbox(m.size);
  batch_.push_back(std::move(m)); // before whatever `opened` has sent already
  set_deadline(limits_->websocket_idle_timeout_ms);
  flush();
  if (!open_)
    return;
  feed(rest);
  if (open_ && !lingering())
    resume();
}

// -- any thread -----------------------------------------------------------------

void websocket_link::send(std::string head, std::vector<shared_slice> parts, bool urgent) {
  outgoing m;
  m.size = head.size();
  for (const auto& p : parts)
    m.size += p.view.size();
  m.frame = make_frame_head(ws_opcode::binary, m.size);
  m.size += m.frame.size;
  m.head = std::move(head);
  m.parts = std::move(parts);
  lock guard(mutex_);
  if (open_ && !ending_)
    enqueue(std::move(m), urgent);
}

void websocket_link::send_text(std::string text) {
  outgoing m;
  m.frame = make_frame_head(ws_opcode::text, text.size());
  m.size = m.frame.size + text.size();
  m.head = std::move(text);
  lock guard(mutex_);
  if (open_ && !ending_)
    enqueue(std::move(m), false);
}

void websocket_link::enqueue(outgoing m, bool urgent) {
  const auto bytes = grow_outbox(m.size);
  const auto& all = limits_->outgoing;
  const bool hogs = all && bytes - m.size > 4 * limits_->tight_low_water && all->is_exhausted();
  // A small answer takes more memory than its bytes say; who wants so many at once reads none.
  const bool floods = urgent && urgent_.size() >= max_urgent;
  if (hogs || floods || bytes - m.size > limits_->max_outbox) {
    ending_ = true;
    post_locked([this] {
      log::warn("connection {} cut: it reads too slowly", remote_address_);
      cut();
    });
    return;
  }
  if (bytes >= limits_->low_water)
    low_water_armed_ = true;
  (urgent ? urgent_ : queued_).push_back(std::move(m));
  schedule_flush();
}

std::size_t websocket_link::grow_outbox(std::size_t n) {
  if (limits_->outgoing)
    limits_->outgoing->add(n);
  return outbox_bytes_ += n;
}

void websocket_link::shrink_outbox(std::size_t n) {
  if (limits_->outgoing)
    limits_->outgoing->give_back(n);
  outbox_bytes_ -= n;
}

bool websocket_link::is_short_of_memory() {
  const auto& all = limits_->outgoing;
  if (!all || !all->is_tight() || outbox_bytes_ < limits_->tight_low_water)
    return false;
  lock guard(mutex_);
  low_water_armed_ = true;
  // written() may have run between the two looks; if not, it finds the mark
  // armed.
  return outbox_bytes_ >= limits_->tight_low_water;
}

void websocket_link::schedule_flush() {
  if (flush_scheduled_)
    return;
  flush_scheduled_ = true;
  post_locked([this] { flush(); });
}

void websocket_link::enqueue_last(outgoing m, unsigned linger_ms) {
  if (!open_ || ending_)
    return;
  ending_ = true;
  linger_ms_ = linger_ms;
  if (m.size > 0) {
    grow_outbox(m.size);
    queued_.push_back(std::move(m));
  }
  schedule_flush();
  post_locked([this, linger_ms] {
    if (lingering())
      return;
    written_at_deadline_ = written_total_;
    ending_end_ = steady::now() + ending_limit;
    set_deadline(linger_ms);
    await_readable(); // the window no longer matters
  });
}

void websocket_link::close(std::uint16_t code, std::string reason) {
  outgoing m;
  m.head = make_close_payload(code, reason);
  m.frame = make_frame_head(ws_opcode::close, m.head.size());
  m.size = m.frame.size + m.head.size();
  lock guard(mutex_);
  enqueue_last(std::move(m), close_timeout_ms);
}

void websocket_link::finish(unsigned timeout_ms) {
  lock guard(mutex_);
  enqueue_last({}, timeout_ms);
}

void websocket_link::abort() {
  post([this] { cut(); });
}

void websocket_link::consumed(std::size_t n) {
  const auto back = static_cast<std::int64_t>(n) + message_overhead;
  const auto left = in_flight_.fetch_sub(back) - back;
  if (left <= static_cast<std::int64_t>(limits_->receive_window) && paused_.exchange(false))
    post([this] { resume(); });
}

// -- reading --------------------------------------------------------------------

void websocket_link::on_readable() {
  for (int turn = 0; turn < reads_per_turn; ++turn) {
    const auto r = read_scratch();
    if (r.what == io::ended)
      return cut();
    if (r.what == io::blocked)
      break;
    last_heard_ = steady::now();
    if (const auto& counted = limits_->traffic)
      traffic::count(counted->websocket_received, r.n);
    feed(scratch(r.n));
    if (!open_ || (!ending_ && (paused_ || waits_since_ != steady::time_point{})))
      return;
    if (r.n < thread_->scratch.size())
      break;
  }
  resume();
}

void websocket_link::feed(std::string_view input) {
  while (!ending_ && open_)
    if (!handle(reader_.next(input)))
      break;
  count_held();
  if (ending_)
    return;
  if (must_wait_for_memory())
    wait_for_memory();
  if (in_flight_ > static_cast<std::int64_t>(limits_->receive_window)) {
    paused_ = true;
    // consumed() may have run between the two lines.
    if (in_flight_ <= static_cast<std::int64_t>(limits_->receive_window))
      paused_ = false;
  }
}

/// False if there is nothing more to parse now.
bool websocket_link::handle(ws_reader::event e) {
  switch (e) {
  case ws_reader::event::need_more:
    return false;
  case ws_reader::event::binary:
    deliver(events_.on_message);
    return true;
  case ws_reader::event::ping:
    answer_ping();
    return true;
  case ws_reader::event::text:
    if (events_.on_text)
      deliver(events_.on_text);
    return true;
  case ws_reader::event::pong:
    return true;
  case ws_reader::event::close:
  case ws_reader::event::failed:
    break;
  }
  end_with(reader_.close_code());
  return false;
}

void websocket_link::deliver(const std::function<void(std::shared_ptr<const std::string>)>& to) {
  const auto& account = limits_->inbound;
  auto message = account ? account->count(reader_.take_message())
                         : std::make_shared<const std::string>(reader_.take_message());
  in_flight_ += static_cast<std::int64_t>(message->size()) + message_overhead;
  if (to)
    to(std::move(message));
}

/// Only the newest unanswered ping is answered (RFC 6455 5.5.3), which bounds
/// what a flood of them can queue.
void websocket_link::answer_ping() {
  auto payload = events_.on_ping ? events_.on_ping(reader_.control_payload())
                                 : std::string(reader_.control_payload());
  if (!payload)
    return;
  outgoing m;
  m.head = std::move(*payload);
  m.head.resize(std::min<std::size_t>(m.head.size(), 125));
  m.frame = make_frame_head(ws_opcode::pong, m.head.size());
  m.size = m.frame.size + m.head.size();
  m.pong = true;
  lock guard(mutex_);
  if (!open_ || ending_)
    return;
  const auto old = std::find_if(urgent_.begin(), urgent_.end(), [](auto& x) { return x.pong; });
  if (old != urgent_.end()) {
    shrink_outbox(old->size);
    urgent_.erase(old);
  }
  enqueue(std::move(m), true);
}

void websocket_link::end_with(std::uint16_t code) {
  close(code, {});
}

void websocket_link::resume() {
  if (!lingering() && waits_since_ == steady::time_point{})
    await_readable();
}

void websocket_link::on_cut() {
  auto events = std::exchange(events_, {});
  if (const auto& counted = limits_->traffic)
    traffic::change(counted->websockets, -1);
  {
    lock guard(mutex_);
    queued_.clear();
    urgent_.clear();
  }
  batch_.clear();
  batch_at_ = 0;
  shrink_outbox(outbox_bytes_);
  count_held();
  if (events.on_closed)
    events.on_closed();
}

} // namespace ros::runtime
