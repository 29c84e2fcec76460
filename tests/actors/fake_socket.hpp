// A client's socket that records what the server sends instead of sending it.
#pragma once

#include "runtime/net.hpp"
#include "support/server_message.hpp"

#include <gtest/gtest.h>

#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <vector>

namespace ros::test {

class fake_socket final : public runtime::websocket_connection {
public:
  explicit fake_socket(int protocol_version) : version_(protocol_version) {}

  void send(std::string head, std::vector<runtime::shared_slice> parts, bool urgent) override {
    for (const auto& p : parts)
      head += p.view;
    EXPECT_FALSE(ended()) << "sent after the end: " << head;
    auto message = test::read_server_message(head, version_);
    if (urgent)
      urgent_names.push_back(message.name);
    sent_.push_back(std::move(message));
  }
  void send_text(std::string text) override { texts.push_back(std::move(text)); }
  void consumed(std::size_t n) override { returned += n; }
  [[nodiscard]] std::size_t outbox_bytes() const override { return outbox; }
  void close(std::uint16_t code, std::string) override { close_code = code; }
  void finish(unsigned timeout_ms) override { linger_ms = timeout_ms; }
  void abort() override { aborted = true; }
  [[nodiscard]] std::string remote_address() const override { return "192.0.2.1"; }

  [[nodiscard]] bool ended() const { return close_code || linger_ms || aborted; }
  /// Everything sent since the last call.
  std::vector<test::server_message> take() { return std::exchange(sent_, {}); }

  std::size_t outbox = 0;   ///< what the test says is queued
  std::size_t returned = 0; ///< bytes of the receive window given back
  std::vector<std::string> urgent_names;
  std::vector<std::string> texts;
  std::optional<std::uint16_t> close_code;
  std::optional<unsigned> linger_ms;
  bool aborted = false;

private:
  int version_;
  std::vector<test::server_message> sent_;
};

} // namespace ros::test
