#include "state_read.hpp"

#include "state_default.hpp"

#include <algorithm>
#include <map>

namespace ros::sync {

result<shared<piece>> image_pieces::fetch(const piece_slot& slot, collection_type kind) {
  if (slot.content) {
    return slot.content;
  }
  for (const auto& piece : image_.pieces) {
    if (piece.id == slot.id) {
      auto content = decode_piece(piece.content, kind);
      if (!content || content->values.size() != slot.count) {
        return error{ec::corrupt_store, "a piece of a before-image does not decode", 0};
      }
      return content;
    }
  }
  return shared<piece>();
}

result<read_object> value_reader::object(const stored_object& object, const schema_class& info,
                                         read_window window) {
  read_object out;
  out.fields.reserve(info.columns.size());
  for (const auto& [name, column] : info.columns) {
    const auto* stored = find_field(object, column.id);
    auto field = value(stored != nullptr ? *stored : default_value(column), column, window);
    if (!field) {
      return field.error();
    }
    out.fields.push_back({name, std::move(*field)});
  }
  return out;
}

result<read_value> value_reader::link(const stored_link& link) {
  const auto* target = schema_.find(link.table);
  if (target == nullptr) {
    return read_value();
  }
  std::string_view in = link.key;
  auto key = take_key(in);
  if (!key) {
    return error{ec::corrupt_store, "the key in a stored link does not decode", 0};
  }
  auto live = exists_(object_prefix(link.table) + link.key);
  if (!live) {
    return live.error();
  }
  return read_value{read_link{target->name, std::move(*key), !*live}};
}

result<read_value> value_reader::value(const stored_value& value, const schema_column& column,
                                       read_window window) {
  return std::visit(
      [&](const auto& x) -> result<read_value> {
        using type = std::decay_t<decltype(x)>;
        if constexpr (std::is_same_v<type, stored_string>) {
          return read_value{x.text};
        } else if constexpr (std::is_same_v<type, stored_binary>) {
          return read_value{read_binary{x.data}};
        } else if constexpr (std::is_same_v<type, stored_link>) {
          return link(x);
        } else if constexpr (std::is_same_v<type, shared<stored_collection>>) {
          return collection(*x, column, window);
        } else if constexpr (std::is_same_v<type, shared<stored_object>>) {
          return embedded(*x, column);
        } else {
          return read_value{x};
        }
      },
      value);
}

result<read_value> value_reader::embedded(const stored_object& inner, const schema_column& column) {
  const auto* info = schema_.find(column.target);
  if (info == nullptr) {
    return error{ec::corrupt_store, "an embedded object has no class", 0};
  }
  auto out = object(inner, *info, {});
  return out ? result<read_value>(read_value{std::move(*out)}) : out.error();
}

result<read_value> value_reader::collection(const stored_collection& items,
                                            const schema_column& column, read_window window) {
  read_collection out;
  out.kind = items.kind;
  out.size = items.size;
  const auto skip = [&out](std::uint64_t index, std::uint64_t count) {
    if (!out.gaps.empty() && out.gaps.back().index + out.gaps.back().count == index) {
      out.gaps.back().count += count;
    } else {
      out.gaps.push_back({index, count});
    }
  };
  const auto wanted = [window](std::uint64_t index) {
    return index >= window.first && index - window.first < window.count;
  };
  std::uint64_t index = 0;
  for (const auto& slot : items.slots) {
    const bool outside = window.count == 0 || index + slot.count <= window.first ||
                         (index > window.first && index - window.first >= window.count);
    auto content = outside ? result<shared<piece>>(nullptr) : pieces_.fetch(slot, items.kind);
    if (!content) {
      return content.error();
    }
    if (!*content) {
      skip(index, slot.count);
      index += slot.count;
      continue;
    }
    for (std::size_t i = 0; i < (*content)->values.size(); ++i, ++index) {
      if (!wanted(index)) {
        skip(index, 1);
        continue;
      }
      auto element = value((*content)->values[i], column, {});
      if (!element) {
        return element.error();
      }
      const bool keyed = items.kind == collection_type::dictionary;
      out.entries.push_back({keyed ? (*content)->keys[i] : std::string(), std::move(*element)});
    }
  }
  return read_value{std::move(out)};
}

result<void>
visit_rows(const state_source& source, const object_cache* overlay, std::string_view prefix,
           std::string_view start,
           const std::function<bool(std::string_view row_key, const stored_row& row)>& visit,
           result<void>& outcome) {
  std::map<std::string_view, shared<stored_row>> changed;
  if (overlay != nullptr) {
    overlay->visit_overlay(prefix, [&](const object_node& node) {
      if (node.row_key >= start) {
        changed.emplace(node.row_key, node.row);
      }
    });
  }
  auto next = changed.begin();
  bool more = true;
  const auto show_changed = [&] {
    more = !next->second->exists || visit(next->first, *next->second);
    ++next;
  };
  auto scanned = source.scan(
      state_column::objects, prefix, start, [&](std::string_view key, std::string_view value) {
        while (more && next != changed.end() && next->first < key) {
          show_changed();
        }
        if (more && next != changed.end() && next->first == key) {
          show_changed();
          return more;
        }
        if (!more) {
          return false;
        }
        const auto row = decode_row(value);
        if (!row) {
          outcome = error{ec::corrupt_store, "a stored object does not decode", 0};
        }
        more = row && visit(key, *row);
        return more;
      });
  if (!scanned) {
    return scanned;
  }
  while (more && next != changed.end()) {
    show_changed();
  }
  return outcome;
}

} // namespace ros::sync
