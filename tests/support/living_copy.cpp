#include "support/living_copy.hpp"

#include "support/state_json.hpp"

#include <boost/json/serialize.hpp>

#include <stdexcept>
#include <utility>

namespace ros::test {

namespace {

void require(const sync::result<void>& done) {
  if (!done)
    throw std::runtime_error("the copy cannot apply a change: " + done.error().message);
}

sync::scanned_history history_of(const std::vector<received_entry>& entries,
                                 sync::download_cursor to) {
  sync::scanned_history h;
  for (const auto& e : entries)
    h.entries.push_back({.version = e.server_version,
                         .client_version = e.client_version,
                         .timestamp = e.timestamp,
                         .origin = e.origin,
                         .original_size = e.original_size,
                         .data = sync::bytes{e.changeset}});
  h.to = to;
  return h;
}

} // namespace

living_copy::living_copy(std::string path) {
  copy.path = std::move(path);
  copy.keeps_received = false;
  copy.on_download = [this](const server_message& m) { integrate(m); };
}

model_client& living_copy::model() {
  if (copy.ident == 0)
    throw std::runtime_error("the copy has no ident yet");
  if (!model_) {
    model_.emplace(copy.ident);
    if (start_.to.server_version != 0)
      require(model_->integrate(start_));
  }
  return *model_;
}

void living_copy::write(std::string changeset, std::uint64_t timestamp) {
  require(model().commit(timestamp, sync::bytes{changeset}, copy.version + 1));
  copy.unacknowledged.push_back(
      {++copy.version, copy.server_version, timestamp, std::move(changeset)});
}

void living_copy::integrate(const server_message& message) {
  require(model().integrate(history_of(
      message.entries, {message.download_server_version, message.download_client_version})));
  if (model().version() != copy.version)
    throw std::runtime_error("the copy and its objects are at different versions");
}

std::vector<client_copy::change> living_copy::reset(const client_copy& temporary, bool asks_anew) {
  model_.reset();
  start_ = history_of(temporary.received, {temporary.latest, 0});
  copy.ident = asks_anew ? 0 : temporary.ident;
  copy.salt = asks_anew ? 0 : temporary.salt;
  copy.version = temporary.latest == 0 ? 1 : 2;
  copy.server_version = copy.latest = temporary.latest;
  copy.latest_salt = temporary.latest_salt;
  copy.client_version = copy.acknowledged = copy.acknowledged_base = 0;
  return std::exchange(copy.unacknowledged, {});
}

std::string living_copy::content() {
  return boost::json::serialize(state_to_json(sync::object_reader{state()}));
}

sync::object_state& living_copy::state() {
  return model().state();
}

} // namespace ros::test
