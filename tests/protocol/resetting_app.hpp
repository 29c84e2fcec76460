// An app on a copy of a Realm, and what its SDK does when it has to reset the copy.
#pragma once

#include "support/living_copy.hpp"

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <utility>

namespace ros::test {

/// The ways in which clients go through a reset.
struct reset_style {
  enum class link : std::uint8_t {
    same_connection, ///< all sessions share one
    new_connections, ///< no multiplexing: each session has a connection of its own
    left_behind,     ///< ... and that of the temporary session stays there, bound
  };
  link connections = link::same_connection;
  bool recovers = true;       ///< uploads again what was not acknowledged
  bool asks_anew = false;     ///< the app's file gets an ident of its own, not the temporary one's
  bool empty_uploads = false; ///< in the temporary session, as cores 11.6 to 14.10
};

/// One copy with one session on one connection.
struct app {
  /// Binds as session 1 and takes the first download.
  app(const connect_options& o, std::string path);

  void connect() { client = std::make_unique<protocol_client>(options); }
  void resume(std::uint64_t number);
  void upload();
  /// Everything up, everything down; the content.
  std::string settle();

  /// After an error that asks for a reset: downloads everything as session 2, goes on
  /// from there as session 3. `meanwhile` happens during the download.
  void reset(
      const reset_style& style = {}, const std::function<void()>& meanwhile = [] {});

  connect_options options;
  living_copy file;
  std::unique_ptr<protocol_client> client;
  std::unique_ptr<client_session> session;
  /// Of a reset whose temporary session stayed bound.
  std::unique_ptr<protocol_client> left_behind;
};

} // namespace ros::test
