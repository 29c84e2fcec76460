#include "connection_outlet.hpp"

#include <vector>

namespace ros::actors {

namespace {
using guard = std::lock_guard<std::mutex>;
}

void connection_outlet::send(std::string message) {
  const guard lock{mutex_};
  if (open_)
    socket_->send(std::move(message));
}

void connection_outlet::send(sync::outgoing_message message) {
  std::vector<runtime::shared_slice> parts;
  parts.reserve(message.parts.size());
  for (const auto& p : message.parts)
    parts.push_back({p.owner(), p.view()});
  const guard lock{mutex_};
  if (open_)
    socket_->send(std::move(message.head), std::move(parts));
}

void connection_outlet::send_urgent(std::string message) {
  const guard lock{mutex_};
  if (open_)
    socket_->send(std::move(message), {}, true);
}

void connection_outlet::finish(std::string last, unsigned timeout_ms) {
  const guard lock{mutex_};
  if (!std::exchange(open_, false))
    return;
  socket_->send(std::move(last));
  socket_->finish(timeout_ms);
}

void connection_outlet::close(std::uint16_t code, std::string reason) {
  const guard lock{mutex_};
  if (std::exchange(open_, false))
    socket_->close(code, std::move(reason));
}

void connection_outlet::abort() {
  const guard lock{mutex_};
  open_ = false;
  socket_->abort();
}

} // namespace ros::actors
