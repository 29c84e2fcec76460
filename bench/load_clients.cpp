#include "load_clients.hpp"

#include "support/changeset_builder.hpp"
#include "support/client_changeset.hpp"

#include <algorithm>
#include <barrier>
#include <charconv>
#include <chrono>
#include <exception>
#include <memory>
#include <mutex>
#include <stdexcept>
#include <string_view>
#include <thread>

namespace ros::bench {

namespace {

constexpr std::int64_t second = 1'000'000'000;
constexpr std::string_view mark = "sent:";
constexpr std::size_t digits = 19;
constexpr int silence_ms = 10'000; ///< a reader that gets nothing this long gives up

std::uint64_t origin_timestamp() { // milliseconds since 2015
  const auto unix_ms = std::chrono::duration_cast<std::chrono::milliseconds>(
                           std::chrono::system_clock::now().time_since_epoch())
                           .count();
  return static_cast<std::uint64_t>(unix_ms - 1'420'070'400'000);
}

std::string client_text(const test::changeset_builder& b) {
  return std::string{test::client_bytes(b.changes()).view()};
}

std::string schema() {
  test::changeset_builder b;
  b.add_table("Measurement")
      .add_column("Measurement", "note", sync::value_type::string)
      .add_column("Measurement", "rank", sync::value_type::integer);
  return client_text(b);
}

/// One new object that carries the time of its commit, about 145 bytes.
std::string new_object(std::int64_t key, std::int64_t sent) {
  const auto number = std::to_string(sent);
  auto note = std::string{mark} + std::string(digits - number.size(), '0') + number;
  note += " buy milk and bread, then call back before the shop closes";
  test::changeset_builder b;
  b.create("Measurement", key)
      .update("Measurement", key, {"note"}, note)
      .update("Measurement", key, {"rank"}, static_cast<int>(key & 0xffff));
  return client_text(b);
}

/// Calls `found` with the time of every object in a downloaded changeset.
template <class F>
void for_each_sent(std::string_view changeset, F found) {
  for (auto at = changeset.find(mark); at != std::string_view::npos;
       at = changeset.find(mark, at + 1)) {
    const auto text = changeset.substr(at + mark.size(), digits);
    std::int64_t sent = 0;
    std::from_chars(text.data(), text.data() + text.size(), sent);
    found(sent);
  }
}

void check(const test::protocol_client& connection) {
  if (connection.status() != 101)
    throw std::runtime_error("no upgrade: " + connection.answer().substr(0, 300));
}

struct realm_state {
  std::string path;
  std::atomic<std::uint64_t> written{0};
  std::atomic<unsigned> writing{0}; ///< writers that have not finished
};

class scenario {
public:
  scenario(const load_shape& shape, const load_options& options)
      : options_(options), shape_(shape),
        ready_(static_cast<std::ptrdiff_t>(shape.realms * (shape.writers + shape.readers))) {
    for (unsigned i = 0; i < shape.realms; ++i) {
      realms_.push_back(std::make_unique<realm_state>());
      realms_.back()->path = '"' + options.partition + '-' + std::to_string(i) + '"';
      realms_.back()->writing = shape.writers;
    }
  }

  load_result run() {
    std::vector<std::thread> threads;
    for (auto& realm : realms_) {
      for (unsigned i = 0; i < shape_.writers; ++i)
        threads.emplace_back([this, &r = *realm, i] {
          client([&](bool& arrived) { write(r, i, arrived); });
          --r.writing;
        });
      for (unsigned i = 0; i < shape_.readers; ++i)
        threads.emplace_back(
            [this, &r = *realm] { client([&](bool& arrived) { read(r, arrived); }); });
    }
    for (auto& t : threads)
      t.join();
    for (auto& realm : realms_) {
      result_.written += realm->written;
      result_.expected += realm->written * shape_.readers;
    }
    result_.received = result_.latencies.size();
    result_.elapsed = static_cast<double>(last_acknowledged_ - first_start_) / second;
    return std::move(result_);
  }

private:
  /// A client's thread: the others must not wait at the start for one that failed.
  template <class F>
  void client(F body) {
    bool arrived = false;
    try {
      body(arrived);
    } catch (const std::exception& problem) {
      const std::lock_guard lock(mutex_);
      result_.errors.emplace_back(problem.what());
    }
    if (!arrived)
      ready_.arrive_and_drop();
  }

  void start_together(bool& arrived) {
    arrived = true;
    ready_.arrive_and_wait();
  }

