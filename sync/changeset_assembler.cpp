#include "changeset_assembler.hpp"

#include "changeset_codec.hpp"

#include <utility>
#include <variant>

namespace ros::sync {

namespace {

bool names_field(opcode op) {
  return is_path_instruction(op) || op == opcode::add_column || op == opcode::erase_column ||
         op == opcode::add_table;
}

} // namespace

interned changeset_assembler::intern(std::string_view text) {
  if (const auto known = numbers_.find(text); known != numbers_.end()) {
    return {known->second};
  }
  return number_of(keep(text));
}

std::string_view changeset_assembler::keep(std::string_view content) {
  return changes_.buffers.emplace_back(std::string(content)).view();
}

interned changeset_assembler::number_of(std::string_view text) {
  const auto next = static_cast<std::uint32_t>(changes_.strings.size());
  const auto [at, added] = numbers_.try_emplace(text, next);
  if (added) {
    changes_.strings.push_back(text);
  }
  return {at->second};
}

object_key changeset_assembler::intern_key(const primary_key& key) {
  return std::visit(
      [this](const auto& x) -> object_key {
        if constexpr (std::is_same_v<std::decay_t<decltype(x)>, std::string>) {
          return intern(x);
        } else {
          return x;
        }
      },
      key);
}

object_key changeset_assembler::copy_key(const changeset& from, const object_key& key) {
  const auto* text = std::get_if<interned>(&key);
  return text != nullptr ? object_key(number_of(from.string(*text))) : key;
}

instruction& changeset_assembler::add(instruction i) {
  return changes_.instructions.emplace_back(std::move(i));
}

instruction& changeset_assembler::add(const changeset& from, const instruction& i) {
  if (last_source_ != &from) {
    changes_.buffers.insert(changes_.buffers.end(), from.buffers.begin(), from.buffers.end());
    last_source_ = &from;
  }
  instruction copy = i;
  copy.class_name = number_of(from.string(i.class_name));
  if (names_field(i.op) && !(i.op == opcode::add_table && i.kind == class_kind::embedded)) {
    copy.field = number_of(from.string(i.field));
  }
  if (i.op == opcode::add_column && i.type == value_type::link) {
    copy.target_class = number_of(from.string(i.target_class));
  }
  copy.key = copy_key(from, i.key);
  for (auto& element : copy.path) {
    if (!element.is_index) {
      element.number = number_of(from.string(interned{element.number})).index;
    }
  }
  if (const auto* target = std::get_if<link>(&i.value.data)) {
    copy.value.data =
        link{number_of(from.string(target->target_class)), copy_key(from, target->target_key)};
  }
  return add(std::move(copy));
}

std::string changeset_assembler::encode() const {
  return encode_changeset(changes_);
}

} // namespace ros::sync
