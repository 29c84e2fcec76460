#include "negotiation.hpp"

#include "protocol.hpp"

#include <algorithm>
#include <charconv>
#include <cstdint>
#include <iterator>
#include <optional>

namespace ros::sync {

namespace {

/// In the order of preference: flexible sync is refused after all.
enum class family : std::uint8_t { flexible, legacy, partition_based };

struct prefix {
  std::string_view text;
  family of = family::partition_based;
};

constexpr prefix prefixes[] = {
    {"com.mongodb.realm-sync#"},
    {"com.mongodb.realm-sync/"},
    {"com.mongodb.realm-query-sync#", family::flexible},
    {"com.mongodb.realm-query-sync/", family::flexible},
    {"io.realm.sync.", family::legacy},
};

struct range {
  int from = 0;
  int to = 0;
};

std::optional<int> parse_version(std::string_view text) {
  constexpr std::size_t most_digits = 6;
  int value = 0;
  const auto* end = text.data() + text.size();
  const auto [stop, error] = std::from_chars(text.data(), end, value);
  if (text.empty() || text.size() > most_digits || error != std::errc{} || stop != end || value < 0)
    return std::nullopt;
  return value;
}

/// "<n>" or "<a>-<b>" with a <= b.
std::optional<range> parse_range(std::string_view text) {
  const auto dash = text.find('-');
  const auto from = parse_version(text.substr(0, dash));
  const auto to = dash == std::string_view::npos ? from : parse_version(text.substr(dash + 1));
  if (!from || !to || *from > *to)
    return std::nullopt;
  return range{*from, *to};
}

std::string_view trimmed(std::string_view text) {
  const auto begin = text.find_first_not_of(" \t");
  if (begin == std::string_view::npos)
    return {};
  return text.substr(begin, text.find_last_not_of(" \t") - begin + 1);
}

std::string supported() {
  auto from_to = [](int from, int to) {
    return std::to_string(from) + " to " + std::to_string(to);
  };
  return "supported: com.mongodb.realm-sync " +
         from_to(oldest_protocol_version, newest_protocol_version) + ", io.realm.sync " +
         from_to(oldest_legacy_version, last_early_legacy_version) + " and " +
         from_to(first_late_legacy_version, newest_legacy_version);
}

int newest_of(family of) {
  return of == family::legacy ? newest_legacy_version : newest_protocol_version;
}

/// The highest version of a family in a range that is spoken here; 0 if none is.
int highest_of(family of, range versions) {
  const bool legacy = of == family::legacy;
  int highest = std::min(versions.to, newest_of(of));
  if (legacy && highest < first_late_legacy_version)
    highest = std::min(highest, last_early_legacy_version);
  const int oldest = legacy ? oldest_legacy_version : oldest_protocol_version;
  return highest < std::max(oldest, versions.from) ? 0 : highest;
}

/// Looks at one element after the other.
class chooser {
public:
  /// False if the element is malformed.
  bool consider(std::string_view element) {
    const auto* known = std::find_if(std::begin(prefixes), std::end(prefixes),
                                     [&](const auto& p) { return element.starts_with(p.text); });
    if (known == std::end(prefixes))
      return true;
    const auto versions = parse_range(element.substr(known->text.size()));
    if (!versions)
      return false;
    consider(*known, *versions);
    return true;
  }

  [[nodiscard]] boost::system::result<negotiated, negotiation_failure> choice() const {
    if (best_)
      return *best_;
    if (too_old_)
      return negotiation_failure{"REALM_SYNC_PROTOCOL_MISMATCH:CLIENT_TOO_OLD " + supported()};
    if (too_new_)
      return negotiation_failure{"REALM_SYNC_PROTOCOL_MISMATCH:CLIENT_TOO_NEW " + supported()};
    return negotiation_failure{"no known subprotocol offered, " + supported()};
  }

private:
  void consider(const prefix& known, range versions) {
    const int highest = highest_of(known.of, versions);
    if (highest == 0)
      (versions.from > newest_of(known.of) ? too_new_ : too_old_) = true;
    else if (!best_ || known.of > family_ || (known.of == family_ && highest > best_->version)) {
      family_ = known.of;
      best_ = {std::string{known.text} + std::to_string(highest), highest,
               known.of == family::flexible};
    }
  }

  std::optional<negotiated> best_;
  family family_ = family::flexible; ///< of best_
  bool too_old_ = false;
  bool too_new_ = false;
};

} // namespace

boost::system::result<negotiated, negotiation_failure> negotiate(std::string_view offer) {
  chooser x;
  for (;;) {
    const auto comma = offer.find(',');
    if (!x.consider(trimmed(offer.substr(0, comma))))
      return negotiation_failure{"malformed subprotocol version, " + supported()};
    if (comma == std::string_view::npos)
      return x.choice();
    offer.remove_prefix(comma + 1);
  }
}

boost::system::result<negotiated, negotiation_failure>
negotiate_announced(std::string_view announced, std::string_view offer) {
  const auto version = parse_version(trimmed(announced));
  if (!version)
    return negotiation_failure{"malformed protocol version, " + supported()};
  if (*version < oldest_legacy_version)
    return negotiation_failure{"REALM_SYNC_PROTOCOL_MISMATCH:CLIENT_TOO_OLD " + supported()};
  if (*version > last_early_legacy_version)
    return negotiation_failure{"REALM_SYNC_PROTOCOL_MISMATCH:CLIENT_TOO_NEW " + supported()};
  return negotiated{std::string{offer}, *version};
}

} // namespace ros::sync
