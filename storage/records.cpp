#include "records.hpp"

#include "coding.hpp"

namespace ros::storage {
namespace {

enum client_flag : std::uint8_t { contributed = 1, live = 2, expired = 4 };

void put_salt(std::string& out, sync::salt_type salt) {
  put_big_endian(out, static_cast<std::uint64_t>(salt), 8);
}

sync::salt_type get_salt(value_reader& in) {
  return static_cast<sync::salt_type>(in.fixed64());
}

void put_cursor(std::string& out, const sync::upload_cursor& x) {
  put_varint(out, x.client_version);
  put_varint(out, x.last_integrated_server_version);
}

sync::upload_cursor get_cursor(value_reader& in) {
  sync::upload_cursor x;
  x.client_version = in.varint();
  x.last_integrated_server_version = in.varint();
  return x;
}

} // namespace

std::string encode(const realm_record& x) {
  std::string out(1, realm_record_version);
  put_varint(out, x.sequence);
  put_varint(out, x.head.version);
  put_salt(out, x.head.salt);
  put_varint(out, x.next_ident);
  put_varint(out, x.horizon);
  put_varint(out, x.feature_level);
  put_varint(out, x.history_bytes);
  put_text(out, x.path);
  put_varint(out, x.cumulative_size);
  put_varint(out, x.horizon_bytes);
  put_varint(out, x.horizon_weight);
  put_varint(out, x.fold_next);
  put_varint(out, x.fold_last);
  return out;
}

std::optional<realm_record> decode_realm_record(std::string_view data) {
  value_reader in(data);
  const auto version = in.byte();
  if (version != value_version && version != realm_record_version)
    return std::nullopt;
  realm_record x;
  x.sequence = in.varint();
  x.head.version = in.varint();
  x.head.salt = get_salt(in);
  x.next_ident = in.varint();
  x.horizon = in.varint();
  x.feature_level = static_cast<std::uint32_t>(in.varint());
  x.history_bytes = in.varint();
  x.path = in.text();
  if (version == value_version) { // layout 1: nothing was ever compacted
    x.cumulative_size = x.history_bytes;
  } else {
    x.cumulative_size = in.varint();
    x.horizon_bytes = in.varint();
    x.horizon_weight = in.varint();
    x.fold_next = in.varint();
    x.fold_last = in.varint();
  }
  if (!in.finished())
    return std::nullopt;
  return x;
}

std::string encode(const sync::client_file& x) {
  std::string out(1, value_version);
  out.push_back(static_cast<char>((x.contributed ? contributed : 0) | (x.live ? live : 0) |
                                  (x.expired ? expired : 0)));
  put_salt(out, x.salt);
  put_cursor(out, x.progress);
  put_cursor(out, x.reported);
  put_varint(out, x.locked_version);
  put_varint(out, static_cast<std::uint64_t>(x.last_seen_ms));
  put_text(out, x.user_id);
  return out;
}

std::optional<sync::client_file> decode_client_file(std::string_view data) {
  value_reader in(data);
  if (in.byte() != value_version)
    return std::nullopt;
  sync::client_file x;
  const auto flags = in.byte();
  x.contributed = (flags & contributed) != 0;
  x.live = (flags & live) != 0;
  x.expired = (flags & expired) != 0;
  x.salt = get_salt(in);
  x.progress = get_cursor(in);
  x.reported = get_cursor(in);
  x.locked_version = in.varint();
  x.last_seen_ms = static_cast<std::int64_t>(in.varint());
  x.user_id = in.text();
  if (!in.finished())
    return std::nullopt;
  return x;
}

std::string encode_history(const sync::history_entry& x) {
  std::string out(1, value_version);
  out.reserve(48 + x.summary.size());
  put_varint(out, x.origin);
  put_varint(out, x.client_version);
  put_varint(out, x.timestamp);
  put_salt(out, x.salt);
  put_varint(out, x.original_size);
  put_varint(out, x.data.size());
  put_varint(out, x.cumulative_size);
  out.append(x.summary.view());
  return out;
}

std::optional<history_row> decode_history(sync::version_type version, std::string_view data) {
  value_reader in(data);
  if (in.byte() != value_version)
    return std::nullopt;
  history_row x;
  x.entry.version = version;
  x.entry.origin = in.varint();
  x.entry.client_version = in.varint();
  x.entry.timestamp = in.varint();
  x.entry.salt = get_salt(in);
  x.entry.original_size = in.varint();
  x.data_size = in.varint();
  x.entry.cumulative_size = in.varint();
  if (!in.ok())
    return std::nullopt;
  if (const auto summary = in.rest(); !summary.empty())
    x.entry.summary = sync::bytes{std::string{summary}};
  return x;
}

std::string encode_block_size(std::uint64_t size) {
  std::string out(1, value_version);
  put_varint(out, size);
  return out;
}

std::optional<std::uint64_t> decode_block_size(std::string_view data) {
  value_reader in(data);
  if (in.byte() != value_version)
    return std::nullopt;
  const auto size = in.varint();
  return in.finished() ? std::optional{size} : std::nullopt;
}

std::string encode_blob(std::string_view data) {
  std::string out;
  out.reserve(data.size() + 1);
  out.push_back(value_version);
  out.append(data);
  return out;
}

std::optional<sync::bytes> decode_blob(std::string data) {
  if (data.empty() || data.front() != value_version)
    return std::nullopt;
  const auto size = data.size() - 1;
  return sync::bytes{std::move(data)}.slice(1, size);
}

} // namespace ros::storage
