#include "support/random_user.hpp"

#include <algorithm>
#include <stdexcept>

namespace ros::test {

using sync::collection_type;
using sync::value_type;

namespace {

const sync::read_value& field(const sync::read_object& object, std::string_view name) {
  const auto found = std::ranges::find(object.fields, name, &sync::read_field::name);
  if (found == object.fields.end())
    throw std::runtime_error("no field " + std::string(name));
  return found->value;
}

const sync::read_collection& collection(const sync::read_object& object, std::string_view name) {
  return std::get<sync::read_collection>(field(object, name).data);
}

std::uint32_t size_of(const sync::read_collection& list) {
  return static_cast<std::uint32_t>(list.size);
}

path below(path where, path_step next) {
  where.push_back(std::move(next));
  return where;
}

} // namespace

changeset_builder random_user::act(std::uint64_t seed, int most) {
  random_.seed(seed);
  work_ = {};
  applied_ = 0;
  state_.begin_batch();
  for (int left = std::min(1 + pick(5), most); left > 0; --left) {
    one_change();
    apply();
  }
  state_.drop_batch();
  return std::move(work_);
}

void random_user::apply() {
  sync::changeset next = work_.changes();
  next.instructions.erase(next.instructions.begin(),
                          next.instructions.begin() + static_cast<std::ptrdiff_t>(applied_));
  applied_ = work_.changes().instructions.size();
  if (auto applied = state_.apply(next); !applied)
    throw std::runtime_error("an invalid change was made up: " + applied.error().message);
}

std::optional<sync::read_object> random_user::find(const std::string& table,
                                                   const sync::primary_key& k) const {
  auto found = sync::object_reader(state_).find(table, k);
  if (!found)
    throw std::runtime_error(found.error().message);
  return std::move(*found);
}

std::string random_user::word() {
  return std::string(1 + pick(3), static_cast<char>('a' + pick(26)));
}

payload random_user::some_link() {
  const sync::primary_key k(std::string(1, static_cast<char>('a' + pick(3))));
  if (find("Tag", k))
    return link_to("Tag", k);
  return null();
}

// -- changes ------------------------------------------------------------------

void random_user::one_change() {
  const int kind = pick(20);
  if (kind < 15)
    change_item();
  else if (kind < 17)
    change_tag();
  else if (kind < 18)
    change_note();
  else if (habits_.schema_changes)
    change_schema();
  else
    change_item();
}

void random_user::change_item() {
  const sync::primary_key k(1 + pick(habits_.items));
  const auto item = find("Item", k);
  if (!item || pick(30) == 0) {
    create_item(k);
    return;
  }
  const int kind = pick(12);
  if (!habits_.newer_types && (kind == 7 || kind == 8 || kind == 11)) {
    change_item_list(k, *item);
    return;
  }
  switch (kind) {
  case 0:
    if (pick(3) == 0)
      work_.erase("Item", k);
    break;
  case 1:
  case 2:
  case 3:
    change_item_value(k, *item);
    break;
  case 4:
  case 5:
  case 6:
    change_item_list(k, *item);
    break;
  case 7:
    change_item_dictionary(k);
    break;
  case 8:
    change_item_set(k);
    break;
  case 9:
    change_embedded(k, *item);
    break;
  case 10:
    change_embedded_list(k, *item);
    break;
  default:
    if (habits_.mixed_collections)
      change_mixed_collection(k, *item);
    else
      change_item_list(k, *item);
  }
}

void random_user::create_item(const sync::primary_key& k) {
  work_.create("Item", k);
  if (pick(2) == 0)
    work_.update("Item", k, {"number"}, pick(100)).as_default();
  if (pick(2) == 0)
    work_.update("Item", k, {"count"}, pick(100));
  if (pick(2) == 0)
    work_.update("Item", k, {"title"}, word());
}

void random_user::change_item_value(const sync::primary_key& k, const sync::read_object& item) {
  switch (pick(habits_.newer_types ? 7 : 5)) {
  case 0:
    work_.update("Item", k, {"number"}, pick(100));
    break;
  case 1:
    work_.update("Item", k, {"title"}, pick(4) == 0 ? null() : payload(word()));
    break;
  case 2:
    work_.add_integer("Item", k, {"count"}, pick(20) - 10);
    break;
  case 3:
    work_.update("Item", k, {"count"}, pick(3) == 0 ? null() : payload(pick(9)));
    break;
  case 4:
    work_.update("Item", k, {"tag"}, some_link());
    break;
  case 5:
    work_.update("Item", k, {"mixed"}, pick(2) == 0 ? payload(word()) : some_link());
    break;
  default:
    if (std::holds_alternative<std::int64_t>(field(item, "mixed").data))
      work_.add_integer("Item", k, {"mixed"}, 1 + pick(5));
    else
      work_.update("Item", k, {"mixed"}, pick(100));
  }
}

void random_user::change_item_list(const sync::primary_key& k, const sync::read_object& item) {
  switch (pick(3)) {
  case 0:
    change_list(k, {"numbers"}, collection(item, "numbers"), pick(100));
    break;
  case 1:
    change_list(k, {"words"}, collection(item, "words"), word());
    break;
  default: {
    const payload target = some_link();
    if (target.type == value_type::link)
      change_list(k, {"tags"}, collection(item, "tags"), target);
  }
  }
}

void random_user::change_list(const sync::primary_key& k, const path& where,
                              const sync::read_collection& list, const payload& value) {
  const std::uint32_t size = size_of(list);
  const int kind = size == 0 ? 0 : pick(9);
  if (kind <= 2) {
    work_.insert("Item", k, below(where, pick(static_cast<int>(size) + 1)), value, size);
    return;
  }
  const auto at = static_cast<std::uint32_t>(pick(static_cast<int>(size)));
  if (kind <= 4) {
    work_.remove("Item", k, below(where, at), size);
  } else if (kind <= 6) {
    work_.update("Item", k, below(where, at), value, size);
  } else if (kind == 7) {
    const auto to = static_cast<std::uint32_t>(pick(static_cast<int>(size)));
    if (to != at)
      work_.move("Item", k, below(where, at), to, size);
  } else if (pick(3) == 0) {
    work_.clear("Item", k, where, collection_type::list);
  }
}

void random_user::change_item_dictionary(const sync::primary_key& k) {
  const std::string entry(1, static_cast<char>('p' + pick(3)));
  switch (pick(5)) {
  case 0:
    work_.update("Item", k, {"dict", entry}, erased());
    break;
  case 1:
    if (pick(3) == 0)
      work_.clear("Item", k, {"dict"}, collection_type::dictionary);
    break;
  case 2:
    work_.update("Item", k, {"dict", entry}, null());
    break;
  default:
    work_.update("Item", k, {"dict", entry}, pick(100));
  }
}

void random_user::change_item_set(const sync::primary_key& k) {
  switch (pick(7)) {
  case 0:
    if (pick(3) == 0)
      work_.clear("Item", k, {"set"}, collection_type::set);
    break;
  case 1:
  case 2:
    work_.set_erase("Item", k, {"set"}, pick(5));
    break;
  default:
    work_.set_insert("Item", k, {"set"}, pick(5));
  }
}

/// Assigning over an existing embedded object is null first (changesets.md 15.1).
void random_user::change_embedded(const sync::primary_key& k, const sync::read_object& item) {
  const auto* part = std::get_if<sync::read_object>(&field(item, "part").data);
  if (!part || pick(8) == 0) {
    if (part)
      work_.update("Item", k, {"part"}, null());
    if (!part || pick(2) == 0) {
      work_.update("Item", k, {"part"}, new_object());
      work_.update("Item", k, {"part", "x"}, pick(100));
    }
    return;
  }
  if (pick(2) == 0)
    work_.update("Item", k, {"part", "x"}, pick(100));
  else
    change_list(k, {"part", "words"}, collection(*part, "words"), word());
}

/// No moves: they are quirk Q1.
void random_user::change_embedded_list(const sync::primary_key& k, const sync::read_object& item) {
  const auto& parts = collection(item, "parts");
  const std::uint32_t size = size_of(parts);
  const int kind = size == 0 ? 0 : pick(8);
  if (kind <= 1) {
    const int at = pick(static_cast<int>(size) + 1);
    work_.insert("Item", k, {"parts", at}, new_object(), size);
    work_.update("Item", k, {"parts", at, "x"}, pick(100));
    return;
  }
  const auto at = static_cast<std::uint32_t>(pick(static_cast<int>(size)));
  const auto& part = std::get<sync::read_object>(parts.entries[at].value.data);
  if (kind == 2)
    work_.remove("Item", k, {"parts", at}, size);
  else if (kind <= 5)
    work_.update("Item", k, {"parts", at, "x"}, pick(100));
  else
    change_list(k, {"parts", at, "words"}, collection(part, "words"), word());
}

/// One level of collections only: below that Q2 begins.
void random_user::change_mixed_collection(const sync::primary_key& k,
                                          const sync::read_object& item) {
  const auto* box = std::get_if<sync::read_collection>(&field(item, "box").data);
  if (box && box->kind == collection_type::list && pick(4) != 0) {
    change_list(k, {"box"}, *box, pick(100));
    return;
  }
  if (box && box->kind == collection_type::dictionary && pick(4) != 0) {
    const std::string entry(1, static_cast<char>('p' + pick(3)));
    work_.update("Item", k, {"box", entry}, pick(3) == 0 ? erased() : pick(50));
    return;
  }
  switch (pick(3)) {
  case 0:
    work_.update("Item", k, {"box"}, pick(100));
    break;
  case 1:
    work_.update("Item", k, {"box"}, new_list())
        .clear("Item", k, {"box"}, collection_type::list)
        .insert("Item", k, {"box", 0}, pick(100), 0);
    break;
  default:
    work_.update("Item", k, {"box"}, new_dictionary())
        .clear("Item", k, {"box"}, collection_type::dictionary)
        .update("Item", k, {"box", "p"}, pick(100));
  }
}

void random_user::change_tag() {
  const sync::primary_key k(std::string(1, static_cast<char>('a' + pick(3))));
  if (!find("Tag", k))
    work_.create("Tag", k).update("Tag", k, {"n"}, pick(10)).as_default();
  else if (pick(4) == 0)
    work_.erase("Tag", k);
  else
    work_.add_integer("Tag", k, {"n"}, 1);
}

void random_user::change_note() {
  const sync::primary_key k(sync::global_key{ident_, static_cast<std::uint64_t>(pick(3))});
  if (!find("Note", k))
    work_.create("Note", k);
  else if (pick(4) == 0)
    work_.erase("Note", k);
  else
    work_.update("Note", k, {"n"}, pick(10));
}

} // namespace ros::test
