#include "merge_names.hpp"

#include <algorithm>
#include <cstring>
#include <numeric>
#include <string>

namespace ros::sync::merging {

name_id name_table::number(std::string_view text) {
  const auto [where, inserted] = numbers_.try_emplace(text, static_cast<name_id>(texts_.size()));
  if (inserted)
    texts_.push_back(text);
  return where->second;
}

interned source_changeset::intern(name_id name) {
  auto& table = target_->changes;
  if (!indexes_) {
    indexes_.emplace();
    for (std::uint32_t i = 0; i < table.strings.size(); ++i)
      indexes_->try_emplace(number({i}), i);
  }
  const auto next = static_cast<std::uint32_t>(table.strings.size());
  const auto [where, inserted] = indexes_->try_emplace(name, next);
  if (inserted) {
    // The text may belong to a changeset of the other side that is thrown away first.
    bytes owned(std::string(names_->text(name)));
    table.strings.push_back(owned.view());
    table.virtual_size += owned.size();
    table.buffers.push_back(std::move(owned));
    numbers_.push_back(name);
  }
  return {where->second};
}

namespace {

template <std::size_t N>
void pack(const std::array<std::uint8_t, N>& raw, std::uint64_t& high, std::uint64_t& low) {
  static_assert(N > 8 && N <= 16);
  std::memcpy(&high, raw.data(), 8);
  std::memcpy(&low, raw.data() + 8, N - 8);
}

constexpr std::uint64_t mix(std::uint64_t x) noexcept {
  x ^= x >> 32;
  x *= 0x9e3779b97f4a7c15u;
  x ^= x >> 29;
  x *= 0xbf58476d1ce4e5b9u;
  return x ^ (x >> 32);
}

} // namespace

std::size_t object_table::identity_hash::operator()(const identity& i) const noexcept {
  const auto head = (std::uint64_t{i.class_name} << 32) | i.key_type;
  return mix(i.low + mix(i.high + mix(head)));
}

object_table::identity object_table::identify(const instruction& i, source_changeset& source) {
  identity result;
  result.class_name = source.number(i.class_name);
  result.key_type = static_cast<std::uint32_t>(i.key.index());
  if (const auto* number = std::get_if<std::int64_t>(&i.key)) {
    result.low = static_cast<std::uint64_t>(*number);
  } else if (const auto* name = std::get_if<interned>(&i.key)) {
    result.low = source.number(*name);
  } else if (const auto* global = std::get_if<global_key>(&i.key)) {
    result.high = global->hi;
    result.low = global->lo;
  } else if (const auto* oid = std::get_if<object_id>(&i.key)) {
    pack(oid->raw, result.high, result.low);
  } else if (const auto* id = std::get_if<uuid>(&i.key)) {
    pack(id->raw, result.high, result.low);
  }
  return result;
}

object_number object_table::number(const instruction& i, source_changeset& source) {
  const auto next = static_cast<object_number>(numbers_.size());
  return numbers_.try_emplace(identify(i, source), next).first->second;
}

object_number object_table::find(const instruction& i, source_changeset& source) const {
  const auto where = numbers_.find(identify(i, source));
  return where == numbers_.end() ? none : where->second;
}

std::vector<std::uint32_t> age_ranks(std::span<merge_changeset* const> changesets) {
  const auto older = [&](std::uint32_t x, std::uint32_t y) {
    return std::pair(changesets[x]->timestamp, changesets[x]->origin) <
           std::pair(changesets[y]->timestamp, changesets[y]->origin);
  };
  std::vector<std::uint32_t> order(changesets.size());
  std::iota(order.begin(), order.end(), 0u);
  std::sort(order.begin(), order.end(), older);
  std::vector<std::uint32_t> ranks(changesets.size());
  for (std::size_t i = 1; i < order.size(); ++i)
    ranks[order[i]] = ranks[order[i - 1]] + (older(order[i - 1], order[i]) ? 1 : 0);
  return ranks;
}

} // namespace ros::sync::merging
