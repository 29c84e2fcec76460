// One WebSocket after its handshake: frames in and out of a link. Internal to
// runtime/net_*.cpp. Actors hold it as websocket_connection; everything
// private happens on the link's thread except where a comment says otherwise.
#pragma once

#include "net.hpp"
#include "net_link.hpp"
#include "websocket_frames.hpp"

#include <atomic>
#include <cstdint>

namespace ros::runtime {

class websocket_link final : public link, public websocket_connection {
public:
  websocket_link(std::shared_ptr<io_thread> thread, accepted_stream stream,
                 std::shared_ptr<const net_limits> limits, std::string remote_address);

  /// Writes the handshake's answer, then reads; `rest` came behind the request.
  void start(websocket_events events, std::string answer, const std::string& rest);

  void send(std::string head, std::vector<shared_slice> parts, bool urgent) override;
  void send_text(std::string text) override;
  void consumed(std::size_t n) override;
  [[nodiscard]] std::size_t outbox_bytes() const override { return outbox_bytes_.load(); }
  bool is_short_of_memory() override;
  void close(std::uint16_t code, std::string reason) override;
  void finish(unsigned timeout_ms) override;
  void abort() override;
  [[nodiscard]] std::string remote_address() const override { return remote_address_; }

private:
  struct outgoing {
    ws_frame_head frame;
    std::string head;
    std::vector<shared_slice> parts;
    std::size_t size = 0; ///< all of it
    bool pong = false;
  };
  using lock = std::lock_guard<std::mutex>;

  // -- any thread, mutex held --
  void enqueue(outgoing m, bool urgent);
  std::size_t grow_outbox(std::size_t n);
  void shrink_outbox(std::size_t n);
  void schedule_flush();
  void enqueue_last(outgoing m, unsigned linger_ms);

  // -- writing --
  void flush();
  bool take_queued();
  [[nodiscard]] std::size_t collect() const;
  void written(std::size_t n);
  void drained();

  // -- reading --
  void on_readable() override;
  void feed(std::string_view input);
  bool handle(ws_reader::event e);
  void deliver(const std::function<void(std::shared_ptr<const std::string>)>& to);
  void answer_ping();
  void end_with(std::uint16_t code);
  void resume();
  void count_held();
  [[nodiscard]] bool must_wait_for_memory() const;
  void wait_for_memory();
  void watch_writing(bool blocked);
  [[nodiscard]] steady::time_point next_deadline() const;

  void on_writable() override { flush(); }
  void on_deadline() override;
  void on_cut() override;

  const std::shared_ptr<const net_limits> limits_;
  const std::string remote_address_;
  websocket_events events_;
  ws_reader reader_;

  // Shared with other threads under the link's mutex.
  std::vector<outgoing> queued_;
  std::vector<outgoing> urgent_;
  bool flush_scheduled_ = false;
  bool low_water_armed_ = false;
  unsigned linger_ms_ = 0;

  std::atomic<std::size_t> outbox_bytes_ = 0;
  std::atomic<std::int64_t> in_flight_ = 0; ///< receive window in use
  std::atomic<bool> paused_ = false;
  std::atomic<bool> ending_ = false; ///< the last frame is queued; input is thrown away

  // The thread's own.
  std::vector<outgoing> batch_; ///< being written, from batch_at_ on
  std::size_t batch_at_ = 0;
  std::size_t front_sent_ = 0; ///< bytes of batch_[batch_at_] the kernel has
  steady::time_point last_heard_;
  std::size_t held_ = 0;                   ///< of a message that has begun, as counted in `inbound`
  steady::time_point waits_since_{};       ///< for memory; zero: it does not
  steady::time_point no_progress_since_{}; ///< in writing; zero: nothing is blocked
  std::uint64_t written_total_ = 0;
  std::uint64_t written_at_deadline_ = 0;
  steady::time_point ending_end_; ///< once the end is decided: what is queued
                                  ///< must be out by then
};

} // namespace ros::runtime
