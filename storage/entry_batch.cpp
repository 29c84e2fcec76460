#include "entry_batch.hpp"

#include "keys.hpp"
#include "records.hpp"

#include <rocksdb/comparator.h>

#include <array>

namespace ros::storage {
namespace {

using rocksdb::Slice;
using rocksdb::Status;

/// Rows a trim erases one by one. A range tombstone costs every later read of the
/// family a little, so it is kept for the rare big trim.
constexpr std::size_t max_point_trims = 64;

/// Realm and client in front of a reciprocal key.
constexpr std::size_t reciprocal_prefix_size = realm_prefix_size + 8;

/// Stands for a family where no database is open: WriteBatch only asks for the number.
class numbered_family final : public rocksdb::ColumnFamilyHandle {
public:
  explicit numbered_family(family x)
      : name_(family_names[index_of(x)]), number_(static_cast<std::uint32_t>(x)) {}
  const std::string& GetName() const override { return name_; }
  std::uint32_t GetID() const override { return number_; }
  Status GetDescriptor(rocksdb::ColumnFamilyDescriptor*) override { return Status::NotSupported(); }
  const rocksdb::Comparator* GetComparator() const override {
    return rocksdb::BytewiseComparator();
  }

private:
  std::string name_;
  std::uint32_t number_;
};

rocksdb::ColumnFamilyHandle* numbered(family x) {
  static const auto handles = [] {
    std::array<std::unique_ptr<numbered_family>, family_count> all;
    for (std::size_t i = 0; i < family_count; ++i)
      all[i] = std::make_unique<numbered_family>(static_cast<family>(i + 1));
    return all;
  }();
  return handles[index_of(x)].get();
}

Slice slice(std::string_view x) {
  return {x.data(), x.size()};
}

} // namespace

// -- batch_writer -------------------------------------------------------------------

void batch_writer::put(family to, std::string_view key, std::string_view value) {
  batch_.Put(numbered(to), slice(key), slice(value));
}

void batch_writer::erase(family from, std::string_view key) {
  batch_.Delete(numbered(from), slice(key));
}

void batch_writer::erase_range(family from, std::string_view first, std::string_view last) {
  batch_.DeleteRange(numbered(from), slice(first), slice(last));
}

namespace {

/// Repeats what a batch does in a batch_writer.
class repeater final : public rocksdb::WriteBatch::Handler {
public:
  explicit repeater(batch_writer& out) : out_(out) {}
  Status PutCF(std::uint32_t to, const Slice& key, const Slice& value) override {
    if (!is_replicated(to))
      return unknown();
    out_.put(static_cast<family>(to), key.ToStringView(), value.ToStringView());
    return Status::OK();
  }
  Status DeleteCF(std::uint32_t from, const Slice& key) override {
    if (!is_replicated(from))
      return unknown();
    out_.erase(static_cast<family>(from), key.ToStringView());
    return Status::OK();
  }
  Status DeleteRangeCF(std::uint32_t from, const Slice& first, const Slice& last) override {
    if (!is_replicated(from))
      return unknown();
    out_.erase_range(static_cast<family>(from), first.ToStringView(), last.ToStringView());
    return Status::OK();
  }

private:
  static Status unknown() { return Status::InvalidArgument("an unknown family"); }

  batch_writer& out_;
};

} // namespace

bool batch_writer::append(std::string_view batch) {
  repeater repeat{*this};
  return rocksdb::WriteBatch{std::string{batch}}.Iterate(&repeat).ok();
}

sync::bytes batch_writer::take() {
  auto keeper = std::make_shared<rocksdb::WriteBatch>(std::move(batch_));
  batch_.Clear();
  std::shared_ptr<const std::string> data{keeper, &keeper->Data()};
  return {data, *data};
}

// -- entry_merger -------------------------------------------------------------------

/// Walks over one entry's batch: what is allowed goes into the joint batch, the first
/// thing that is not ends the walk.
class entry_merger::checker final : public rocksdb::WriteBatch::Handler {
public:
  checker(entry_merger& merger, const log_entry& entry)
      : merger_(merger), entry_(entry), prefix_(realm_prefix(entry.shard, entry.realm_id)),
        end_(end_of_prefix(prefix_)) {}

  Status PutCF(std::uint32_t number, const Slice& key, const Slice& value) override {
    const auto name = key.ToStringView();
    if (auto problem = check(number, name); !problem.ok())
      return problem;
    const auto to = static_cast<family>(number);
    if (to == family::realms)
      if (auto problem = check_record(name, value.ToStringView()); !problem.ok())
        return problem;
    if (to == family::reciprocal)
      return merger_.put_reciprocal(name, value.ToStringView());
    return merger_.out_.Put(merger_.store_.handle(to), key, value);
  }

