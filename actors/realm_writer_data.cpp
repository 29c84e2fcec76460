// The server's own access of a realm_writer to its Realm: transactions, reading, changes.
#include "realm_writer.hpp"

#include "runtime/clock.hpp"
#include "sync/changeset_codec.hpp"
#include "sync/object_reader.hpp"
#include "sync/touched_objects.hpp"

#include <algorithm>
#include <utility>
#include <variant>

namespace ros::actors {

namespace {

constexpr std::size_t max_waiting_operations = 10 * sync::max_operations;
constexpr std::uint64_t max_objects_read = 1000;
constexpr std::size_t enough_bytes_read = 1u << 20;
constexpr std::size_t max_objects_told = 100'000; ///< of one version
constexpr std::size_t enough_objects_told = 10'000;
constexpr std::size_t enough_bytes_told = 1u << 20;
/// Memory for looking at a client's changeset: two bytes of it can be an instruction, and
/// that takes a hundred. The server's own are small enough by max_transaction_bytes.
constexpr std::size_t max_bytes_parsed = 64u << 20;

/// Bytes in memory, about.
std::size_t size_of(const sync::read_value& x) {
  const auto* text = std::get_if<std::string>(&x.data);
  const auto* binary = std::get_if<sync::read_binary>(&x.data);
  auto size = sizeof(x) + (text != nullptr ? text->size() : 0) +
              (binary != nullptr ? binary->data.size() : 0);
  if (const auto* object = std::get_if<sync::read_object>(&x.data))
    for (const auto& field : object->fields)
      size += field.name.size() + size_of(field.value);
  if (const auto* items = std::get_if<sync::read_collection>(&x.data))
    for (const auto& entry : items->entries)
      size += entry.key.size() + size_of(entry.value);
  return size;
}

/// Collects objects until the answer is full.
class object_collector {
public:
  explicit object_collector(const read_objects& request, objects_read& out)
      : request_(request), out_(out) {}

  void add(const sync::primary_key& key, sync::read_object object) {
    if (!request_.properties.empty())
      std::erase_if(object.fields, [this](const sync::read_field& x) {
        return std::find(request_.properties.begin(), request_.properties.end(), x.name) ==
               request_.properties.end();
      });
    for (const auto& field : object.fields)
      bytes_ += size_of(field.value);
    out_.objects.push_back({key, std::move(object)});
  }
  [[nodiscard]] bool is_full() const {
    return bytes_ >= enough_bytes_read || out_.objects.size() >= limit();
  }

private:
  [[nodiscard]] std::uint64_t limit() const {
    return request_.keys.empty() ? std::clamp<std::uint64_t>(request_.limit, 1, max_objects_read)
                                 : max_objects_read;
  }

  const read_objects& request_;
  objects_read& out_;
  std::size_t bytes_ = 0;
};

sync::result<void> read_page(sync::object_reader& reader, const read_objects& request,
                             objects_read& out) {
  object_collector found{request, out};
  const auto* from = request.after ? &*request.after : nullptr;
  return reader.visit(request.class_name, from,
                      [&](const sync::primary_key& key, const sync::read_object& object) {
                        if (from != nullptr && key == *from)
                          return true;
                        out.more = found.is_full();
                        if (!out.more)
                          found.add(key, object);
                        return !out.more;
                      },
                      {0, request.max_elements});
}

sync::result<void> read_keys(sync::object_reader& reader, const read_objects& request,
                             objects_read& out) {
  object_collector found{request, out};
  for (const auto& key : request.keys) {
    out.more = found.is_full() || out.looked_at >= max_objects_read;
    if (out.more)
      break;
    auto object = reader.find(request.class_name, key, {0, request.max_elements});
    if (!object)
      return object.error();
    ++out.looked_at;
    if (*object)
      found.add(key, std::move(**object));
  }
  return {};
}

} // namespace

std::optional<std::uint64_t> realm_writer::enqueue(transact request) {
  const auto operations = request.operations.size() + 1;
  if (waiting_operations_ + operations > max_waiting_operations && !transactions_.empty())
    return std::nullopt;
  waiting_operations_ += operations;
  transactions_.emplace_back(++last_transaction_, std::move(request));
  return last_transaction_;
}

void realm_writer::carry_out_transactions(formed& out) {
  const auto deadline = clock_.steady_us() + limits_.slice_us;
  while (!trouble_ && !transactions_.empty()) {
    const auto [number, request] = std::move(transactions_.front());
    transactions_.pop_front();
    waiting_operations_ -= request.operations.size() + 1;
    out.transactions.push_back({number, carry_out(request)});
    if (clock_.steady_us() >= deadline)
      return;
  }
}

sync::result<transacted> realm_writer::carry_out(const transact& request) {
  transacted done;
  done.head = integrator_->head();
  if (request.if_head && *request.if_head != done.head) {
    done.moved_on = true;
    return done;
  }
  const auto now = std::max<std::int64_t>(clock_.unix_ms() - sync::origin_epoch_unix_ms, 0);
  auto changes =
      integrator_->transact(request.operations, static_cast<sync::origin_timestamp>(now));
  if (!changes)
    return note(changes.error());
  done.head = integrator_->head();
  done.written = changes->written;
  done.made = std::move(changes->made);
  return done;
}

sync::result<objects_read> realm_writer::read(const read_objects& request) {
  objects_read out;
  out.head = head().version;
  sync::object_reader reader{store_};
  auto done =
      request.keys.empty() ? read_page(reader, request, out) : read_keys(reader, request, out);
  if (done)
    return out;
  if (done.error().code == sync::ec::corrupt_store)
    return note(done.error());
  out = {}; // there is no such class
  out.head = head().version;
  out.looked_at = request.keys.size();
  return out;
}

sync::result<realm_schema> realm_writer::schema() {
  auto classes = sync::object_reader{store_}.classes();
  if (!classes)
    return note(classes.error());
  return realm_schema{head().version, std::move(*classes)};
}

sync::result<realm_changes> realm_writer::changes_behind(sync::version_type from) {
  const auto& record = store_.record();
  realm_changes out;
  out.version = record.head.version;
  out.everything = from > record.head.version || from < record.horizon;
  if (out.everything || from == record.head.version)
    return out;
  std::size_t bytes = 0, objects = 0;
  auto look = [&](const sync::history_entry& entry) {
    auto change = describe(entry);
    out.everything = !change;
    if (!change)
      return false;
    bytes += entry.data.size();
    objects += change->objects.size();
    out.changes.push_back(std::move(*change));
    return bytes < enough_bytes_told && objects < enough_objects_told;
  };
  if (auto visited = store_.visit(from + 1, record.head.version, true, look); !visited)
    return note(visited.error());
  if (out.everything)
    out.changes.clear();
  else
    out.version = out.changes.back().version;
  return out;
}

/// Nothing if it cannot be told what the version touches.
std::optional<realm_change> realm_writer::describe(const sync::history_entry& entry) {
  const bool is_own = entry.origin == 0;
  auto changes = is_own ? sync::parse_stored_changeset(entry.data)
                        : sync::parse_changeset_within(max_bytes_parsed, entry.data,
                                                       sync::newest_protocol_version);
  if (!changes)
    return std::nullopt;
  auto touched = sync::touched_objects(*changes, max_objects_told);
  if (!touched)
    return std::nullopt;
  realm_change change{
      entry.version, is_own ? sync::server_file_ident : entry.origin, {}, std::move(*touched)};
  if (const auto* file = is_own ? nullptr : find_file(entry.origin))
    change.user = file->user_id;
  return change;
}

} // namespace ros::actors
