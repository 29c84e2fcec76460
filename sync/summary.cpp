#include "summary.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <optional>

namespace ros::sync {
namespace {

/// The first byte of a summary.
enum flag : std::uint8_t {
  touches_objects = 1, ///< object or path instructions
  declares = 2,        ///< AddTable or AddColumn
  erases = 4,          ///< EraseTable or EraseColumn
  is_filter = 8,       ///< a Bloom filter follows instead of hashes
};
constexpr std::uint8_t all_kinds = touches_objects | declares | erases;

constexpr std::size_t hash_size = sizeof(std::uint32_t);
constexpr std::size_t filter_size = 4096; ///< bytes
constexpr std::size_t max_hashes = filter_size / hash_size;
constexpr int filter_probes = 4;
constexpr int filter_bits_log2 = 15;
static_assert(filter_size * 8 == std::size_t{1} << filter_bits_log2);

// -- hashes -----------------------------------------------------------------------
// They are stored, so they must never change, and must be the same on every
// machine: FNV-1a over the bytes, then a finisher that spreads every bit.

std::uint64_t hash_bytes(std::string_view content) noexcept {
  std::uint64_t h = 0xcbf2'9ce4'8422'2325;
  for (const char c : content) {
    h = (h ^ static_cast<std::uint8_t>(c)) * 0x100'0000'01b3;
  }
  return h;
}

std::uint64_t spread(std::uint64_t h) noexcept {
  h = (h ^ (h >> 30)) * 0xbf58'476d'1ce4'e5b9;
  h = (h ^ (h >> 27)) * 0x94d0'49bb'1331'11eb;
  return h ^ (h >> 31);
}

std::uint64_t combine(std::uint64_t a, std::uint64_t b) noexcept {
  return spread(a + 0x9e37'79b9'7f4a'7c15 + spread(b));
}

template <class Id>
std::uint64_t hash_raw(const Id& id) noexcept {
  return hash_bytes({reinterpret_cast<const char*>(id.raw.data()), id.raw.size()});
}

struct key_hash {
  const changeset& changes;

  std::uint64_t operator()(std::monostate) const noexcept { return 1; }
  std::uint64_t operator()(std::int64_t n) const noexcept {
    return combine(2, static_cast<std::uint64_t>(n));
  }
  std::uint64_t operator()(interned i) const noexcept {
    return combine(3, hash_bytes(changes.string(i)));
  }
  std::uint64_t operator()(const global_key& k) const noexcept {
    return combine(combine(4, k.hi), k.lo);
  }
  std::uint64_t operator()(const object_id& id) const noexcept { return combine(5, hash_raw(id)); }
  std::uint64_t operator()(const uuid& id) const noexcept { return combine(6, hash_raw(id)); }
};

std::uint32_t folded(std::uint64_t h) noexcept {
  return static_cast<std::uint32_t>(h >> 32);
}

// -- what one changeset touches ---------------------------------------------------

struct touched_things {
  std::uint8_t kinds = 0;
  std::vector<std::uint32_t> hashes;
};

/// Appends what the changeset touches; neither sorted nor unique.
class collector {
public:
  collector(const changeset& changes, touched_things& out)
      : changes_(changes), out_(out), names_(changes.strings.size()) {}

  void run() {
    for (const instruction& in : changes_.instructions) {
      add(in);
    }
  }

private:
  void add(const instruction& in) {
    switch (in.op) {
    case opcode::erase_table:
    case opcode::erase_column:
      out_.kinds |= erases;
      break;
    case opcode::add_table:
      out_.kinds |= declares;
      out_.hashes.push_back(folded(combine(name(in.class_name), 'T')));
      break;
    case opcode::add_column:
      out_.kinds |= declares;
      out_.hashes.push_back(folded(combine(combine(name(in.class_name), 'C'), name(in.field))));
      break;
    default:
      add_object(in);
    }
  }

  void add_object(const instruction& in) {
    // Runs of instructions on one object are the rule.
    if (last_ != nullptr && last_->class_name == in.class_name && last_->key == in.key) {
      return;
    }
    last_ = &in;
    out_.kinds |= touches_objects;
    out_.hashes.push_back(
        folded(combine(combine(name(in.class_name), 'O'), std::visit(key_hash{changes_}, in.key))));
  }

  std::uint64_t name(interned i) {
    auto& known = names_[i.index];
    if (!known) {
      known = hash_bytes(changes_.string(i));
    }
    return *known;
  }

  const changeset& changes_;
  touched_things& out_;
  std::vector<std::optional<std::uint64_t>> names_;
  const instruction* last_ = nullptr;
};

void sort_and_unify(std::vector<std::uint32_t>& hashes) {
  std::ranges::sort(hashes);
  hashes.erase(std::unique(hashes.begin(), hashes.end()), hashes.end());
}

// -- encoding ---------------------------------------------------------------------

std::uint32_t load(const char* at) noexcept {
  std::uint32_t hash = 0;
  for (std::size_t i = 0; i < hash_size; ++i) {
    hash |= static_cast<std::uint32_t>(static_cast<std::uint8_t>(at[i])) << (8 * i);
  }
  return hash;
}

void store(std::string& out, std::uint32_t hash) {
  for (std::size_t i = 0; i < hash_size; ++i) {
    out += static_cast<char>(static_cast<std::uint8_t>(hash >> (8 * i)));
  }
}

/// The bits of a hash in a Bloom filter.
std::array<std::uint32_t, filter_probes> probes(std::uint32_t hash) noexcept {
  std::array<std::uint32_t, filter_probes> positions;
  const std::uint64_t bits = spread(hash);
  for (int i = 0; i < filter_probes; ++i) {
    positions[i] =
        static_cast<std::uint32_t>(bits >> (filter_bits_log2 * i)) & (filter_size * 8 - 1);
  }
  return positions;
}

void add_to_filter(std::string& filter, std::uint32_t hash) {
  for (const std::uint32_t bit : probes(hash)) {
    filter[bit / 8] = static_cast<char>(static_cast<std::uint8_t>(filter[bit / 8]) | 1U << bit % 8);
  }
}

bool filter_may_contain(std::string_view filter, std::uint32_t hash) {
  return std::ranges::all_of(probes(hash), [filter](std::uint32_t bit) {
    return (static_cast<std::uint8_t>(filter[bit / 8]) & 1U << bit % 8) != 0;
  });
}

std::string encode(touched_things things) {
  if (things.kinds == 0) {
    return {};
  }
  sort_and_unify(things.hashes);
  std::string out(1, static_cast<char>(things.kinds));
  if (things.hashes.size() <= max_hashes) {
    for (const std::uint32_t hash : things.hashes) {
      store(out, hash);
    }
    return out;
  }
  std::string filter(filter_size, '\0');
  for (const std::uint32_t hash : things.hashes) {
    add_to_filter(filter, hash);
  }
  out[0] = static_cast<char>(things.kinds | is_filter);
  return out += filter;
}

/// A summary taken apart. `content` is hashes or the filter.
struct decoded_summary {
  std::uint8_t kinds = 0;
  bool filter = false;
  std::string_view content;
};

/// Nothing if the bytes are no summary. `summary` must not be empty.
std::optional<decoded_summary> decode(std::string_view summary) {
  const auto flags = static_cast<std::uint8_t>(summary.front());
  const decoded_summary result{static_cast<std::uint8_t>(flags & all_kinds),
                               (flags & is_filter) != 0, summary.substr(1)};
  const bool known = (flags & ~(all_kinds | is_filter)) == 0 && result.kinds != 0;
  const bool whole =
      result.filter ? result.content.size() == filter_size : result.content.size() % hash_size == 0;
  // Only erasures leave no hash behind.
  const bool complete = !result.content.empty() || result.kinds == erases;
  return known && whole && complete ? std::optional(result) : std::nullopt;
}

} // namespace

std::string summarize(const changeset& changes) {
  touched_things things;
  collector(changes, things).run();
  return encode(std::move(things));
}

std::string merge_summaries(std::span<const std::string_view> parts) {
  touched_things things;
  std::string filter;
  for (const std::string_view part : parts) {
    if (part.empty()) {
      continue;
    }
    const auto decoded = decode(part);
    if (!decoded) {
      return std::string(1, static_cast<char>(erases)); // interacts with everything
    }
    things.kinds |= decoded->kinds;
    if (!decoded->filter) {
      for (std::size_t at = 0; at < decoded->content.size(); at += hash_size) {
        things.hashes.push_back(load(decoded->content.data() + at));
      }
      continue;
    }
    filter.resize(filter_size, '\0');
    for (std::size_t i = 0; i < filter_size; ++i) {
      filter[i] = static_cast<char>(filter[i] | decoded->content[i]);
    }
  }
  if (filter.empty()) {
    return encode(std::move(things));
  }
  for (const std::uint32_t hash : things.hashes) {
    add_to_filter(filter, hash);
  }
  return std::string(1, static_cast<char>(things.kinds | is_filter)) + filter;
}

void run_signature::add(const changeset& changes) {
  touched_things things{kinds_, std::move(touched_)};
  collector(changes, things).run();
  kinds_ = things.kinds;
  touched_ = std::move(things.hashes);
}

void run_signature::finish() {
  sort_and_unify(touched_);
  // Sixteen bits for each make one in sixteen others pass on to the search.
  const std::size_t bits = std::bit_ceil(std::max<std::size_t>(touched_.size() * 16, 64));
  filter_.assign(bits / 64, 0);
  for (const std::uint32_t hash : touched_) {
    const std::size_t bit = hash & (bits - 1);
    filter_[bit / 64] |= std::uint64_t{1} << bit % 64;
  }
}

bool run_signature::contains(std::uint32_t hash) const {
  const std::size_t bit = hash & (filter_.size() * 64 - 1);
  return (filter_[bit / 64] & std::uint64_t{1} << bit % 64) != 0 &&
         std::ranges::binary_search(touched_, hash);
}

bool may_interact(std::string_view summary, const run_signature& run) {
  if (summary.empty() || run.empty()) {
    return false;
  }
  const auto decoded = decode(summary);
  if (!decoded || ((decoded->kinds | run.kinds_) & erases) != 0) {
    return true;
  }
  if ((decoded->kinds & run.kinds_) == 0) {
    return false;
  }
  if (decoded->filter) {
    return std::ranges::any_of(run.touched_, [&decoded](std::uint32_t hash) {
      return filter_may_contain(decoded->content, hash);
    });
  }
  for (std::size_t at = 0; at < decoded->content.size(); at += hash_size) {
    if (run.contains(load(decoded->content.data() + at))) {
      return true;
    }
  }
  return false;
}

} // namespace ros::sync
