#include "touched_objects.hpp"

#include <algorithm>
#include <tuple>
#include <unordered_map>
#include <utility>

namespace ros::sync {

namespace {

class collector {
public:
  explicit collector(const changeset& changes) : changes_(changes) {}

  void add(const instruction& i) {
    if (last_ == nullptr || !same_object(i, *last_))
      select(i);
    last_ = &i;
    auto& x = found_[current_];
    if (i.op == opcode::create_object)
      x.what = object_change::created;
    else if (i.op == opcode::erase_object)
      x.what = object_change::erased;
    else
      x.fields.emplace_back(changes_.string(i.field));
  }
  [[nodiscard]] std::size_t size() const { return found_.size(); }

  std::vector<touched_object> take() {
    for (auto& x : found_) {
      if (x.what != object_change::updated)
        x.fields.clear();
      std::sort(x.fields.begin(), x.fields.end());
      x.fields.erase(std::unique(x.fields.begin(), x.fields.end()), x.fields.end());
    }
    const auto name = [](const touched_object& x) { return std::tie(x.class_name, x.key); };
    std::sort(found_.begin(), found_.end(),
              [&](const auto& a, const auto& b) { return name(a) < name(b); });
    return std::move(found_);
  }

private:
  static bool same_object(const instruction& a, const instruction& b) {
    return a.class_name == b.class_name && a.key == b.key;
  }
  void select(const instruction& i) {
    std::string name{changes_.string(i.class_name)};
    name.push_back('\0');
    append_key(name, i.key, changes_);
    const auto [at, added] = positions_.try_emplace(std::move(name), found_.size());
    if (added)
      found_.push_back({std::string{changes_.string(i.class_name)},
                        own_key(i.key, changes_),
                        object_change::updated,
                        {}});
    current_ = at->second;
  }

  const changeset& changes_;
  std::unordered_map<std::string, std::size_t> positions_;
  std::vector<touched_object> found_;
  std::size_t current_ = 0;
  const instruction* last_ = nullptr;
};

} // namespace

std::optional<std::vector<touched_object>> touched_objects(const changeset& changes,
                                                           std::size_t limit) {
  collector found{changes};
  for (const auto& i : changes.instructions) {
    switch (i.op) {
    case opcode::erase_table:
      return std::nullopt;
    case opcode::add_table:
    case opcode::add_column:
    case opcode::erase_column:
      break;
    default:
      found.add(i);
      if (found.size() > limit)
        return std::nullopt;
    }
  }
  return found.take();
}

} // namespace ros::sync
