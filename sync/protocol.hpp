// What a connection speaks: a version of com.mongodb.realm-sync or of its
// predecessor io.realm.sync (sync-protocol.md 3 and 8). Says which forms messages
// have; a plain value, owned by nobody.
#pragma once

#include "types.hpp"

#include <string>

namespace ros::sync {

/// Versions of `io.realm.sync` spoken here: 15 to 22 in one form, 26 to 30 in others. The
/// heads of 23 to 25 are not known (sync-protocol.md 9).
inline constexpr int oldest_legacy_version = 15;
inline constexpr int last_early_legacy_version = 22;
inline constexpr int first_late_legacy_version = 26;
inline constexpr int newest_legacy_version = 30;

/// The numbers of the two families do not overlap: com.mongodb.realm-sync counts from
/// 1 to 14, io.realm.sync from 15 to 30.
class protocol {
public:
  // Not explicit: a number is what negotiation came to, and says it all.
  constexpr protocol(int number = newest_protocol_version) : number_(number) {}

  [[nodiscard]] constexpr int number() const noexcept { return number_; }
  [[nodiscard]] constexpr bool is_legacy() const noexcept {
    return number_ >= oldest_legacy_version;
  }
  /// The version of com.mongodb.realm-sync with the same instruction set; that of
  /// io.realm.sync 30 is 1, and earlier ones are held to it (changesets.md 10).
  [[nodiscard]] constexpr int level() const noexcept { return is_legacy() ? 1 : number_; }

  // -- com.mongodb.realm-sync ---------------------------------------------------
  [[nodiscard]] constexpr bool has_json_errors() const noexcept { return level() >= 4; }
  /// Errors say what the SDK is to do, and clients report errors of their own.
  [[nodiscard]] constexpr bool has_actions() const noexcept { return level() >= 7; }
  [[nodiscard]] constexpr bool has_close_codes() const noexcept { return level() >= 8; }
  [[nodiscard]] constexpr bool has_log_messages() const noexcept { return level() >= 10; }
  /// Clients up to here may bring their token in BIND only; io.realm.sync always does.
  [[nodiscard]] constexpr bool has_token_in_bind() const noexcept { return level() <= 3; }

  // -- io.realm.sync ------------------------------------------------------------
  /// 15 to 22: heads with server file idents and without cursors, at least one
  /// changeset in every UPLOAD, and any error ends the connection.
  [[nodiscard]] constexpr bool is_early() const noexcept {
    return is_legacy() && number_ <= last_early_legacy_version;
  }
  /// UPLOAD tells the integrated server version, but no client version.
  [[nodiscard]] constexpr bool has_half_progress() const noexcept {
    return number_ >= first_late_legacy_version && number_ <= 28;
  }
  /// BIND says whether the client is a subserver.
  [[nodiscard]] constexpr bool has_subservers() const noexcept {
    return !is_legacy() || number_ >= 30;
  }
  /// DOWNLOAD estimates its bytes.
  [[nodiscard]] constexpr bool has_downloadable_bytes() const noexcept { return number_ != 15; }
  /// STATE_REQUEST names the file formats the client reads.
  [[nodiscard]] constexpr bool has_state_formats() const noexcept {
    return !is_legacy() || number_ >= 28;
  }
  /// Clients know what an expired client file is.
  [[nodiscard]] constexpr bool has_expired_files() const noexcept {
    return !is_legacy() || number_ >= 30;
  }

  /// "com.mongodb.realm-sync 14", for log lines and error texts.
  [[nodiscard]] std::string name() const {
    return (is_legacy() ? "io.realm.sync " : "com.mongodb.realm-sync ") + std::to_string(number_);
  }

  friend constexpr bool operator==(protocol, protocol) = default;

private:
  int number_;
};

} // namespace ros::sync
