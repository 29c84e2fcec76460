#include "realm_store_impl.hpp"

#include <algorithm>
#include <utility>

namespace ros::storage {
namespace {

family family_of(sync::state_column column) {
  return column == sync::state_column::schema ? family::schema : family::objects;
}

} // namespace

realm_store::realm_store(const database& db, std::uint32_t shard, std::uint64_t realm_id,
                         read_mode mode)
    : impl_(std::make_unique<impl>(db, shard, realm_id, mode)) {
  // nop
}

realm_store::~realm_store() = default;

result<realm_record> realm_store::refresh() {
  impl_->summaries.forget();
  auto row = impl_->db.get(family::realms, impl_->prefix);
  if (!row)
    return row.error();
  if (!*row)
    return impl_->record = realm_record{};
  auto record = decode_realm_record(**row);
  if (!record)
    return error{ec::corrupt, "a Realm's record is damaged"};
  return impl_->record = std::move(*record);
}

const realm_record& realm_store::record() const noexcept {
  return impl_->record;
}

// -- client files -------------------------------------------------------------------

result<std::optional<sync::client_file>> realm_store::client_file(sync::file_ident ident) const {
  auto row = impl_->db.get(family::clients, numbered_key(impl_->prefix, ident));
  if (!row)
    return row.error();
  if (!*row)
    return std::optional<sync::client_file>{};
  auto file = decode_client_file(**row);
  if (!file)
    return error{ec::corrupt, "the record of client file " + std::to_string(ident) + " is damaged"};
  return file;
}

result<void> realm_store::visit_client_files(
    const std::function<bool(sync::file_ident, const sync::client_file&)>& visit) const {
  const auto end = end_of_prefix(impl_->prefix);
  const auto last = slice(end);
  auto cursor = impl_->db.rows(family::clients, last);
  if (!cursor)
    return cursor.error();
  auto& rows = *cursor;
  for (rows->Seek(impl_->prefix); rows->Valid(); rows->Next()) {
    const auto ident = number_behind(rows->key().ToStringView(), realm_prefix_size);
    const auto file = decode_client_file(rows->value().ToStringView());
    if (!file || ident == 0)
      return error{ec::corrupt,
                   "the record of client file " + std::to_string(ident) + " is damaged"};
    if (!visit(ident, *file))
      return {};
  }
  if (!rows->status().ok())
    return to_error(rows->status(), "cannot read client files");
  return {};
}

// -- state --------------------------------------------------------------------------

sync::result<std::optional<std::string>> realm_store::get(sync::state_column column,
                                                          std::string_view key) const {
  return impl_->get(family_of(column), text_key(impl_->prefix, key));
}

sync::result<void> realm_store::scan(
    sync::state_column column, std::string_view prefix, std::string_view from,
    const std::function<bool(std::string_view key, std::string_view value)>& visit) const {
  const auto first = text_key(impl_->prefix, std::max(prefix, from));
  const auto end = end_of_prefix(text_key(impl_->prefix, prefix));
  const auto last = slice(end);
  auto cursor = impl_->db.rows(family_of(column), last);
  if (!cursor)
    return to_sync_error(cursor.error());
  auto& rows = *cursor;
  for (rows->Seek(first); rows->Valid(); rows->Next()) {
    auto key = rows->key().ToStringView();
    key.remove_prefix(realm_prefix_size);
    if (!visit(key, rows->value().ToStringView()))
      return {};
  }
  if (!rows->status().ok())
    return to_sync_error(to_error(rows->status(), "cannot read object state"));
  return {};
}

} // namespace ros::storage
