#include "net_pool.hpp"

#include <algorithm>
#include <future>

namespace ros::runtime {

io_pool::impl::impl(unsigned count) {
  for (unsigned i = 0; i < std::max(count, 1u); ++i) {
    threads.push_back(std::make_shared<io_thread>());
    guards.emplace_back(threads.back()->context.get_executor());
  }
  for (const auto& t : threads)
    running.emplace_back([t] { t->context.run(); });
}

template <class F>
void io_pool::impl::run_on(const std::vector<std::shared_ptr<io_thread>>& which, F f) {
  std::vector<std::future<void>> done;
  for (const auto& t : which) {
    auto promise = std::make_shared<std::promise<void>>();
    done.push_back(promise->get_future());
    asio::post(t->context, [t, f, promise] {
      f(*t);
      promise->set_value();
    });
  }
  for (auto& d : done)
    d.wait();
}

/// Acceptors first, so that every connection they have handed to a thread is
/// registered there when that thread cuts its own.
void io_pool::impl::stop() {
  {
    std::lock_guard guard(mutex);
    if (std::exchange(stopped, true))
      return;
  }
  run_on({threads.front()}, [this](io_thread&) {
    for (const auto& weak : acceptors)
      if (const auto a = weak.lock())
        a->close();
  });
  run_on(threads, [](io_thread& t) {
    while (!t.links.empty())
      (*t.links.begin())->cut();
  });
  guards.clear();
  for (auto& t : running)
    t.join();
}

io_pool::io_pool(unsigned threads) : impl_(std::make_unique<impl>(threads)) {}

io_pool::~io_pool() {
  stop();
}

void io_pool::stop() {
  impl_->stop();
}

} // namespace ros::runtime
