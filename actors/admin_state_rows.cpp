#include "admin_state_rows.hpp"

#include <boost/json/parse.hpp>
#include <boost/json/serialize.hpp>

#include <charconv>

namespace json = boost::json;

namespace ros::actors {

namespace {

constexpr std::size_t rights_size = 3;

std::optional<rights> parse_rights(std::string_view text) {
  if (text.size() != rights_size)
    return std::nullopt;
  const rights x{text[0] == 'r', text[1] == 'w', text[2] == 'm'};
  return to_string(x) == text ? std::optional{x} : std::nullopt;
}

} // namespace

std::string row_key(row_kind kind, std::string_view name) {
  std::string key{static_cast<char>(kind), '/'};
  return key.append(name);
}

std::string row_key(row_kind kind, std::string_view first, std::string_view second) {
  return row_key(kind, first).append(1, '\0').append(second);
}

std::optional<std::pair<std::string_view, std::string_view>> split_name(std::string_view name) {
  auto separator = name.find('\0');
  if (separator == std::string_view::npos)
    return std::nullopt;
  return std::pair{name.substr(0, separator), name.substr(separator + 1)};
}

std::string account_key(const account_name& name) {
  return row_key(row_kind::account, name.provider, name.id);
}

std::string audit_key(std::uint64_t number) {
  constexpr std::size_t digits = 20;
  auto text = std::to_string(number);
  return row_key(row_kind::audit, std::string(digits - text.size(), '0') + text);
}

admin_row write_row(std::string key, const json::object& value) {
  return {std::move(key), json::serialize(value)};
}

json::array write_metadata(const std::vector<metadata_row>& rows) {
  json::array result;
  for (const auto& row : rows)
    result.push_back(json::array{row.key, row.value});
  return result;
}

std::string write_rights(rights x) {
  return to_string(x);
}

std::string write_permission(rights allowed, std::int64_t updated_ms) {
  return write_rights(allowed) + ' ' + std::to_string(updated_ms);
}

std::optional<std::pair<rights, std::int64_t>> parse_permission(std::string_view text) {
  auto allowed = parse_rights(text.substr(0, rights_size));
  if (!allowed || text.size() < rights_size + 2 || text[rights_size] != ' ')
    return std::nullopt;
  std::int64_t updated = 0;
  const auto* end = text.data() + text.size();
  auto [stop, failed] = std::from_chars(text.data() + rights_size + 1, end, updated);
  // Later builds may add something behind another blank.
  if (failed != std::errc{} || (stop != end && *stop != ' '))
    return std::nullopt;
  return std::pair{*allowed, updated};
}

admin_row write_audit(const audit_record& x) {
  return write_row(audit_key(x.number), {{"at", x.at_ms},
                                         {"by", x.by.user_id},
                                         {"from", x.by.address},
                                         {"action", x.action},
                                         {"target", x.target},
                                         {"detail", x.detail}});
}

std::optional<audit_record> read_audit_row(std::string_view key, std::string_view value) {
  audit_record x;
  const auto digits = key.substr(std::min(key.size(), first_audit_key.size()));
  const auto [stop, failed] =
      std::from_chars(digits.data(), digits.data() + digits.size(), x.number);
  row_reader reader{value};
  x.at_ms = reader.number("at");
  x.by = {reader.text("by"), reader.text("from")};
  x.action = reader.text("action");
  x.target = reader.text("target");
  x.detail = reader.text("detail");
  if (failed != std::errc{} || stop != digits.data() + digits.size() || !reader.ok())
    return std::nullopt;
  return x;
}

row_reader::row_reader(std::string_view text) {
  boost::system::error_code failed;
  // Names and partition texts are written as they came, whatever their encoding.
  json::parse_options options;
  options.allow_invalid_utf8 = true;
  auto value = json::parse({text.data(), text.size()}, failed, {}, options);
  if (auto* object = failed ? nullptr : value.if_object())
    object_ = std::move(*object);
  else
    ok_ = false;
}

std::string row_reader::text(std::string_view name, std::optional<std::string> otherwise) {
  auto* found = object_.if_contains(name);
  if (found && found->is_string())
    return std::string{found->get_string()};
  ok_ = ok_ && !found && otherwise;
  return otherwise.value_or("");
}

std::int64_t row_reader::number(std::string_view name, std::optional<std::int64_t> otherwise) {
  auto* found = object_.if_contains(name);
  if (found && found->is_int64())
    return found->get_int64();
  ok_ = ok_ && !found && otherwise;
  return otherwise.value_or(0);
}

bool row_reader::flag(std::string_view name, std::optional<bool> otherwise) {
  auto* found = object_.if_contains(name);
  if (found && found->is_bool())
    return found->get_bool();
  ok_ = ok_ && !found && otherwise;
  return otherwise.value_or(false);
}

rights row_reader::allowed(std::string_view name) {
  auto x = parse_rights(text(name));
  ok_ = ok_ && x;
  return x.value_or(no_rights);
}

std::vector<metadata_row> row_reader::metadata(std::string_view name) {
  std::vector<metadata_row> result;
  auto* found = object_.if_contains(name);
  auto* rows = found ? found->if_array() : nullptr;
  ok_ = ok_ && (!found || rows);
  if (!rows)
    return result;
  for (const auto& row : *rows) {
    auto* pair = row.if_array();
    if (!pair || pair->size() != 2 || !(*pair)[0].is_string() || !(*pair)[1].is_string()) {
      ok_ = false;
      break;
    }
    result.push_back({std::string{(*pair)[0].get_string()}, std::string{(*pair)[1].get_string()}});
  }
  return result;
}

} // namespace ros::actors
