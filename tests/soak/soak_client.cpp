#include "soak_client.hpp"

#include "support/client_changeset.hpp"

#include "runtime/clock.hpp"

#include <algorithm>
#include <stdexcept>

namespace ros::test {

namespace {

std::int64_t steady_ms() {
  return runtime::system_clock().steady_ms();
}

std::string bytes_of(const changeset_builder& changes) {
  return std::string{client_bytes(changes.changes()).view()};
}

/// Milliseconds since 2015, never twice the same: what follows from another change has a
/// higher one on whatever device it is made.
std::uint64_t common_clock() {
  constexpr std::int64_t origin_ms = 1'420'070'400'000;
  static std::atomic<std::uint64_t> last{0};
  const auto now = static_cast<std::uint64_t>(runtime::system_clock().unix_ms() - origin_ms);
  auto before = last.load();
  while (!last.compare_exchange_weak(before, std::max(now, before + 1))) {
  }
  return std::max(now, before + 1);
}

} // namespace

soak_client::soak_client(connect_options options, const soak_realm& realm, int version,
                         std::uint64_t seed, soak_figures& figures)
    : options_(std::move(options)), realm_(realm), version_(version), random_(seed),
      figures_(figures), file_(realm.path) {
  options_.subprotocols = offer(version, version, version < 8 ? '/' : '#');
  acknowledges_ = version < 14 || one_in(2);
  constexpr std::int64_t most_ms = 600'000;
  if (realm.wrong_clocks)
    skew_ms_ = static_cast<std::int64_t>(random_() % (2 * most_ms)) - most_ms;
}

std::uint64_t soak_client::timestamp() {
  return static_cast<std::uint64_t>(static_cast<std::int64_t>(common_clock()) + skew_ms_);
}

bool soak_client::connect() {
  if (steady_ms() < offline_until_ms_)
    return false;
  client_ = std::make_unique<protocol_client>(options_);
  if (client_->is_open()) {
    session_ = std::make_unique<client_session>(*client_, file_.copy, 1, acknowledges_);
    return true;
  }
  // Not up yet: nobody listens, or 503. Anything else is wrong.
  if (client_->status() != 0 && client_->status() != 503)
    throw std::runtime_error("the upgrade was answered with " + client_->answer());
  ++figures_.retries;
  offline_until_ms_ = steady_ms() + 20 + static_cast<std::int64_t>(random_() % 200);
  disconnect();
  return false;
}

void soak_client::bind() {
  session_->start();
  is_bound_ = true;
  has_unsent_ = true;
  if (user_)
    return;
  user_.emplace(file_.state(), file_.copy.ident, realm_.habits);
  file_.write(bytes_of(random_user::declare_schema(realm_.habits)), timestamp());
}

void soak_client::disconnect() {
  is_bound_ = false;
  session_.reset();
  client_.reset();
}

void soak_client::drop() {
  ++figures_.drops;
  if (one_in(2))
    client_->socket().reset();
  disconnect();
  constexpr std::uint64_t longest_ms = 3000;
  if (one_in(2))
    offline_until_ms_ = steady_ms() + static_cast<std::int64_t>(random_() % longest_ms);
}

void soak_client::write() {
  if (!user_)
    return;
  const auto changes = user_->act(random_());
  if (changes.size() == 0)
    return;
  file_.write(bytes_of(changes), timestamp());
  has_unsent_ = true;
  ++figures_.changes;
}

/// Everything that has arrived.
void soak_client::receive() {
  while (auto m = client_->next(0))
    session_->receive(*m);
  if (!client_->is_open())
    throw lost_connection("the server closed");
}

void soak_client::act() {
  if (one_in(3))
    write();
  attempt([this] {
    receive();
    if (has_unsent_ && one_in(2))
      upload();
    if (one_in(100))
      drop();
  });
}

bool soak_client::upload_all() {
  offline_until_ms_ = 0;
  return attempt([this] {
    upload();
    session_->wait_for_upload();
  });
}

bool soak_client::download_all() {
  return attempt([this] { session_->wait_for_download(); });
}

void soak_client::upload() {
  session_->upload();
  has_unsent_ = false;
}

bool soak_client::attempt(const std::function<void()>& work) {
  if (!session_ && !connect())
    return false;
  try {
    if (!is_bound_)
      bind();
    work();
    return true;
  } catch (const lost_connection&) {
  } catch (const refused& error) {
    if (!error.message.try_again)
      throw;
  }
  ++figures_.losses;
  disconnect();
  return false;
}

} // namespace ros::test
