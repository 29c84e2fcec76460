// From a setting as written to a typed value. Every function answers with
// nothing, or with what is wrong in words that fit behind the key. Internal to
// config/*.cpp.
#pragma once

#include "document.hpp"

#include <cstdint>
#include <optional>

namespace ros::config {

using flaw = std::optional<std::string>;

struct range {
  std::int64_t least = 0;
  std::int64_t most = INT64_MAX;
};

/// What lists may hold.
enum class item_kind { text, cidr, host, header, character };

/// How a setting is written, one type per kind.
namespace rule {
/// Any scalar; nothing gives an empty text.
struct text {};
/// true or false, without quotes.
struct flag {};
struct integer {
  range allowed;
};
/// Seconds, or a number with s, m, h or d behind it.
struct seconds {
  range allowed;
};
/// Bytes, or a number with KB, MB or GB (powers of 1024) behind it.
struct bytes {
  range allowed;
};
struct choice {
  std::vector<const char*> names;
};
struct port {};
struct address {};
/// True where it is there: {} or nothing behind the key.
struct stanza {};
/// Text that is never printed.
struct secret {};
/// http or https.
struct url {};
/// true, false, a number or a text; kept as JSON text.
struct json_scalar {};
struct list {
  item_kind kind;
};
} // namespace rule

flaw read(const entry& e, std::string& to, const rule::text&);
flaw read(const entry& e, bool& to, const rule::flag&);
flaw read(const entry& e, std::int64_t& to, const rule::integer& r);
flaw read(const entry& e, std::int64_t& to, const rule::seconds& r);
flaw read(const entry& e, std::int64_t& to, const rule::bytes& r);
flaw read(const entry& e, std::string& to, const rule::choice& r);
flaw read(const entry& e, std::uint16_t& to, const rule::port&);
flaw read(const entry& e, std::string& to, const rule::address&);
flaw read(const entry& e, bool& to, const rule::stanza&);
flaw read(const entry& e, std::string& to, const rule::secret&);
flaw read(const entry& e, std::string& to, const rule::url&);
flaw read(const entry& e, std::string& to, const rule::json_scalar&);
/// One element of a list.
flaw read_item(const entry& e, std::string& to, item_kind kind);

} // namespace ros::config
