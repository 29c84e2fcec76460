// Lets any number of readers in, and now and then keeps them out while the store is
// reopened. A reader may enter again while it is inside (a visit that reads more), which
// a shared mutex does not allow. Private to storage/.
#pragma once

#include <condition_variable>
#include <cstdint>
#include <mutex>
#include <utility>

namespace ros::storage {

class reader_gate {
public:
  /// Being inside, from entering to the end of the object; both on the same thread.
  class pass {
  public:
    explicit pass(reader_gate& gate) : gate_(&gate) {
      std::unique_lock lock{gate.mutex_};
      // Whoever is inside already is waited for, and so must not wait.
      if (held_here_ == 0)
        gate.opened_.wait(lock, [&gate] { return !gate.closing_; });
      ++held_here_;
      ++gate.inside_;
    }
    pass(pass&& other) noexcept : gate_(std::exchange(other.gate_, nullptr)) {}
    pass& operator=(pass&& other) noexcept {
      std::swap(gate_, other.gate_);
      return *this;
    }
    ~pass() {
      if (gate_ == nullptr)
        return;
      std::lock_guard lock{gate_->mutex_};
      --held_here_;
      if (--gate_->inside_ == 0)
        gate_->empty_.notify_all();
    }

  private:
    static inline thread_local std::uint64_t held_here_ = 0;
    reader_gate* gate_;
  };

  /// Keeps newcomers out, waits until nobody is inside, and runs `work`. One at a time.
  template <class Work>
  auto alone(Work work) {
    std::unique_lock lock{mutex_};
    closing_ = true;
    empty_.wait(lock, [this] { return inside_ == 0; });
    auto answer = work();
    closing_ = false;
    opened_.notify_all();
    return answer;
  }

private:
  std::mutex mutex_;
  std::condition_variable empty_;
  std::condition_variable opened_;
  std::uint64_t inside_ = 0;
  bool closing_ = false;
};

} // namespace ros::storage
