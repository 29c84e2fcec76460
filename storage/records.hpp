// Values of the store to bytes and back (docs/storage.md). Each begins with a
// version byte; a value that does not decode is damage. Private to storage/.
#pragma once

#include "realm_record.hpp"
#include "sync/client_file.hpp"
#include "sync/history.hpp"

#include <optional>
#include <string>
#include <string_view>

namespace ros::storage {

/// Version byte in front of every value that is as layout 1 had it.
inline constexpr char value_version = 1;
/// That of a Realm's record, which layout 2 made longer. Both are read.
inline constexpr char realm_record_version = 2;

std::string encode(const realm_record& x);
std::optional<realm_record> decode_realm_record(std::string_view data);

std::string encode(const sync::client_file& x);
std::optional<sync::client_file> decode_client_file(std::string_view data);

/// A row of family `history`. `data_size` is that of the row in `changesets`, 0 if
/// there is none; it differs from `original_size` once the entry was compacted.
struct history_row {
  sync::history_entry entry; ///< without data
  std::uint64_t data_size = 0;
};

std::string encode_history(const sync::history_entry& x);
/// The summary is copied, so that `data` may go away.
std::optional<history_row> decode_history(sync::version_type version, std::string_view data);

/// Sizes of all changesets up to the end of a block.
std::string encode_block_size(std::uint64_t size);
std::optional<std::uint64_t> decode_block_size(std::string_view data);

/// Bytes behind a version byte: changesets, summaries, reciprocals.
std::string encode_blob(std::string_view data);
/// Takes the stored value over without copying.
std::optional<sync::bytes> decode_blob(std::string data);

} // namespace ros::storage