  Status DeleteCF(std::uint32_t number, const Slice& key) override {
    if (auto problem = check(number, key.ToStringView()); !problem.ok())
      return problem;
    return merger_.out_.Delete(merger_.store_.handle(static_cast<family>(number)), key);
  }

  Status DeleteRangeCF(std::uint32_t number, const Slice& first, const Slice& last) override {
    if (auto problem = check(number, first.ToStringView()); !problem.ok())
      return problem;
    if (last.compare(first) < 0 || (last != Slice{end_} && !last.starts_with(prefix_)))
      return Status::InvalidArgument("a range ends outside the Realm");
    const auto from = static_cast<family>(number);
    if (from == family::reciprocal)
      return merger_.trim(first.ToStringView(), last.ToStringView());
    return merger_.out_.DeleteRange(merger_.store_.handle(from), first, last);
  }

  Status SingleDeleteCF(std::uint32_t, const Slice&) override { return unexpected(); }
  Status MergeCF(std::uint32_t, const Slice&, const Slice&) override { return unexpected(); }
  void LogData(const Slice&) override {}

  [[nodiscard]] bool has_record() const noexcept { return has_record_; }

private:
  static Status unexpected() { return Status::InvalidArgument("an operation entries do not use"); }

  [[nodiscard]] Status check(std::uint32_t number, std::string_view key) const {
    if (!is_replicated(number))
      return Status::InvalidArgument("a write to family " + std::to_string(number));
    if (static_cast<family>(number) == family::admin && entry_.shard != admin_shard)
      return Status::InvalidArgument("a write to the admin Realm");
    if (!key.starts_with(prefix_))
      return Status::InvalidArgument("a key outside the Realm");
    return Status::OK();
  }

  Status check_record(std::string_view key, std::string_view value) {
    const auto record = decode_realm_record(value);
    if (key != prefix_ || !record || record->sequence != entry_.sequence)
      return Status::InvalidArgument("a Realm record that is not the entry's");
    has_record_ = true;
    return Status::OK();
  }

  entry_merger& merger_;
  const log_entry& entry_;
  std::string prefix_;
  std::string end_;
  bool has_record_ = false;
};

entry_merger::entry_merger(const rocks_store& store, const trim_floors& floors)
    : store_(store), floors_(floors) {
  // nop
}

std::optional<std::string> entry_merger::add(const log_entry& entry) {
  if (entry.layout != log_entry::current_layout)
    return "its layout is " + std::to_string(entry.layout) + ", this release writes " +
           std::to_string(log_entry::current_layout);
  out_.SetSavePoint();
  entry_trims_.clear();
  checker check{*this, entry};
  const rocksdb::WriteBatch in{std::string{entry.batch.view()}};
  auto status = in.Iterate(&check);
  if (status.ok() && !check.has_record())
    status = Status::InvalidArgument("no Realm record");
  if (status.ok()) {
    out_.PopSavePoint();
    for (auto& [client, floor] : entry_trims_)
      trimmed_.insert_or_assign(client, std::move(floor));
    return std::nullopt;
  }
  out_.RollbackToSavePoint();
  return status.ToString();
}

Status entry_merger::put_reciprocal(std::string_view key, std::string_view value) {
  const auto client = key.substr(0, reciprocal_prefix_size);
  if (auto i = floors_.find(client); i != floors_.end() && key < i->second)
    entry_trims_.insert_or_assign(std::string{client}, std::string{client});
  new_reciprocals_.emplace(key);
  return out_.Put(store_.handle(family::reciprocal), slice(key), slice(value));
}

Status entry_merger::trim(std::string_view first, std::string_view last) {
  auto* const to = store_.handle(family::reciprocal);
  const std::string client{first.substr(0, reciprocal_prefix_size)};
  auto from = first;
  if (auto i = floors_.find(client); i != floors_.end() && i->second > from)
    from = i->second;
  // Rows of the batch itself first: the database does not show them yet.
  for (auto i = new_reciprocals_.lower_bound(first); i != new_reciprocals_.end() && *i < last; ++i)
    if (auto status = out_.Delete(to, *i); !status.ok())
      return status;
  if (!rows_)
    rows_.reset(store_.db().NewIterator({}, to));
  std::size_t erased = 0;
  for (rows_->Seek(slice(from)); rows_->Valid() && rows_->key().ToStringView() < last;
       rows_->Next())
    if (++erased > max_point_trims)
      return out_.DeleteRange(to, slice(first), slice(last));
    else if (auto status = out_.Delete(to, rows_->key()); !status.ok())
      return status;
  if (rows_->status().ok() && first == numbered_key(client, 0) && last.starts_with(client))
    entry_trims_.insert_or_assign(client, std::string{last});
  return rows_->status();
}

} // namespace ros::storage
