#include "sync_service_context.hpp"

namespace ros::actors {

std::shared_ptr<const void> upload_backlog::take(std::uint64_t bytes) {
  auto before = used_.load();
  do {
    if (before != 0 && before + bytes > limit_)
      return nullptr;
  } while (!used_.compare_exchange_weak(before, before + bytes));
  return {static_cast<const void*>(this),
          [self = shared_from_this(), bytes](const void*) { self->used_ -= bytes; }};
}

} // namespace ros::actors
