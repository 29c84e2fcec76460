// The instructions that build the content of a field from nothing (merge-rules.md 16,
// condition 5), the way a client writes it down. Internal to compaction.
#pragma once

#include "changeset_assembler.hpp"
#include "compaction_scratch.hpp"
#include "state_collection.hpp"
#include "state_schema.hpp"
#include "state_value.hpp"

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace ros::sync {

struct built_field {
  std::string_view class_name;
  primary_key key;
  std::string_view field;
};

class content_builder {
public:
  /// `piece_bytes` 0: instructions are counted and not kept.
  content_builder(const state_schema& schema, piece_source& pieces, built_field where,
                  std::size_t piece_bytes)
      : schema_(schema), pieces_(pieces), where_(std::move(where)), piece_bytes_(piece_bytes) {}

  /// Only once.
  result<built_content> build(const schema_column& column, const stored_value& value) &&;

private:
  /// An index, or a key that outlives the builder's way below it.
  struct step {
    bool is_index = false;
    std::uint32_t index = 0;
    std::string_view key;
  };

  result<void> field(const schema_column& column, const stored_value& value);
  result<void> content(const schema_column& column, const stored_collection& items);
  result<void> element(const schema_column& column, const stored_collection& items,
                       std::uint32_t index, std::string_view key, const stored_value& value);
  /// The instruction with this value, and what fills it if it is something to be filled.
  result<void> put(opcode op, const schema_column& column, const stored_value& value,
                   std::uint32_t prior_size);
  result<value> payload(const stored_value& value);
  void emit(instruction i);
  void end_piece();

  const state_schema& schema_;
  piece_source& pieces_;
  built_field where_;
  std::size_t piece_bytes_;

  std::vector<step> path_;
  changeset_assembler piece_;
  std::size_t piece_cost_ = 0;
  built_content built_;
};

} // namespace ros::sync
