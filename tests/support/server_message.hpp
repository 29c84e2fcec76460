// A strict reader of what the server sends (sync-protocol.md 3 and 8), independent of
// the server's own code. Anything that breaks the grammar is thrown as
// std::runtime_error, so that every test that talks to the server checks it.
#pragma once

#include <boost/json/object.hpp>

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ros::test {

struct received_entry {
  std::uint64_t server_version = 0;
  std::uint64_t client_version = 0;
  std::uint64_t timestamp = 0;
  std::uint64_t origin = 0;
  std::uint64_t original_size = 0;
  std::string changeset;
};

/// Fields by their names in the specification; those of other kinds stay 0.
struct server_message {
  std::string name;
  std::uint64_t session = 0;

  std::uint64_t file_ident = 0; ///< ident, alloc
  std::uint64_t file_salt = 0;

  std::uint64_t download_server_version = 0; ///< download: D
  std::uint64_t download_client_version = 0; ///< Dc
  std::uint64_t latest_server_version = 0;   ///< L
  std::uint64_t latest_server_salt = 0;
  std::uint64_t upload_client_version = 0; ///< Uc
  std::uint64_t upload_server_version = 0; ///< Us
  std::uint64_t downloadable_bytes = 0;
  bool is_compressed = false;
  std::uint64_t plain_size = 0; ///< of the inflated body
  std::vector<received_entry> entries;

  std::uint64_t request = 0;        ///< mark
  std::uint64_t timestamp = 0;      ///< pong
  std::uint64_t client_version = 0; ///< client_version
  std::uint64_t status = 0;         ///< transact
  int error_code = 0;               ///< error, json_error
  bool try_again = false;
  std::string text;         ///< message of an error, body of log_message
  std::string action;       ///< json_error
  boost::json::object json; ///< json_error, log_message

  std::string raw; ///< the whole message, for transcripts
};

/// Reads one message as a client that negotiated `protocol_version` must be able to: 1 .. 14,
/// or 15 .. 30 of io.realm.sync.
server_message read_server_message(std::string_view text, int protocol_version);

} // namespace ros::test
