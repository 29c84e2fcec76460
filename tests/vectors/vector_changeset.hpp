// Changesets in the JSON form of the golden vectors (CHANGESET, INSTRUCTION,
// KEY and VALUE of their README), to and from the parsed form of the codec.
#pragma once

#include "sync/changeset.hpp"
#include "vectors/vector_files.hpp"

#include <string>

namespace ros::vectors {

/// The bytes of a CHANGESET: its `hex`.
std::string changeset_bytes(const json::value& v);

/// The changeset that `strings` and `ins` of a CHANGESET describe, with string
/// tokens as if parsed from the canonical bytes. Throws std::runtime_error
/// where they are missing or wrong.
sync::changeset changeset_from_json(const json::value& v);

/// {"strings":[...],"ins":[...]}
json::object changeset_to_json(const sync::changeset& changes);
json::array instruction_to_json(const sync::changeset& changes, const sync::instruction& in);

/// Keys and values on their own; names are looked up in, or added to, `table`.
json::value key_to_json(const sync::changeset& table, const sync::object_key& key);
json::value value_to_json(const sync::changeset& table, const sync::value& value);
sync::object_key key_from_json(sync::changeset& table, const json::value& v);
sync::value value_from_json(sync::changeset& table, const json::value& v);

/// Checks a CHANGESET for itself: its bytes decode to `strings` and `ins` where
/// these are given.
void check_changeset(const json::value& v, checks& c);

} // namespace ros::vectors
