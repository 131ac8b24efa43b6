#pragma once
// Threads for work that would block the loop: hashing, reading, and flushing to disk. They start with the first job.

#include <condition_variable>
#include <cstddef>
#include <deque>
#include <functional>
#include <mutex>
#include <thread>
#include <vector>

#include "adapter/loop/event_loop.h"

namespace peerbed::adapter {

class Workers {
 public:
  Workers(EventLoop& loop, std::size_t threads) : loop_(loop), wanted_(threads) {}
  ~Workers() { stop(); }
  Workers(const Workers&) = delete;
  Workers& operator=(const Workers&) = delete;

  // Runs `work` in a worker, in order of request, and then `done` in the loop's thread.
  void run(std::function<void()> work, std::function<void()> done);
  // Waits for running work and discards work that has not started.
  void stop();

 private:
  struct Job {
    std::function<void()> work;
    std::function<void()> done;
  };
  void work_on();

  EventLoop& loop_;
  std::size_t wanted_;
  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<Job> jobs_;
  bool stopping_ = false;
  std::vector<std::thread> threads_;
};

}  // namespace peerbed::adapter
