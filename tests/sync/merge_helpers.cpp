#include "merge_helpers.hpp"

#include <gtest/gtest.h>

#include <ostream>
#include <sstream>

namespace ros::test {
namespace {

using sync::opcode;

constexpr std::array names{"AddTable",   "EraseTable", "CreateObject", "EraseObject", "Update",
                           "AddInteger", "AddColumn",  "EraseColumn",  "ArrayInsert", "ArrayMove",
                           "ArrayErase", "Clear",      "SetInsert",    "SetErase"};

class writer {
public:
  explicit writer(const sync::changeset& changes) : changes_(changes) {}

  std::string line(const sync::instruction& i) {
    out_.str({});
    out_ << names.at(static_cast<std::size_t>(i.op)) << ' ' << text(i.class_name);
    switch (i.op) {
    case opcode::add_table:
      out_ << " kind " << int(i.kind) << " key " << int(i.type) << ' ' << i.nullable;
      if (i.kind != sync::class_kind::embedded)
        out_ << ' ' << text(i.field);
      break;
    case opcode::erase_table:
      break;
    case opcode::add_column:
      out_ << '.' << text(i.field) << " type " << int(i.type) << ' ' << int(i.collection) << ' '
           << i.nullable;
      if (i.type == sync::value_type::link)
        out_ << " to " << text(i.target_class);
      break;
    case opcode::erase_column:
      out_ << '.' << text(i.field);
      break;
    default:
      object(i);
    }
    return out_.str();
  }

private:
  std::string_view text(sync::interned i) const { return changes_.string(i); }

  void object(const sync::instruction& i) {
    out_ << '[';
    key(i.key);
    out_ << ']';
    if (!sync::is_path_instruction(i.op))
      return;
    out_ << '.' << text(i.field);
    for (const auto& e : i.path)
      if (e.is_index)
        out_ << '[' << e.number << ']';
      else
        out_ << '.' << text({e.number});
    if (i.op == opcode::clear)
      out_ << " kind " << int(i.collection);
    else if (i.op == opcode::array_move)
      out_ << " -> " << i.to_index;
    else if (i.op != opcode::array_erase)
      value(i.value);
    if (sync::is_array_update(i) || i.op == opcode::array_insert || i.op == opcode::array_move ||
        i.op == opcode::array_erase)
      out_ << " n=" << i.prior_size;
    if (i.is_default)
      out_ << " default";
  }

  void key(const sync::object_key& k) {
    if (const auto* number = std::get_if<std::int64_t>(&k))
      out_ << *number;
    else if (const auto* name = std::get_if<sync::interned>(&k))
      out_ << '"' << text(*name) << '"';
    else if (const auto* global = std::get_if<sync::global_key>(&k))
      out_ << '{' << global->hi << '-' << global->lo << '}';
    else
      out_ << "key " << k.index();
  }

  void value(const sync::value& v) {
    out_ << " = ";
    if (const auto* number = std::get_if<std::int64_t>(&v.data)) {
      out_ << *number;
    } else if (const auto* content = std::get_if<sync::text>(&v.data)) {
      out_ << '"' << content->content << '"';
    } else if (const auto* link = std::get_if<sync::link>(&v.data)) {
      out_ << text(link->target_class) << '[';
      key(link->target_key);
      out_ << ']';
    } else {
      out_ << "type " << int(v.type);
    }
  }

  const sync::changeset& changes_;
  std::ostringstream out_;
};

std::vector<sync::merge_changeset*> pointers(std::vector<made>& side) {
  std::vector<sync::merge_changeset*> result;
  for (auto& m : side)
    result.push_back(&m.what);
  return result;
}

} // namespace

lines lines_of(const sync::changeset& changes) {
  lines result;
  writer w(changes);
  for (const auto& i : changes.instructions)
    result.push_back(w.line(i));
  return result;
}

merged merge_copies(std::vector<made> majors, std::vector<made> minors, merge_function merge) {
  merged result;
  result.outcome = merge(pointers(majors), pointers(minors));
  for (auto& m : majors) {
    result.majors.push_back(std::move(m.what.changes));
    result.majors_changed.push_back(m.what.changed);
  }
  for (auto& m : minors) {
    result.minors.push_back(std::move(m.what.changes));
    result.minors_changed.push_back(m.what.changed);
  }
  return result;
}

pair_result merge_pair(const made& a, const made& b) {
  const auto first_a = merge_copies({a}, {b});
  const auto first_b = merge_copies({b}, {a});
  if (!first_a.outcome || !first_b.outcome) {
    ADD_FAILURE() << "merge failed: "
                  << (first_a.outcome ? first_b.outcome : first_a.outcome).error().message;
    return {};
  }
  pair_result result{lines_of(first_a.majors[0]), lines_of(first_a.minors[0])};
  EXPECT_EQ(lines_of(first_b.minors[0]), result.a) << "the order of arrival matters";
  EXPECT_EQ(lines_of(first_b.majors[0]), result.b) << "the order of arrival matters";
  EXPECT_EQ(first_a.majors[0].strings, first_b.minors[0].strings);
  EXPECT_EQ(first_a.minors[0].strings, first_b.majors[0].strings);
  return result;
}

pair_result both(const changeset_builder& a, const changeset_builder& b) {
  return {lines_of(a), lines_of(b)};
}

void PrintTo(const pair_result& r, std::ostream* out) {
  *out << "\n  a:";
  for (const auto& line : r.a)
    *out << "\n    " << line;
  *out << "\n  b:";
  for (const auto& line : r.b)
    *out << "\n    " << line;
}

sync::error merge_error(const made& a, const made& b) {
  const auto first_a = merge_copies({a}, {b});
  const auto first_b = merge_copies({b}, {a});
  if (first_a.outcome || first_b.outcome) {
    ADD_FAILURE() << "merged without error";
    return {};
  }
  EXPECT_EQ(first_a.outcome.error().code, first_b.outcome.error().code);
  EXPECT_EQ(first_a.outcome.error().message, first_b.outcome.error().message);
  return first_a.outcome.error();
}

} // namespace ros::test
