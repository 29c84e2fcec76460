// What a round of compaction does with what is left at its end, or when memory is short.

#include "compaction_round.hpp"

#include "state_key.hpp"

#include <algorithm>
#include <unordered_map>
#include <utility>

namespace ros::sync {

namespace {

constexpr unsigned max_range_bits = 24;

/// What is built anew is spread over several entries if it is larger.
constexpr std::size_t piece_bytes = 64u << 10;

/// Building anew must save a third.
bool is_worthwhile(std::size_t before, std::size_t after) {
  return after <= before / 3 * 2;
}

std::unordered_map<std::uint32_t, std::string_view> names_of(const live_class& owner) {
  std::unordered_map<std::uint32_t, std::string_view> names;
  for (const auto& [name, column] : owner.columns) {
    names.emplace(column.id, name);
  }
  return names;
}

} // namespace

result<void> compaction_round::finish() {
  for (const auto& [class_name, info] : schema_.classes()) {
    const auto names = names_of(info);
    for (auto& [key, object] : objects_.classes[info.id]) {
      for (auto& field : object.fields) {
        const auto name = names.find(field.column);
        if (name == names.end()) {
          field.drop_all(plan_);
        } else if (auto done = finish(class_name, key, name->second, field); !done) {
          return done;
        }
      }
    }
  }
  return {};
}

result<void> compaction_round::finish(std::string_view class_name, std::string_view key,
                                      std::string_view name, live_field& field) {
  if (!field.trail) {
    field.steps.finish(plan_);
    return {};
  }
  const auto measured = scratch_.build(class_name, key, name, 0);
  if (!measured) {
    return measured.error();
  }
  const bool must = field.trail->broken || field.trail->is_broken(plan_);
  if (!must && (!measured->exact || !is_worthwhile(field.trail->cost(), measured->cost))) {
    field.steps.finish(plan_);
    return {};
  }
  const auto pieces = field.trail->versions().size();
  auto built =
      scratch_.build(class_name, key, name, std::max(piece_bytes, measured->cost / pieces + 1));
  if (!built) {
    return built.error();
  }
  field.steps.drop_all(plan_);
  field.trail->drop_all(plan_);
  append(*field.trail, std::move(built->encoded));
  return {};
}

/// The last piece goes where the field was touched last, those before it where it was
/// touched before, but not in front of classes and columns that they may need.
void compaction_round::append(const instruction_trail& trail, std::vector<std::string> pieces) {
  std::vector<version_type> versions = trail.versions();
  const auto last = versions.back();
  std::erase_if(versions, [&](version_type v) { return v != last && v < schema_.last_declared(); });
  for (std::size_t i = 0; i < pieces.size(); ++i) {
    const auto from_end = pieces.size() - i;
    const auto at = from_end > versions.size() ? 0 : versions.size() - from_end;
    plan_.append(versions[at], std::move(pieces[i]));
  }
}

result<void> compaction_round::look_at_long_trails() {
  for (const auto& [class_name, key, column] : std::exchange(long_trails_, {})) {
    const auto* info = schema_.find(class_name);
    if (info == nullptr) {
      continue;
    }
    const auto names = names_of(*info);
    const auto name = names.find(column);
    auto& of_class = objects_.classes[info->id];
    const auto object = of_class.find(key);
    auto* field = object != of_class.end() ? object->second.find(column) : nullptr;
    if (name == names.end() || field == nullptr || !field->trail) {
      continue;
    }
    auto& trail = *field->trail;
    const auto measured = scratch_.build(class_name, key, name->second, 0);
    if (!measured) {
      return measured.error();
    }
    trail.look_at = trail.memory() * 2;
    if (measured->exact && measured->cost < trail.cost() / 4) {
      memory_ -= std::min(memory_, trail.memory());
      trail.drop_all(plan_);
      memory_ += trail.memory();
      trail.broken = true;
      trail.look_at = 0;
    }
  }
  return {};
}

std::optional<hash_range> compaction_round::split() {
  std::size_t objects = 0;
  for (const auto& [id, of_class] : objects_.classes) {
    objects += of_class.size();
  }
  if (range_.bits == max_range_bits || objects < 2) {
    return std::nullopt;
  }
  const hash_range other{range_.prefix * 2 + 1, range_.bits + 1};
  range_ = {range_.prefix * 2, range_.bits + 1};
  for (auto& [id, of_class] : objects_.classes) {
    const auto class_id = id;
    std::erase_if(of_class,
                  [&](const auto& entry) { return !range_.contains(hash(class_id, entry.first)); });
  }
  count_memory();
  scratch_.keep_only([this](std::string_view class_name, std::string_view key) {
    const auto* info = schema_.find(class_name);
    return info != nullptr && range_.contains(hash(info->id, key));
  });
  selected_by_ = nullptr;
  return other;
}

} // namespace ros::sync