  void write(realm_state& realm, unsigned number, bool& arrived) {
    test::protocol_client connection(options_.server);
    check(connection);
    test::client_copy copy;
    copy.path = realm.path;
    test::client_session session(connection, copy, 1);
    session.start();
    session.write(schema(), origin_timestamp());
    session.upload();
    session.wait_for_upload();
    start_together(arrived);

    const auto start = now_ns();
    const auto end = start + static_cast<std::int64_t>(options_.seconds * second);
    const auto first_key = static_cast<std::int64_t>(number) << 40;
    std::size_t bytes = 0;
    std::int64_t made = 0;
    auto commit = [&](std::int64_t now) {
      auto changeset = new_object(first_key + made++, now);
      bytes = changeset.size();
      session.write(std::move(changeset), origin_timestamp());
    };
    while (now_ns() < end) {
      const auto before = made;
      while (copy.unacknowledged.size() < options_.window && now_ns() < end &&
             due(start, made) <= now_ns())
        commit(now_ns());
      if (made > before)
        session.upload();
      const bool full = copy.unacknowledged.size() >= options_.window;
      const auto until = full ? end : std::min(end, due(start, made));
      take(connection, session, wait_for(until));
    }
    realm.written += static_cast<std::uint64_t>(made);
    session.wait_for_upload();

    const std::lock_guard lock(mutex_);
    last_acknowledged_ = std::max(last_acknowledged_, now_ns());
    first_start_ = first_start_ == 0 ? start : std::min(first_start_, start);
    result_.changeset_bytes = bytes;
  }

  /// When changeset `n` of a writer is to be committed.
  [[nodiscard]] std::int64_t due(std::int64_t start, std::int64_t n) const {
    if (options_.rate <= 0)
      return start;
    return start + static_cast<std::int64_t>(static_cast<double>(n) * second / options_.rate);
  }

  /// How long to wait for messages when there is something to do at `until`. Shorter
  /// waits than poll() knows are slept here: spinning would take the server's processor.
  static int wait_for(std::int64_t until) {
    const auto rest = until - now_ns();
    if (rest >= 1'000'000)
      return static_cast<int>(rest / 1'000'000);
    if (rest > 0)
      std::this_thread::sleep_for(std::chrono::nanoseconds(rest));
    return 0;
  }

  /// One message, if it comes in time; false if none did.
  bool take(test::protocol_client& connection, test::client_session& session, int ms) {
    auto message = connection.next(ms);
    if (!message) {
      if (!connection.is_open())
        throw std::runtime_error("the server closed the connection");
      return false;
    }
    session.receive(*message);
    return true;
  }

  void read(realm_state& realm, bool& arrived) {
    test::protocol_client connection(options_.server);
    check(connection);
    test::client_copy copy;
    copy.path = realm.path;
    test::client_session session(connection, copy, 1);
    session.start();
    start_together(arrived);

    samples mine;
    auto last = now_ns();
    while (realm.writing > 0 || mine.size() < realm.written) {
      copy.received.clear();
      if (!take(connection, session, 100)) {
        if (realm.writing == 0 && now_ns() - last > silence_ms * std::int64_t{1'000'000})
          break;
        continue;
      }
      last = now_ns();
      for (const auto& entry : copy.received)
        for_each_sent(entry.changeset, [&](std::int64_t sent) { mine.push_back(last - sent); });
    }
    const std::lock_guard lock(mutex_);
    result_.latencies.insert(result_.latencies.end(), mine.begin(), mine.end());
  }

  const load_options& options_;
  const load_shape& shape_;
  std::barrier<> ready_;
  std::vector<std::unique_ptr<realm_state>> realms_;
  std::mutex mutex_; ///< guards what follows
  load_result result_;
  std::int64_t first_start_ = 0;
  std::int64_t last_acknowledged_ = 0;
};

} // namespace

load_result run_load(const load_shape& shape, const load_options& options) {
  return scenario(shape, options).run();
}

first_sync_result run_first_sync(std::uint64_t objects, const load_options& options) {
  constexpr std::uint64_t together = 1000;
  first_sync_result result;
  test::client_copy mine;
  mine.path = '"' + options.partition + '"';
  {
    test::protocol_client connection(options.server);
    check(connection);
    test::client_session session(connection, mine, 1);
    session.start();
    session.write(schema(), origin_timestamp());
    const auto start = now_ns();
    while (result.objects < objects) {
      for (std::uint64_t i = 0; i < together && result.objects < objects; ++i) {
        auto changeset = new_object(static_cast<std::int64_t>(result.objects++), now_ns());
        result.bytes += changeset.size();
        session.write(std::move(changeset), origin_timestamp());
      }
      session.upload();
      session.wait_for_upload();
    }
    result.upload_seconds = static_cast<double>(now_ns() - start) / second;
  }
  test::protocol_client connection(options.server);
  check(connection);
  test::client_copy theirs;
  theirs.path = mine.path;
  test::client_session session(connection, theirs, 1);
  const auto start = now_ns();
  session.start();
  while (theirs.server_version < mine.latest) {
    theirs.received.clear(); // counted by versions: nothing else is in the Realm
    session.receive(connection.require_next());
  }
  result.seconds = static_cast<double>(now_ns() - start) / second;
  result.messages = session.downloads();
  return result;
}

} // namespace ros::bench
