#include "negotiation.hpp"

#include <algorithm>
#include <charconv>
#include <iterator>
#include <optional>

namespace ros::sync {

namespace {

struct prefix {
  std::string_view text;
  bool is_flexible = false;
  bool is_legacy = false; ///< `io.realm.sync`, not spoken here yet
};

constexpr prefix prefixes[] = {
    {"com.mongodb.realm-sync#"},
    {"com.mongodb.realm-sync/"},
    {"com.mongodb.realm-query-sync#", true},
    {"com.mongodb.realm-query-sync/", true},
    {"io.realm.sync.", false, true},
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
  return "supported: com.mongodb.realm-sync, versions " + std::to_string(oldest_protocol_version) +
         " to " + std::to_string(newest_protocol_version);
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
    if (known->is_legacy)
      too_old_ = true;
    else
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
    const int highest = std::min(versions.to, newest_protocol_version);
    if (versions.from > newest_protocol_version) {
      too_new_ = true;
    } else if (highest < oldest_protocol_version) {
      too_old_ = true;
    } else if (!best_ || (best_->is_flexible && !known.is_flexible) ||
               (best_->is_flexible == known.is_flexible && highest > best_->version)) {
      best_ = {std::string{known.text} + std::to_string(highest), highest, known.is_flexible};
    }
  }

  std::optional<negotiated> best_;
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

} // namespace ros::sync
