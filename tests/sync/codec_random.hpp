// Random but valid changesets for tests: few classes, keys and fields, so that
// what two of them touch overlaps often. Deterministic by seed.
#pragma once

#include "sync/codec_helpers.hpp"

#include <cstdint>
#include <random>
#include <string>

namespace ros::sync::testing {

/// What the generator chooses from.
struct random_options {
  int instructions = 8;
  int classes = 3;
  int keys = 5;
  bool schema = true;   ///< AddTable, AddColumn
  bool erasures = true; ///< EraseTable, EraseColumn
  bool objects = true;  ///< object and path instructions
};

class random_changesets {
public:
  explicit random_changesets(std::uint32_t seed) : random_(seed) {}

  /// A number below `limit`. Not std::uniform_int_distribution, whose results
  /// differ between libraries.
  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }
  bool coin() { return below(2) == 1; }

  changeset operator()(const random_options& options);

private:
  interned any_class() { return {below(static_cast<std::uint32_t>(options_.classes))}; }
  interned any_field() { return {first_field_ + below(field_count)}; }
  object_key any_key();
  value any_value();
  value any_scalar(value_type type);
  void make_path(instruction& in, bool ends_with_index);
  instruction any_instruction();
  instruction schema_instruction();
  instruction erasure();
  instruction object_instruction();
  void list_operands(instruction& in);

  static constexpr std::uint32_t field_count = 4;

  std::mt19937 random_;
  random_options options_;
  std::uint32_t first_field_ = 0;
  changeset out_;
};

inline changeset random_changesets::operator()(const random_options& options) {
  options_ = options;
  out_ = {};
  for (int i = 0; i < options.classes; ++i) {
    add_string(out_, "Class" + std::to_string(i));
  }
  first_field_ = static_cast<std::uint32_t>(out_.strings.size());
  for (std::uint32_t i = 0; i < field_count; ++i) {
    add_string(out_, "field" + std::to_string(i));
  }
  // Content equal to a class name, and an order that differs between changesets.
  if (coin()) {
    add_string(out_, "");
  }
  for (int i = 0; i < options.instructions; ++i) {
    out_.instructions.push_back(any_instruction());
  }
  return std::move(out_);
}

inline instruction random_changesets::any_instruction() {
  for (;;) {
    const std::uint32_t choice = below(16);
    if (choice == 0 && options_.erasures) {
      return erasure();
    }
    if (choice <= 3 && options_.schema) {
      return schema_instruction();
    }
    if (choice > 3 && options_.objects) {
      return object_instruction();
    }
  }
}

inline instruction random_changesets::schema_instruction() {
  static constexpr value_type key_types[] = {value_type::integer, value_type::string,
                                             value_type::object_id, value_type::uuid,
                                             value_type::global_key};
  instruction in;
  in.op = coin() ? opcode::add_table : opcode::add_column;
  in.class_name = any_class();
  if (in.op == opcode::add_table) {
    in.kind = static_cast<class_kind>(below(3));
    if (in.kind != class_kind::embedded) {
      in.field = any_field();
      in.type = key_types[below(5)];
      in.nullable = coin();
    }
    return in;
  }
  in.field = any_field();
  in.type = static_cast<value_type>(below(12));
  in.nullable = coin();
  in.collection = static_cast<collection_type>(below(4));
  if (in.type == value_type::link) {
    in.target_class = any_class();
  }
  if (in.collection == collection_type::dictionary) {
    in.key_type = value_type::string;
  }
  return in;
}

inline instruction random_changesets::erasure() {
  instruction in;
  in.op = coin() ? opcode::erase_table : opcode::erase_column;
  in.class_name = any_class();
  if (in.op == opcode::erase_column) {
    in.field = any_field();
  }
  return in;
}

inline object_key random_changesets::any_key() {
  const auto number = below(static_cast<std::uint32_t>(options_.keys));
  switch (below(6)) {
  case 0:
    return {};
  case 1:
    return interned{first_field_ + below(field_count)};
  case 2:
    return global_key{2, number};
  case 3:
    return counting_id<object_id>(static_cast<std::uint8_t>(number));
  case 4:
    return counting_id<uuid>(static_cast<std::uint8_t>(number));
  default:
    return static_cast<std::int64_t>(number) - 2;
  }
}

inline value random_changesets::any_scalar(value_type type) {
  switch (type) {
  case value_type::integer:
    return int_value((std::int64_t{below(UINT32_MAX)} << below(32)) - 1000);
  case value_type::boolean:
    return {type, coin()};
  case value_type::string:
  case value_type::binary: {
    out_.buffers.emplace_back(std::string(below(100), static_cast<char>(below(256))));
    const text payload{out_.buffers.back().view(), out_.virtual_size};
    out_.virtual_size += payload.content.size();
    return {type, payload};
  }
  case value_type::timestamp:
    return {type, timestamp{-std::int64_t{below(1000)}, -static_cast<std::int32_t>(below(1000))}};
  case value_type::float32:
    return {type, float32{below(UINT32_MAX)}};
  case value_type::float64:
    return {type, float64{std::uint64_t{below(UINT32_MAX)} << 32 | below(UINT32_MAX)}};
  case value_type::decimal:
    return decimal_value(below(1U << 30), below(UINT32_MAX), static_cast<int>(below(16384)) - 6176,
                         coin());
  case value_type::link:
    return {type, link{any_class(), any_key()}};
  case value_type::object_id:
    return {type, counting_id<object_id>(static_cast<std::uint8_t>(below(256)))};
  default:
    return {value_type::uuid, counting_id<uuid>(static_cast<std::uint8_t>(below(256)))};
  }
}

inline value random_changesets::any_value() {
  static constexpr value_type plain[] = {value_type::null, value_type::list, value_type::dictionary,
                                         value_type::erased, value_type::object_value};
  return coin() ? plain_value(plain[below(5)]) : any_scalar(static_cast<value_type>(1 + below(11)));
}

inline void random_changesets::make_path(instruction& in, bool ends_with_index) {
  for (std::uint32_t n = below(3); n != 0; --n) {
    in.path.push_back(coin() ? at_index(below(4)) : at_string(first_field_ + below(field_count)));
  }
  if (ends_with_index) {
    in.path.push_back(at_index(below(100)));
  }
}

inline void random_changesets::list_operands(instruction& in) {
  make_path(in, true);
  in.prior_size = 100 + below(100);
  if (in.op == opcode::array_move) {
    in.to_index = in.path.back().number + 1;
  }
}

inline instruction random_changesets::object_instruction() {
  static constexpr opcode kinds[] = {
      opcode::create_object, opcode::erase_object, opcode::update,      opcode::add_integer,
      opcode::array_insert,  opcode::array_move,   opcode::array_erase, opcode::clear,
      opcode::set_insert,    opcode::set_erase};
  instruction in;
  in.op = kinds[below(10)];
  in.class_name = any_class();
  in.key = any_key();
  if (!is_path_instruction(in.op)) {
    return in;
  }
  in.field = any_field();
  switch (in.op) {
  case opcode::array_insert:
    in.value = any_value();
    [[fallthrough]];
  case opcode::array_move:
  case opcode::array_erase:
    list_operands(in);
    return in;
  case opcode::add_integer:
    in.value = any_scalar(value_type::integer);
    break;
  case opcode::clear:
    in.collection = static_cast<collection_type>(below(4));
    break;
  default:
    in.value = any_value();
  }
  make_path(in, false);
  if (in.op == opcode::update) {
    in.is_default = !is_array_update(in) && coin();
    in.prior_size = is_array_update(in) ? below(100) : 0;
  }
  return in;
}

} // namespace ros::sync::testing
