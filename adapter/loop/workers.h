#pragma once
// Threads for work that would block the loop: hashing, reading, and flushing to disk. They start with the first job.

#include <cstddef>
#include <functional>
#include <memory>

#include "adapter/loop/event_loop.h"

namespace boost::asio {
class thread_pool;
}

namespace peerbed::adapter {

class Workers {
 public:
  Workers(EventLoop& loop, std::size_t threads);
  ~Workers();

  // Runs `work` in a worker, in order of request, and then `done` in the loop's thread. Does nothing after stop().
  void run(std::function<void()> work, std::function<void()> done);
  // Waits for running work and discards work that has not started.
  void stop();

 private:
  EventLoop& loop_;
  std::size_t threads_;
  std::unique_ptr<boost::asio::thread_pool> pool_;
  bool stopped_ = false;
};

}  // namespace peerbed::adapter
