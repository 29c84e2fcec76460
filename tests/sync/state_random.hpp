// Random changes of a Realm with every kind of field. Most of them can be applied;
// some cannot, on purpose.
#pragma once

#include "sync/state_helpers.hpp"

#include <random>
#include <string>

namespace ros::test {

class random_changes {
public:
  explicit random_changes(unsigned seed) : random_(seed) {}

  static sync::changeset schema() {
    builder b;
    add_schema(b);
    for (int key = 0; key < 8; ++key) {
      b.create("T", key);
    }
    return b.take();
  }

  /// One instruction (sometimes a few) for what `state` holds now.
  sync::changeset next(const sync::object_state& state) {
    builder b;
    const sync::primary_key key = static_cast<std::int64_t>(below(8));
    const auto choice = below(100);
    if (choice < 12) {
      b.create("T", key);
    } else if (choice < 13) {
      b.erase("T", key);
    } else if (choice < 15) {
      change_schema(b);
    } else if (choice < 45) {
      change_list(b, state, key);
    } else if (choice < 60) {
      change_map(b, key);
    } else {
      change_value(b, key);
    }
    return b.take();
  }

  std::uint32_t below(std::uint32_t limit) { return static_cast<std::uint32_t>(random_() % limit); }

private:
  static void add_schema(builder& b) {
    b.add_table("T")
        .add_embedded("E")
        .add_table("Gone", value_type::string)
        .add_column("T", "i", value_type::integer)
        .add_column("T", "s", value_type::string, optional_value)
        .add_column("T", "m", value_type::null)
        .add_column("T", "x", value_type::integer, optional_value)
        .add_column("T", "link", value_type::link, to("T"))
        .add_column("T", "l", value_type::integer, list_of)
        .add_column("T", "ml", value_type::null, list_of)
        .add_column("T", "d", value_type::null, dictionary_of)
        .add_column("T", "st", value_type::null, set_of)
        .add_column("T", "e", value_type::link, to("E"))
        .add_column("T", "el", value_type::link, to("E", collection_type::list))
        .add_column("T", "ed", value_type::link, to("E", collection_type::dictionary))
        .add_column("E", "i", value_type::integer)
        .add_column("E", "l", value_type::string, list_of)
        .add_column("E", "e", value_type::link, to("E"))
        .add_column("Gone", "l", value_type::integer, list_of);
  }

  payload mixed() {
    switch (below(9)) {
    case 0:
      return null();
    case 1:
      return string(std::string(below(40) == 0 ? 3000 : below(30), 'z'));
    case 2:
      return real(below(4));
    case 3:
      return decimal(below(40), -1);
    case 4:
      return link_to("T", static_cast<std::int64_t>(below(10)));
    case 5:
      return boolean(true);
    case 6:
      return below(2) == 0 ? new_list() : new_dictionary();
    default:
      return integer(below(4));
    }
  }

  void change_schema(builder& b) {
    switch (below(4)) {
    case 0:
      b.erase_column("T", "x");
      break;
    case 1:
      b.add_column("T", "x", value_type::integer, below(2) == 0 ? optional_value : list_of);
      break;
    case 2:
      b.erase_table("Gone");
      break;
    default:
      add_schema(b); // does not fit where x is a list
      b.create("Gone", "g");
      for (std::uint32_t n = 0; n < below(400); ++n) {
        b.insert("Gone", "g", {"l", 0}, integer(n), n);
      }
    }
  }

  static std::uint32_t size_of(const sync::object_state& state, const sync::primary_key& key,
                               std::string_view name) {
    auto object = sync::object_reader(state).find("T", key, {0, 0});
    if (object && *object) {
      for (const auto& field : (*object)->fields) {
        const auto* held = std::get_if<sync::read_collection>(&field.value.data);
        if (field.name == name && held != nullptr) {
          return static_cast<std::uint32_t>(held->size);
        }
      }
    }
    return 0;
  }

  void change_list(builder& b, const sync::object_state& state, const sync::primary_key& key) {
    static constexpr const char* lists[] = {"l", "ml", "el", "m"};
    const std::string name = lists[below(4)];
    auto n = size_of(state, key, name);
    const auto value = [&] {
      return name == "l" ? integer(below(100)) : name == "el" ? new_object() : mixed();
    };
    const auto index = n == 0 ? 0 : below(n);
    switch (below(8)) {
    case 0:
      b.remove("T", key, {name, index}, n);
      break;
    case 1:
      b.move("T", key, {name, index}, n == 0 ? 0 : below(n), n);
      break;
    case 2:
      b.update("T", key, {name, index}, value(), n);
      break;
    case 3:
      if (below(5) == 0) {
        b.clear("T", key, {name}, collection_type::list);
        break;
      }
      [[fallthrough]];
    case 4:
      for (std::uint32_t i = 0; i < 250; ++i, ++n) {
        b.insert("T", key, {name, below(n + 1)}, value(), n);
      }
      break;
    case 5:
      b.insert("T", key, {name, index, "l", 0}, string("in an element"), below(2));
      break;
    default:
      b.insert("T", key, {name, n == 0 ? 0 : below(n + 1)}, value(), n);
    }
  }

  void change_map(builder& b, const sync::primary_key& key) {
    const auto name = "k" + std::to_string(below(300));
    const auto many = below(3) == 0 ? 200U : 1U;
    switch (below(7)) {
    case 0:
      b.update("T", key, {"d", name}, erased());
      break;
    case 1:
      b.set_erase("T", key, {"st"}, integer(below(300)));
      break;
    case 2:
      b.update("T", key, {"ed", name}, new_object());
      break;
    case 3:
      if (below(5) == 0) {
        b.clear("T", key, {"d"}, collection_type::dictionary);
        break;
      }
      [[fallthrough]];
    case 4:
      for (std::uint32_t i = 0; i < many; ++i) {
        b.set_insert("T", key, {"st"}, integer(below(400)));
      }
      break;
    default:
      for (std::uint32_t i = 0; i < many; ++i) {
        b.update("T", key, {"d", "k" + std::to_string(below(300))}, mixed());
      }
    }
  }

  void change_value(builder& b, const sync::primary_key& key) {
    switch (below(10)) {
    case 0:
      b.add_integer("T", key, {"i"}, below(9));
      break;
    case 1:
      b.add_integer("T", key, {"m"}, 1);
      break;
    case 2:
      b.update("T", key, {"e"}, below(2) == 0 ? new_object() : null());
      break;
    case 3:
      b.update("T", key, {"e", "e"}, new_object());
      break;
    case 4:
      b.add_integer("T", key, {"e", "i"}, 1);
      break;
    case 5:
      b.update("T", key, {"m", "k", "deep"}, integer(below(9)));
      break;
    case 6:
      b.update("T", key, {"x"}, integer(below(9)));
      break;
    case 7:
      b.update("T", key, {"s"}, string(std::string(below(60), 's')));
      break;
    default:
      b.update("T", key, {"m"}, mixed());
    }
  }

  std::mt19937 random_;
};

} // namespace ros::test
