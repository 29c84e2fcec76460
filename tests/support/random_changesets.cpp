#include "support/random_changesets.hpp"

namespace ros::test {

using sync::collection_type;
using sync::value_type;

namespace {

constexpr std::size_t initial_size = 3; ///< of every list, at the common state

path below(path where, path_step next) {
  where.push_back(std::move(next));
  return where;
}

std::uint32_t size_of(std::size_t n) {
  return static_cast<std::uint32_t>(n);
}

} // namespace

sync::changeset random_changesets::next(int count) {
  work_ = {};
  for (int i = 0; i < count; ++i)
    add_instruction();
  return work_.changes();
}

void random_changesets::choose_object() {
  class_.assign(1, chance(70) ? 'T' : 'U');
  const int n = pick(options_.objects);
  if (class_ == "T")
    key_ = n;
  else
    key_ = std::string(1, static_cast<char>('a' + n));
}

void random_changesets::add_instruction() {
  choose_object();
  if (chance(options_.schema_percent))
    return change_schema();
  if (chance(options_.object_percent))
    return change_object();
  if (chance(options_.odd_percent))
    return change_oddly();
  switch (pick(8)) {
  case 0:
    return change_value();
  case 1:
    return change_mixed();
  case 2:
    return change_embedded();
  case 3:
    return change_dictionary();
  case 4:
    return change_set();
  case 5:
    return change_nested_list("parts", true);
  case 6:
    return change_nested_list("tree", false);
  default:
    return change_list({"list"}, list_at("list"), scalar());
  }
}

void random_changesets::change_schema() {
  static const std::vector<std::string> fields{"number", "mixed", "list", "set"};
  const auto& field = fields[static_cast<std::size_t>(pick(4))];
  switch (pick(8)) {
  case 0:
  case 1:
    work_.add_table(class_, class_ == "T" ? value_type::integer : value_type::string);
    break;
  case 2:
    work_.add_embedded("Part");
    break;
  case 3:
    work_.add_column(class_, "number", value_type::integer);
    break;
  case 4:
  case 5:
    work_.add_column(class_, chance(50) ? "link" : "links", value_type::link,
                     {collection_type::single, true, chance(50) ? "T" : "U"});
    break;
  case 6:
    work_.erase_column(class_, chance(50) ? "link" : field);
    break;
  default:
    work_.erase_table(class_);
  }
}

void random_changesets::change_object() {
  if (chance(50))
    work_.erase(class_, key_);
  else
    work_.create(class_, key_);
}

payload random_changesets::scalar() {
  static const std::vector<std::string> words{"x", "y", "zz", "ww"};
  switch (pick(6)) {
  case 0:
    return null();
  case 1:
    return link_to("U", "a");
  case 2:
  case 3:
    return words[static_cast<std::size_t>(pick(4))];
  default:
    return pick(4);
  }
}

void random_changesets::update(const path& where, const payload& value, int default_percent) {
  work_.update(class_, key_, where, value);
  if (chance(default_percent))
    work_.as_default();
}

void random_changesets::change_value() {
  if (chance(30))
    work_.add_integer(class_, key_, {"number"}, pick(9) - 4);
  else if (chance(15))
    work_.add_integer(class_, key_, {"mixed"}, 1);
  else if (chance(60))
    update({"number"}, chance(80) ? payload(pick(9)) : null(), 30);
  else
    update({chance(50) ? "title" : "link"}, scalar(), 30);
}

void random_changesets::change_mixed() {
  const path field{"mixed"};
  switch (pick(7)) {
  case 0:
    update(field, scalar(), 20);
    break;
  case 1:
    work_.update(class_, key_, field, new_list());
    list_at("mixed").items.clear();
    if (chance(80))
      work_.clear(class_, key_, field, collection_type::list);
    break;
  case 2:
    work_.update(class_, key_, field, new_dictionary());
    if (chance(80))
      work_.clear(class_, key_, field, collection_type::dictionary);
    break;
  case 3:
    work_.update(class_, key_, below(field, "k"), scalar());
    break;
  case 4:
    work_.update(class_, key_, below(field, "k"), chance(50) ? new_list() : new_dictionary());
    break;
  default:
    change_list(field, list_at("mixed"), chance(70) ? scalar() : payload(new_list()));
  }
}

void random_changesets::change_embedded() {
  const path field{"part"};
  switch (pick(5)) {
  case 0:
    work_.update(class_, key_, field, null());
    break;
  case 1:
    update(field, new_object(), 20);
    break;
  case 2:
    update(below(field, "x"), pick(9), 20);
    break;
  case 3:
    work_.add_integer(class_, key_, below(field, "x"), 1);
    break;
  default:
    change_list(below(field, "words"), list_at("part.words"), scalar());
  }
}

void random_changesets::change_dictionary() {
  const path field{"dict"};
  const auto entry = below(field, chance(50) ? "k" : "j");
  if (chance(10))
    work_.clear(class_, key_, field, collection_type::dictionary);
  else if (chance(20))
    work_.update(class_, key_, entry, erased());
  else if (chance(20))
    work_.add_integer(class_, key_, entry, 1);
  else
    work_.update(class_, key_, entry, scalar());
}

void random_changesets::change_set() {
  if (chance(10))
    work_.clear(class_, key_, {"set"}, collection_type::set);
  else if (chance(50))
    work_.set_insert(class_, key_, {"set"}, scalar());
  else
    work_.set_erase(class_, key_, {"set"}, scalar());
}

random_changesets::list& random_changesets::list_at(const std::string& where) {
  const auto id =
      class_ + "|" +
      (class_ == "T" ? std::to_string(std::get<std::int64_t>(key_)) : std::get<std::string>(key_)) +
      "|" + where;
  const auto [at, is_new] = lists_.try_emplace(id);
  if (is_new) {
    at->second.items.resize(initial_size);
    for (auto& item : at->second.items)
      item.items.resize(initial_size);
  }
  return at->second;
}

void random_changesets::change_list(const path& where, list& l, const payload& value) {
  auto& items = l.items;
  const auto n = size_of(items.size());
  const auto some = [&](std::size_t below_this) { return pick(static_cast<int>(below_this)); };
  if (n == 0 || chance(40)) {
    const int at = some(items.size() + 1);
    work_.insert(class_, key_, below(where, at), value, n);
    items.insert(items.begin() + at, list());
  } else if (chance(5)) {
    work_.clear(class_, key_, where, collection_type::list);
    items.clear();
  } else if (chance(35)) {
    work_.update(class_, key_, below(where, some(n)), value, n);
  } else if (n > 1 && chance(45)) {
    const int from = some(n);
    const int to = (from + 1 + some(n - 1)) % static_cast<int>(n);
    work_.move(class_, key_, below(where, from), size_of(static_cast<std::size_t>(to)), n);
    auto moved = std::move(items[static_cast<std::size_t>(from)]);
    items.erase(items.begin() + from);
    items.insert(items.begin() + to, std::move(moved));
  } else {
    const int at = some(n);
    work_.remove(class_, key_, below(where, at), n);
    items.erase(items.begin() + at);
  }
}

void random_changesets::change_nested_list(const std::string& field, bool embedded) {
  auto& outer = list_at(field);
  if (outer.items.empty() || chance(35))
    return change_list({field}, outer, embedded ? new_object() : new_list());
  const int at = pick(static_cast<int>(outer.items.size()));
  auto where = below({field}, at);
  if (embedded && chance(40)) {
    work_.update(class_, key_, below(where, "x"), pick(9));
    return;
  }
  if (embedded)
    where = below(where, "words");
  change_list(where, outer.items[static_cast<std::size_t>(at)], scalar());
}

/// A string where others have an index, or sizes that cannot be.
void random_changesets::change_oddly() {
  switch (pick(4)) {
  case 0:
    work_.update(class_, key_, {"list", "k"}, scalar());
    break;
  case 1:
    work_.update(class_, key_, {"parts", "k", "x"}, scalar());
    break;
  case 2:
    work_.insert(class_, key_, {"list", 9}, scalar(), 2);
    break;
  default:
    work_.add_column(class_, "number", value_type::string);
  }
}

} // namespace ros::test
