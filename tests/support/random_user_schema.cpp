#include "support/random_user.hpp"

#include <algorithm>
#include <stdexcept>

namespace ros::test {

using sync::collection_type;
using sync::value_type;

changeset_builder random_user::declare_schema(const user_habits& habits) {
  changeset_builder t;
  t.add_embedded("Part")
      .add_table("Item")
      .add_table("Tag", value_type::string, false, "name")
      .add_table("Note", value_type::global_key, false, "")
      .add_column("Part", "x", value_type::integer)
      .add_column("Part", "words", value_type::string, {.collection = collection_type::list})
      .add_column("Tag", "n", value_type::integer)
      .add_column("Note", "n", value_type::integer, {.nullable = true})
      .add_column("Item", "number", value_type::integer)
      .add_column("Item", "count", value_type::integer, {.nullable = true})
      .add_column("Item", "title", value_type::string, {.nullable = true})
      .add_column("Item", "tag", value_type::link, {.nullable = true, .target = "Tag"})
      .add_column("Item", "part", value_type::link, {.nullable = true, .target = "Part"})
      .add_column("Item", "numbers", value_type::integer, {.collection = collection_type::list})
      .add_column("Item", "words", value_type::string, {.collection = collection_type::list})
      .add_column("Item", "tags", value_type::link,
                  {.collection = collection_type::list, .target = "Tag"})
      .add_column("Item", "parts", value_type::link,
                  {.collection = collection_type::list, .target = "Part"});
  if (habits.newer_types)
    t.add_column("Item", "mixed", value_type::null, {.nullable = true})
        .add_column("Item", "box", value_type::null, {.nullable = true})
        .add_column("Item", "dict", value_type::integer,
                    {.collection = collection_type::dictionary, .nullable = true})
        .add_column("Item", "set", value_type::integer, {.collection = collection_type::set});
  return t;
}

bool random_user::has_column(const std::string& table, const std::string& column) const {
  const auto classes = sync::object_reader(state_).classes();
  if (!classes)
    throw std::runtime_error(classes.error().message);
  const auto info = std::ranges::find(*classes, table, &sync::class_info::name);
  return info != classes->end() &&
         (column.empty() || std::ranges::find(info->columns, column, &sync::column_info::name) !=
                                info->columns.end());
}

/// Nothing but updates on the column that may go: everything else is Q4.
void random_user::change_schema() {
  const sync::primary_key k(pick(3));
  if (pick(2) == 0) {
    if (!has_column("Tag", "extra"))
      work_.add_column("Tag", "extra", value_type::integer);
    else if (pick(4) == 0)
      work_.erase_column("Tag", "extra");
    else if (const sync::primary_key tag("a"); find("Tag", tag))
      work_.update("Tag", tag, {"extra"}, pick(100));
    return;
  }
  if (!has_column("Extra", ""))
    work_.add_table("Extra").add_column("Extra", "n", value_type::integer);
  else if (pick(3) == 0)
    change_link_to_extra(k);
  else if (pick(4) == 0 && !has_column("Tag", "link"))
    work_.erase_table("Extra");
  else if (!find("Extra", k))
    work_.create("Extra", k);
  else
    work_.update("Extra", k, {"n"}, pick(10));
}

/// A column whose target class somebody else may erase (rule P8).
void random_user::change_link_to_extra(const sync::primary_key& k) {
  const sync::primary_key tag("a");
  if (!has_column("Tag", "link"))
    work_.add_column("Tag", "link", value_type::link, {.nullable = true, .target = "Extra"});
  else if (pick(3) == 0)
    work_.erase_column("Tag", "link");
  else if (find("Tag", tag))
    work_.update("Tag", tag, {"link"}, link_to("Extra", k));
}

} // namespace ros::test
