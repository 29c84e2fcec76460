#include "support/plain_merge.hpp"

namespace ros::test {

namespace {

sync::result<sync::merge_changeset> parse(const sync::bytes& data, sync::origin_timestamp timestamp,
                                          sync::file_ident origin) {
  auto changes = sync::parse_changeset(data);
  if (!changes)
    return changes.error();
  return sync::merge_changeset{std::move(*changes), timestamp,
                               origin == 0 ? sync::server_file_ident : origin, false};
}

using majors_map = std::map<sync::version_type, sync::merge_changeset>;

sync::result<std::vector<sync::merge_changeset*>>
window(const kept_history& history, const kept_reciprocals& reciprocals, sync::version_type base,
       sync::file_ident skip, majors_map& majors) {
  std::vector<sync::merge_changeset*> found;
  for (auto it = history.upper_bound(base); it != history.end(); ++it) {
    const auto& [version, kept] = *it;
    if (kept.origin == skip || kept.data.empty())
      continue;
    auto major = majors.find(version);
    if (major == majors.end()) {
      auto stored = reciprocals.find(version);
      auto parsed = parse(stored == reciprocals.end() ? kept.data : stored->second, kept.timestamp,
                          kept.origin);
      if (!parsed)
        return parsed.error();
      major = majors.emplace(version, std::move(*parsed)).first;
    }
    found.push_back(&major->second);
  }
  return found;
}

} // namespace

sync::result<std::vector<sync::changeset>>
plain_merge(const kept_history& history, kept_reciprocals& reciprocals,
            const std::vector<arriving_changeset>& arriving, sync::file_ident skip, bool adopt) {
  std::vector<sync::merge_changeset> incoming;
  for (const auto& next : arriving) {
    auto parsed = parse(next.data, next.timestamp, next.origin);
    if (!parsed)
      return parsed.error();
    if (adopt)
      sync::adopt_local_objects(parsed->changes, next.origin);
    incoming.push_back(std::move(*parsed));
  }
  majors_map majors;
  for (std::size_t begin = 0, end = 0; begin < incoming.size(); begin = end) {
    std::vector<sync::merge_changeset*> run;
    for (; end < incoming.size() && arriving[end].base == arriving[begin].base; ++end)
      run.push_back(&incoming[end]);
    auto seen = window(history, reciprocals, arriving[begin].base, skip, majors);
    if (!seen)
      return seen.error();
    if (seen->empty())
      continue;
    if (auto merged = sync::merge(*seen, run); !merged)
      return merged.error();
  }
  for (const auto& [version, major] : majors)
    if (major.changed)
      reciprocals[version] = sync::bytes(sync::encode_changeset(major.changes));
  std::vector<sync::changeset> result;
  for (auto& next : incoming)
    result.push_back(std::move(next.changes));
  return result;
}

} // namespace ros::test
