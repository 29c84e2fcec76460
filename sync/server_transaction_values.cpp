#include "server_transaction_values.hpp"

#include "changeset_codec.hpp"
#include "server_transaction.hpp"

#include <algorithm>
#include <utility>

namespace ros::sync {

namespace {

/// Elements are compared one with another to find out which of a set are new.
constexpr std::size_t max_set_comparisons = 4'000'000;

bool is_same(const read_value& a, const read_value& b) {
  return holds_already(a, b) && holds_already(b, a);
}

bool contains(const std::vector<read_entry>& set, const read_value& element) {
  return std::any_of(set.begin(), set.end(),
                     [&](const read_entry& x) { return is_same(x.value, element); });
}

const read_value* find_entry(const std::vector<read_entry>& entries, std::string_view key) {
  const auto at =
      std::find_if(entries.begin(), entries.end(), [&](const auto& x) { return x.key == key; });
  return at != entries.end() ? &at->value : nullptr;
}

const read_value* find_field(const read_object& object, std::string_view name) {
  const auto at = std::find_if(object.fields.begin(), object.fields.end(),
                               [&](const auto& x) { return x.name == name; });
  return at != object.fields.end() ? &at->value : nullptr;
}

bool holds_fields(const read_object& present, const read_object& wanted) {
  return std::all_of(wanted.fields.begin(), wanted.fields.end(), [&](const read_field& x) {
    const auto* value = find_field(present, x.name);
    return value != nullptr && holds_already(*value, x.value);
  });
}

bool holds_entries(const read_collection& present, const read_collection& wanted) {
  if (present.kind != wanted.kind || present.size != wanted.entries.size() || !present.gaps.empty())
    return false;
  return std::equal(present.entries.begin(), present.entries.end(), wanted.entries.begin(),
                    wanted.entries.end(), [](const read_entry& a, const read_entry& b) {
                      return a.key == b.key && holds_already(a.value, b.value);
                    });
}

} // namespace

error bad_operation(std::string sentence) {
  return {ec::apply_failure, std::move(sentence), 0};
}

bool holds_already(const read_value& present, const read_value& wanted) {
  if (present.data.index() != wanted.data.index())
    return false;
  return std::visit(
      [&](const auto& x) {
        using type = std::decay_t<decltype(x)>;
        const auto& is = std::get<type>(present.data);
        if constexpr (std::is_same_v<type, read_link>)
          return is.target_class == x.target_class && is.target_key == x.target_key;
        else if constexpr (std::is_same_v<type, read_object>)
          return holds_fields(is, x);
        else if constexpr (std::is_same_v<type, read_collection>)
          return holds_entries(is, x);
        else
          return is == x;
      },
      wanted.data);
}

// -- instructions -----------------------------------------------------------------

instruction& value_writer::add(opcode op, const target& at) {
  instruction i;
  i.op = op;
  i.class_name = at.class_name;
  i.key = at.key;
  i.field = at.field;
  i.path = at.path;
  return out_.add(std::move(i));
}

value_writer::target value_writer::below(const target& at, std::uint32_t index) const {
  auto next = at;
  next.path.push_back({true, index});
  return next;
}

value_writer::target value_writer::below(const target& at, std::string_view name) {
  auto next = at;
  next.path.push_back({false, out_.intern(name).index});
  return next;
}

result<value> value_writer::payload(const read_value& x) {
  value out;
  const auto set = [&](value_type type, auto data) {
    out.type = type;
    out.data = std::move(data);
    return result<value>{out};
  };
  return std::visit(
      [&](const auto& held) -> result<value> {
        using type = std::decay_t<decltype(held)>;
        if constexpr (std::is_same_v<type, std::monostate>) {
          return out;
        } else if constexpr (std::is_same_v<type, std::int64_t>) {
          return set(value_type::integer, held);
        } else if constexpr (std::is_same_v<type, bool>) {
          return set(value_type::boolean, held);
        } else if constexpr (std::is_same_v<type, std::string>) {
          if (held.size() > max_string_size)
            return bad_operation("a string is too long");
          return set(value_type::string, text{out_.keep(held)});
        } else if constexpr (std::is_same_v<type, read_binary>) {
          if (held.data.size() > max_binary_size)
            return bad_operation("binary data is too long");
          return set(value_type::binary, text{out_.keep(held.data)});
        } else if constexpr (std::is_same_v<type, timestamp>) {
          return set(value_type::timestamp, held);
        } else if constexpr (std::is_same_v<type, float32>) {
          return set(value_type::float32, held);
        } else if constexpr (std::is_same_v<type, float64>) {
          return set(value_type::float64, held);
        } else if constexpr (std::is_same_v<type, decimal128>) {
          return set(value_type::decimal, held);
        } else if constexpr (std::is_same_v<type, object_id>) {
          return set(value_type::object_id, held);
        } else if constexpr (std::is_same_v<type, uuid>) {
          return set(value_type::uuid, held);
        } else if constexpr (std::is_same_v<type, read_link>) {
          auto key = links_(held);
          if (!key)
            return key.error();
          return set(value_type::link,
                     sync::link{out_.intern(held.target_class), out_.intern_key(*key)});
        } else if constexpr (std::is_same_v<type, read_object>) {
          out.type = value_type::object_value;
          return out;
        } else {
          return bad_operation("collections cannot be written inside other values");
        }
      },
      x.data);
}

// -- values -----------------------------------------------------------------------

result<void> value_writer::write(const target& at, const column_info& column,
                                 const read_value* present, const read_value& wanted) {
  if (column.collection == collection_type::single)
    return write_single(at, column, present, wanted, 0);
  const auto* items = std::get_if<read_collection>(&wanted.data);
  if (items == nullptr || items->kind != column.collection || !items->gaps.empty())
    return bad_operation("property " + column.name + " takes a whole collection of its kind");
  static const std::vector<read_entry> none;
  const auto* held = present != nullptr ? std::get_if<read_collection>(&present->data) : nullptr;
  if (held != nullptr && !held->gaps.empty())
    return bad_operation("property " + column.name + " has too many elements to be replaced");
  const auto& before = held != nullptr ? held->entries : none;
  switch (column.collection) {
  case collection_type::list:
    return write_list(at, column, before, items->entries);
  case collection_type::dictionary:
    return write_dictionary(at, column, before, items->entries);
  default:
    return write_set(at, before, items->entries);
  }
}

result<void> value_writer::write_single(const target& at, const column_info& column,
                                        const read_value* present, const read_value& wanted,
                                        std::uint32_t prior_size) {
  if (present != nullptr && holds_already(*present, wanted))
    return {};
  const auto* object = std::get_if<read_object>(&wanted.data);
  const auto* held = present != nullptr ? std::get_if<read_object>(&present->data) : nullptr;
  if (object == nullptr || held == nullptr) {
    auto content = payload(wanted);
    if (!content)
      return content.error();
    auto& i = add(opcode::update, at);
    i.value = std::move(*content);
    i.prior_size = prior_size;
  }
  return object != nullptr ? write_fields(at, column, held, *object) : result<void>{};
}

result<void> value_writer::write_fields(const target& at, const column_info& column,
                                        const read_object* present, const read_object& wanted) {
  if (!column.embedded)
    return bad_operation("property " + column.name + " holds no embedded objects");
  auto info = classes_(column.target_class);
  if (!info)
    return info.error();
  for (const auto& field : wanted.fields) {
    const auto& columns = (*info)->columns;
    const auto inner = std::find_if(columns.begin(), columns.end(),
                                    [&](const auto& x) { return x.name == field.name; });
    if (inner == columns.end())
      return bad_operation("class " + (*info)->name + " has no property " + field.name);
    const auto* before = present != nullptr ? find_field(*present, field.name) : nullptr;
    if (auto done = write(below(at, field.name), *inner, before, field.value); !done)
      return done;
  }
  return {};
}

// -- collections ------------------------------------------------------------------

result<void> value_writer::insert(const target& at, const column_info& column, std::uint32_t index,
                                  std::uint32_t prior_size, const read_value& wanted) {
  auto content = payload(wanted);
  if (!content)
    return content.error();
  const auto element = below(at, index);
  auto& i = add(opcode::array_insert, element);
  i.value = std::move(*content);
  i.prior_size = prior_size;
  const auto* object = std::get_if<read_object>(&wanted.data);
  return object != nullptr ? write_fields(element, column, nullptr, *object) : result<void>{};
}

void value_writer::erase(const target& at, std::uint32_t index, std::uint32_t prior_size) {
  add(opcode::array_erase, below(at, index)).prior_size = prior_size;
}

void value_writer::clear(const target& at, collection_type kind) {
  add(opcode::clear, at).collection = kind;
}

result<void> value_writer::change_set(opcode op, const target& at, const read_value& element) {
  auto content = payload(element);
  if (!content)
    return content.error();
  add(op, at).value = std::move(*content);
  return {};
}

/// What is equal at both ends stays, so that observers and concurrent changes of the rest
/// are left alone.
result<void> value_writer::write_list(const target& at, const column_info& column,
                                      const std::vector<read_entry>& present,
                                      const std::vector<read_entry>& wanted) {
  if (wanted.empty()) {
    if (!present.empty())
      clear(at, collection_type::list);
    return {};
  }
  const auto same = [](const read_entry& a, const read_entry& b) {
    return holds_already(a.value, b.value);
  };
  const auto shorter = std::min(present.size(), wanted.size());
  std::size_t head = 0, tail = 0;
  while (head < shorter && same(present[head], wanted[head]))
    ++head;
  while (tail < shorter - head && same(*(present.end() - 1 - static_cast<std::ptrdiff_t>(tail)),
                                       *(wanted.end() - 1 - static_cast<std::ptrdiff_t>(tail))))
    ++tail;
  auto size = static_cast<std::uint32_t>(present.size());
  for (auto at_end = present.size() - tail; at_end > wanted.size() - tail && at_end > head;
       --at_end)
    erase(at, static_cast<std::uint32_t>(at_end - 1), size--);
  for (auto n = head; n < wanted.size() - tail; ++n) {
    const auto index = static_cast<std::uint32_t>(n);
    const bool is_there = n < present.size() - tail;
    auto done =
        is_there ? write_single(below(at, index), column, &present[n].value, wanted[n].value, size)
                 : insert(at, column, index, size++, wanted[n].value);
    if (!done)
      return done;
  }
  return {};
}

result<void> value_writer::write_dictionary(const target& at, const column_info& column,
                                            const std::vector<read_entry>& present,
                                            const std::vector<read_entry>& wanted) {
  for (const auto& x : present) {
    if (find_entry(wanted, x.key) == nullptr)
      add(opcode::update, below(at, x.key)).value.type = value_type::erased;
  }
  for (const auto& x : wanted) {
    const auto* before = find_entry(present, x.key);
    if (before != nullptr && holds_already(*before, x.value))
      continue;
    // An object that is assigned to an entry begins anew.
    if (auto done = write_single(below(at, x.key), column, nullptr, x.value, 0); !done)
      return done;
  }
  return {};
}

result<void> value_writer::write_set(const target& at, const std::vector<read_entry>& present,
                                     const std::vector<read_entry>& wanted) {
  if (wanted.empty()) {
    if (!present.empty())
      clear(at, collection_type::set);
    return {};
  }
  if (!present.empty() && wanted.size() > max_set_comparisons / present.size())
    return bad_operation("the set has too many elements to be replaced");
  for (const auto& x : present) {
    if (contains(wanted, x.value))
      continue;
    if (auto done = change_set(opcode::set_erase, at, x.value); !done)
      return done;
  }
  for (const auto& x : wanted) {
    if (contains(present, x.value))
      continue;
    if (auto done = change_set(opcode::set_insert, at, x.value); !done)
      return done;
  }
  return {};
}

result<void> value_writer::edit(const target& at, const column_info& column,
                                const read_collection& present, const edit_collection& edit) {
  using action = edit_collection::action;
  const auto size = static_cast<std::uint32_t>(present.size);
  if (edit.what == action::clear) {
    if (present.size != 0)
      clear(at, column.collection);
    return {};
  }
  if (column.collection == collection_type::list) {
    if (edit.what == action::insert)
      return insert(at, column, edit.index, size, edit.value);
    if (edit.what == action::assign)
      return write_single(below(at, edit.index), column,
                          present.entries.empty() ? nullptr : &present.entries.front().value,
                          edit.value, size);
    erase(at, edit.index, size);
    return {};
  }
  if (column.collection == collection_type::dictionary) {
    const auto* before = find_entry(present.entries, edit.entry);
    if (edit.what == action::erase) {
      if (before != nullptr)
        add(opcode::update, below(at, edit.entry)).value.type = value_type::erased;
      return {};
    }
    if (before != nullptr && holds_already(*before, edit.value))
      return {};
    return write_single(below(at, edit.entry), column, nullptr, edit.value, 0);
  }
  if (edit.what == action::assign)
    return bad_operation("elements of a set are inserted and erased");
  if (contains(present.entries, edit.value) == (edit.what == action::insert))
    return {};
  return change_set(edit.what == action::insert ? opcode::set_insert : opcode::set_erase, at,
                    edit.value);
}

} // namespace ros::sync
