#include "compaction_build.hpp"

#include "compaction_schema.hpp"

#include <algorithm>
#include <utility>

namespace ros::sync {

result<built_content> content_builder::build(const schema_column& column,
                                             const stored_value& value) && {
  if (auto built = field(column, value); !built) {
    return built.error();
  }
  end_piece();
  return std::move(built_);
}

result<void> content_builder::field(const schema_column& column, const stored_value& value) {
  if (column.collection == collection_type::single) {
    return put(opcode::update, column, value, 0);
  }
  const auto* items = as_collection(value);
  return items != nullptr ? content(column, *items) : result<void>();
}

result<void> content_builder::content(const schema_column& column, const stored_collection& items) {
  std::uint32_t index = 0;
  for (const auto& slot : items.slots) {
    const auto read = peek(slot, items.kind, pieces_);
    if (!read) {
      return read.error();
    }
    const auto& entries = **read;
    for (std::size_t i = 0; i < entries.values.size(); ++i, ++index) {
      const auto key = i < entries.keys.size() ? std::string_view(entries.keys[i]) : "";
      if (auto built = element(column, items, index, key, entries.values[i]); !built) {
        return built;
      }
    }
  }
  return {};
}

result<void> content_builder::element(const schema_column& column, const stored_collection& items,
                                      std::uint32_t index, std::string_view key,
                                      const stored_value& value) {
  if (items.kind == collection_type::set) {
    return put(opcode::set_insert, column, value, 0);
  }
  const bool is_list = items.kind == collection_type::list;
  path_.push_back({is_list, index, key});
  auto built = put(is_list ? opcode::array_insert : opcode::update, column, value, index);
  path_.pop_back();
  return built;
}

result<void> content_builder::put(opcode op, const schema_column& column, const stored_value& value,
                                  std::uint32_t prior_size) {
  auto content_value = payload(value);
  if (!content_value) {
    return content_value.error();
  }
  if (op == opcode::set_insert && content_value->type == value_type::null &&
      std::holds_alternative<stored_link>(value)) {
    built_.exact = false; // reads as null, but is another element
  }
  instruction i;
  i.op = op;
  i.value = std::move(*content_value);
  i.prior_size = prior_size;
  emit(std::move(i));
  if (const auto* items = as_collection(value)) {
    if (op == opcode::update) { // as clients do; it is what makes concurrent ones converge
      instruction clear;
      clear.op = opcode::clear;
      clear.collection = items->kind;
      emit(std::move(clear));
    }
    return content(column, *items);
  }
  const auto* object = std::get_if<shared<stored_object>>(&value);
  const auto* info = object != nullptr ? schema_.find(column.target) : nullptr;
  if (object == nullptr || info == nullptr) {
    return {};
  }
  for (const auto& [name, inner] : info->columns) {
    const auto* stored = find_field(**object, inner.id);
    if (stored == nullptr) {
      continue;
    }
    path_.push_back({false, 0, name});
    auto built = field(inner, *stored);
    path_.pop_back();
    if (!built) {
      return built;
    }
  }
  return {};
}

result<value> content_builder::payload(const stored_value& stored) {
  const auto keep = [this](std::string_view content) {
    return text{piece_bytes_ != 0 ? piece_.keep(content) : content, 0};
  };
  return std::visit(
      [&](const auto& x) -> result<value> {
        using type = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<type, std::monostate>) {
          return value{};
        } else if constexpr (std::is_same_v<type, std::int64_t>) {
          return value{value_type::integer, x};
        } else if constexpr (std::is_same_v<type, bool>) {
          return value{value_type::boolean, x};
        } else if constexpr (std::is_same_v<type, stored_string>) {
          return value{value_type::string, keep(x.text)};
        } else if constexpr (std::is_same_v<type, stored_binary>) {
          return value{value_type::binary, keep(x.data)};
        } else if constexpr (std::is_same_v<type, timestamp>) {
          return value{value_type::timestamp, x};
        } else if constexpr (std::is_same_v<type, float32>) {
          return value{value_type::float32, x};
        } else if constexpr (std::is_same_v<type, float64>) {
          return value{value_type::float64, x};
        } else if constexpr (std::is_same_v<type, decimal128>) {
          return value{value_type::decimal, x};
        } else if constexpr (std::is_same_v<type, object_id>) {
          return value{value_type::object_id, x};
        } else if constexpr (std::is_same_v<type, uuid>) {
          return value{value_type::uuid, x};
        } else if constexpr (std::is_same_v<type, shared<stored_object>>) {
          return value{value_type::object_value, {}};
        } else if constexpr (std::is_same_v<type, shared<stored_collection>>) {
          return value{x->kind == collection_type::list ? value_type::list : value_type::dictionary,
                       {}};
        } else {
          static_assert(std::is_same_v<type, stored_link>);
          const auto* target = schema_.find(x.table);
          if (target == nullptr) {
            return value{}; // of an erased class: reads as null
          }
          std::string_view rest = x.key;
          const auto key = take_key(rest);
          if (!key) {
            return compaction_error("the key in a link does not decode");
          }
          return value{value_type::link,
                       link{piece_.intern(target->name), piece_.intern_key(*key)}};
        }
      },
      stored);
}

void content_builder::emit(instruction i) {
  const auto string_of = [](const step& s) { return s.is_index ? std::string_view() : s.key; };
  std::size_t cost = cost_of(i) + path_.size();
  if (piece_bytes_ != 0) {
    i.class_name = piece_.intern(where_.class_name);
    i.key = piece_.intern_key(where_.key);
    i.field = piece_.intern(where_.field);
    for (const auto& s : path_) {
      i.path.push_back({s.is_index, s.is_index ? s.index : piece_.intern(string_of(s)).index});
    }
    piece_.add(std::move(i));
  }
  built_.cost += cost;
  piece_cost_ += cost;
  if (piece_bytes_ != 0 && piece_cost_ >= piece_bytes_) {
    end_piece();
  }
}

void content_builder::end_piece() {
  if (piece_.size() != 0) {
    built_.encoded.push_back(piece_.encode());
  }
  piece_ = {};
  piece_cost_ = 0;
}

} // namespace ros::sync
