// Keys of the object state (architecture "Durable state"): primary keys in an
// order-preserving form, and the keys of the rows of columns `schema` and `objects`.
// Owned by the object state; readers use it to start a scan at an object.
#pragma once

#include "changeset.hpp"

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <variant>

namespace ros::sync {

/// Numbers a class of one Realm; allocated in the schema and never given again.
using table_id = std::uint32_t;
/// Numbers a column of one class; never given again, so that an erased column
/// needs no rewriting of objects.
using column_id = std::uint32_t;
/// Numbers a piece of an object's big collections; never given again to the object.
using piece_id = std::uint64_t;

/// A primary key that owns its string.
using primary_key =
    std::variant<std::monostate, std::int64_t, std::string, global_key, object_id, uuid>;

/// The type a key must have in its class; null for the null key.
value_type key_type(const object_key& key) noexcept;

/// Appends the encoded key. Byte order of encoded keys is: null, integers
/// ascending, strings by bytes, ObjectIds, UUIDs, GlobalKeys. No encoded key is
/// the beginning of another.
void append_key(std::string& out, const primary_key& key);
/// As above; `names` resolves an interned string.
void append_key(std::string& out, const object_key& key, const changeset& names);
std::string encode_key(const primary_key& key);

/// Reads an encoded key and moves `in` behind it; nothing if it does not decode.
std::optional<primary_key> take_key(std::string_view& in);

/// For error messages: 1, "a", null, an ObjectId in hex; long strings are cut.
std::string describe_key(const primary_key& key);
primary_key own_key(const object_key& key, const changeset& names);

// -- rows ---------------------------------------------------------------------
// column `objects`:  table (4, big endian) | 0 | key              -> object
//                    table | 1 | key | piece id (8, big endian)   -> piece
// column `schema`:   0                                            -> next table id
//                    1 | table (4)                                -> class
//                    2 | table (4)                                -> next GlobalKey counter

/// Prefix of all rows of a table in column `objects`.
std::string table_prefix(table_id table);
/// Prefix of all object rows of a table; an encoded key completes it.
std::string object_prefix(table_id table);
/// Row of a piece of the object in `object_row` (prefix and key).
std::string piece_row(std::string_view object_row, piece_id piece);
/// The table an object or piece row belongs to; `row` has at least 5 bytes.
table_id table_of_row(std::string_view row) noexcept;
/// The encoded key within an object row.
inline std::string_view key_of_row(std::string_view object_row) {
  return object_row.substr(5);
}

void append_big_endian(std::string& out, std::uint64_t number, int bytes);
std::uint64_t read_big_endian(std::string_view in, int bytes) noexcept;

} // namespace ros::sync
