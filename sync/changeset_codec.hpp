// Reads and writes the binary form of changesets (changesets.md 2 to 10).
// Whoever has bytes of a client or of the history goes through here; nothing
// else in the server knows the byte layout.
#pragma once

#include "bytes.hpp"
#include "changeset.hpp"
#include "errors.hpp"
#include "types.hpp"

#include <cstddef>
#include <string>

namespace ros::sync {

/// Longest interned string, String and Binary value, in bytes (changesets.md 9).
inline constexpr std::size_t max_string_size = 16'777'199;
inline constexpr std::size_t max_binary_size = 16'777'200;
/// Longest class and field name, in bytes.
inline constexpr std::size_t max_class_name_size = 57;
inline constexpr std::size_t max_field_name_size = 63;

/// Parses a changeset of a client (changesets.md 3 to 6). Accepts padded integers, flags
/// above 1 and values that are no UTF-8; refuses everything in section 8 with
/// ec::bad_changeset and a sentence naming the reason and the byte offset. The
/// result keeps `data` alive and points into it; memory is linear in the input.
/// On connections of `protocol_version` 1 the last operand of Clear is an
/// unused size (section 10).
result<changeset> parse_changeset(const bytes& data,
                                  int protocol_version = newest_protocol_version);

/// The same for whoever has to bound memory: an instruction of two bytes takes more than a
/// hundred once it is parsed. Instructions that would take more than `max_memory` bytes
/// are refused with ec::bad_changeset. While they grow, twice as much may be in use.
result<changeset> parse_changeset_within(std::size_t max_memory, const bytes& data,
                                         int protocol_version);

/// Parses what this server stored: history entries and reciprocals. As above,
/// except that a list element may be moved to where it is: merging can turn a
/// move into that (rule N6, merge-rules.md 12), clients must not send it.
result<changeset> parse_stored_changeset(const bytes& data);

/// The canonical encoding (changesets.md 7.1): nothing if no instruction is
/// left, else every interned string in index order, then the instructions.
std::string encode_changeset(const changeset& changes);

/// Lowest protocol version whose clients understand every instruction, 1 to 14
/// (changesets.md 10, "feature level").
int required_protocol_version(const changeset& changes);

/// Gives objects that a client made before it knew its file identifier their
/// owner: GlobalKey hi 0 becomes `client`, in object keys and link keys
/// (changesets.md 11). Part of admission, before merging. True if anything changed.
bool adopt_local_objects(changeset& changes, file_ident client);

} // namespace ros::sync
