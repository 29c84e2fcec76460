// The stream of definitions and instructions.
#include "changeset_codec_parser.hpp"

#include "changeset_codec.hpp"

#include <algorithm>
#include <utility>

namespace ros::sync::codec {
namespace {

constexpr std::uint64_t definition_opcode = 63;

/// Instructions are much larger in memory than on the wire, so room is made for
/// few in advance; real growth follows what was read.
constexpr std::size_t bytes_per_instruction = 16;
constexpr std::size_t max_reserved_instructions = 1024;

} // namespace

parser::parser(const bytes& data, int protocol_version, source from, std::size_t max_memory)
    : memory_left_(max_memory), begin_(data.data()), at_(begin_), end_(begin_ + data.size()),
      clear_ends_with_size_(protocol_version < 2), moves_have_to_move_(from == source::client) {
  if (!data.empty()) {
    out_.buffers.push_back(data);
    out_.instructions.reserve(
        std::min(data.size() / bytes_per_instruction, max_reserved_instructions));
  }
}

error parser::failure() const {
  return {ec::bad_changeset,
          std::string(reason_) + " (byte " + std::to_string(failed_at_ - begin_) + ")"};
}

result<changeset> parser::run() {
  while (at_ != end_) {
    const char* const start = at_;
    const std::uint64_t op = u64();
    if (op <= static_cast<std::uint64_t>(opcode::set_erase)) {
      instruction_item(static_cast<opcode>(op));
    } else if (op == definition_opcode) {
      definition();
    } else {
      fail("an unknown opcode", start);
    }
  }
  if (!failed()) {
    refuse_repeated_strings();
  }
  if (failed()) {
    return failure();
  }
  return std::move(out_);
}

void parser::instruction_item(opcode op) {
  spend(sizeof(instruction), at_);
  instruction& in = out_.instructions.emplace_back();
  in.op = op;
  in.class_name = class_name();
  switch (op) {
  case opcode::add_table:
    add_table(in);
    break;
  case opcode::erase_table:
    break;
  case opcode::create_object:
  case opcode::erase_object:
    in.key = key();
    break;
  case opcode::add_column:
    add_column(in);
    break;
  case opcode::erase_column:
    in.field = field_name();
    break;
  default:
    path_instruction(in);
  }
}

void parser::add_table(instruction& in) {
  const char* const kind_at = at_;
  const std::uint8_t kind = u8();
  if (kind > static_cast<std::uint8_t>(class_kind::asymmetric)) {
    fail("an unknown class kind", kind_at);
    return;
  }
  in.kind = static_cast<class_kind>(kind);
  if (in.kind == class_kind::embedded) {
    return;
  }
  in.field = key_field_name();
  const char* const type_at = at_;
  in.type = type_code();
  switch (in.type) {
  case value_type::integer:
  case value_type::string:
  case value_type::object_id:
  case value_type::uuid:
  case value_type::global_key:
    break;
  default:
    fail("a type that cannot be a primary key", type_at);
  }
  in.nullable = boolean();
}

void parser::add_column(instruction& in) {
  in.field = field_name();
  const char* const type_at = at_;
  in.type = type_code();
  if (in.type < value_type::null) {
    fail("a type that cannot be a column", type_at);
  }
  in.nullable = boolean();
  in.collection = collection();
  if (in.type == value_type::link) {
    in.target_class = class_name();
  }
  if (in.collection == collection_type::dictionary) {
    const char* const key_type_at = at_;
    in.key_type = type_code();
    if (in.key_type != value_type::string) {
      fail("a dictionary key type other than String", key_type_at);
    }
  }
}

void parser::require_index(const instruction& in, const char* start) {
  if (!failed() && (in.path.empty() || !in.path.back().is_index)) {
    fail("the path of a list instruction does not end with an index", start);
  }
}

void parser::path_instruction(instruction& in) {
  in.key = key();
  in.field = field_name();
  const char* const path_at = at_;
  path(in.path);
  switch (in.op) {
  case opcode::update:
    in.value = payload();
    if (is_array_update(in)) {
      in.prior_size = u32();
    } else {
      in.is_default = boolean();
    }
    break;
  case opcode::add_integer:
    in.value = {value_type::integer, i64()};
    break;
  case opcode::array_insert:
    require_index(in, path_at);
    in.value = payload();
    in.prior_size = u32();
    break;
  case opcode::array_move: {
    require_index(in, path_at);
    const char* const to_at = at_;
    in.to_index = u32();
    in.prior_size = u32();
    if (moves_have_to_move_ && !failed() && in.to_index == in.path.back().number) {
      fail("a list element is moved to where it is", to_at);
    }
    break;
  }
  case opcode::array_erase:
    require_index(in, path_at);
    in.prior_size = u32();
    break;
  case opcode::clear:
    if (clear_ends_with_size_) {
      u32();
    } else {
      in.collection = collection();
    }
    break;
  default: // set_insert, set_erase
    in.value = payload();
  }
}

} // namespace ros::sync::codec
