// Names of instructions, types and collections in the golden vectors; private
// to the two sources of vector_changeset.hpp.
#pragma once

#include "sync/changeset.hpp"

#include <algorithm>
#include <array>
#include <stdexcept>
#include <string>
#include <string_view>
#include <utility>

namespace ros::vectors {

template <class Code, std::size_t Size>
using name_table = std::array<std::pair<Code, std::string_view>, Size>;

inline constexpr name_table<sync::opcode, 14> opcode_names{{
    {sync::opcode::add_table, "AddTable"},
    {sync::opcode::erase_table, "EraseTable"},
    {sync::opcode::create_object, "CreateObject"},
    {sync::opcode::erase_object, "EraseObject"},
    {sync::opcode::update, "Update"},
    {sync::opcode::add_integer, "AddInteger"},
    {sync::opcode::add_column, "AddColumn"},
    {sync::opcode::erase_column, "EraseColumn"},
    {sync::opcode::array_insert, "ArrayInsert"},
    {sync::opcode::array_move, "ArrayMove"},
    {sync::opcode::array_erase, "ArrayErase"},
    {sync::opcode::clear, "Clear"},
    {sync::opcode::set_insert, "SetInsert"},
    {sync::opcode::set_erase, "SetErase"},
}};

/// Type code 0 is Mixed where it declares something.
inline constexpr name_table<sync::value_type, 18> type_names{{
    {sync::value_type::set, "Set"},
    {sync::value_type::list, "List"},
    {sync::value_type::erased, "Erased"},
    {sync::value_type::dictionary, "Dictionary"},
    {sync::value_type::object_value, "ObjectValue"},
    {sync::value_type::global_key, "GlobalKey"},
    {sync::value_type::null, "Mixed"},
    {sync::value_type::integer, "Int"},
    {sync::value_type::boolean, "Bool"},
    {sync::value_type::string, "String"},
    {sync::value_type::binary, "Binary"},
    {sync::value_type::timestamp, "Timestamp"},
    {sync::value_type::float32, "Float"},
    {sync::value_type::float64, "Double"},
    {sync::value_type::decimal, "Decimal"},
    {sync::value_type::link, "Link"},
    {sync::value_type::object_id, "ObjectId"},
    {sync::value_type::uuid, "UUID"},
}};

inline constexpr name_table<sync::collection_type, 4> collection_names{{
    {sync::collection_type::single, "single"},
    {sync::collection_type::list, "list"},
    {sync::collection_type::dictionary, "dict"},
    {sync::collection_type::set, "set"},
}};

/// What {"$new":...} makes.
inline constexpr name_table<sync::value_type, 4> container_names{{
    {sync::value_type::object_value, "object"},
    {sync::value_type::list, "list"},
    {sync::value_type::dictionary, "dict"},
    {sync::value_type::set, "set"},
}};

template <class Code, std::size_t Size>
std::string_view name_of(const name_table<Code, Size>& table, Code code) {
  const auto* const found =
      std::ranges::find(table, code, &std::pair<Code, std::string_view>::first);
  return found == table.end() ? "?" : found->second;
}

template <class Code, std::size_t Size>
Code code_of(const name_table<Code, Size>& table, std::string_view name) {
  const auto* const found =
      std::ranges::find(table, name, &std::pair<Code, std::string_view>::second);
  if (found == table.end()) {
    throw std::runtime_error("unknown name: " + std::string(name));
  }
  return found->first;
}

} // namespace ros::vectors
