#include "changeset_codec.hpp"

#include "changeset_codec_parser.hpp"

#include <algorithm>
#include <cstdint>

namespace ros::sync {
namespace {

constexpr int version_of_mixed_dictionary_set_uuid = 3;
constexpr int version_of_asymmetric = 6;
constexpr int version_of_collections_in_mixed = 13;

int version_of(const object_key& key) {
  return std::holds_alternative<uuid>(key) ? version_of_mixed_dictionary_set_uuid : 1;
}

int version_of(const value& payload) {
  switch (payload.type) {
  case value_type::list:
  case value_type::dictionary:
    return version_of_collections_in_mixed;
  case value_type::erased:
  case value_type::uuid:
    return version_of_mixed_dictionary_set_uuid;
  case value_type::link:
    return version_of(std::get<link>(payload.data).target_key);
  default:
    return 1;
  }
}

int version_of(const instruction& in) {
  switch (in.op) {
  case opcode::add_table:
    return in.kind == class_kind::asymmetric ? version_of_asymmetric
           : in.type == value_type::uuid     ? version_of_mixed_dictionary_set_uuid
                                             : 1;
  case opcode::add_column:
    return in.type == value_type::uuid || in.type == value_type::null ||
                   in.collection == collection_type::dictionary ||
                   in.collection == collection_type::set
               ? version_of_mixed_dictionary_set_uuid
               : 1;
  case opcode::set_insert:
  case opcode::set_erase:
    return std::max(
        {version_of_mixed_dictionary_set_uuid, version_of(in.key), version_of(in.value)});
  default:
    return std::max(version_of(in.key), version_of(in.value));
  }
}

bool adopt(object_key& key, file_ident client) {
  auto* const found = std::get_if<global_key>(&key);
  if (found == nullptr || found->hi != 0) {
    return false;
  }
  found->hi = client;
  return true;
}

} // namespace

result<changeset> parse_changeset(const bytes& data, int protocol_version) {
  return parse_changeset_within(SIZE_MAX, data, protocol_version);
}

result<changeset> parse_changeset_within(std::size_t max_memory, const bytes& data,
                                         int protocol_version) {
  return codec::parser(data, protocol_version, codec::source::client, max_memory).run();
}

result<changeset> parse_stored_changeset(const bytes& data) {
  return codec::parser(data, newest_protocol_version, codec::source::merge_result, SIZE_MAX).run();
}

int required_protocol_version(const changeset& changes) {
  int version = 1;
  for (const instruction& in : changes.instructions) {
    version = std::max(version, version_of(in));
  }
  return version;
}

bool adopt_local_objects(changeset& changes, file_ident client) {
  bool changed = false;
  for (instruction& in : changes.instructions) {
    changed |= adopt(in.key, client);
    if (auto* const target = std::get_if<link>(&in.value.data)) {
      changed |= adopt(target->target_key, client);
    }
  }
  return changed;
}

} // namespace ros::sync
