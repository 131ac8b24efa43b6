#pragma once
// The timers of all nodes of a loop, ordered by due time.

#include <algorithm>
#include <cstdint>
#include <vector>

#include "protocols/environment/environment.h"

namespace peerbed::adapter {

class HostedNode;

struct DueTimer {
  std::int64_t due = 0;  // nanoseconds since the host was created
  HostedNode* process = nullptr;
  TimerId timer = 0;
};

class TimerQueue {
 public:
  void push(const DueTimer& timer) {
    heap_.push_back(timer);
    std::push_heap(heap_.begin(), heap_.end(), is_later);
  }
  bool empty() const noexcept { return heap_.empty(); }
  const DueTimer& next() const noexcept { return heap_.front(); }
  DueTimer pop() noexcept {
    std::pop_heap(heap_.begin(), heap_.end(), is_later);
    const DueTimer timer = heap_.back();
    heap_.pop_back();
    return timer;
  }

 private:
  static bool is_later(const DueTimer& one, const DueTimer& other) noexcept { return one.due > other.due; }
  std::vector<DueTimer> heap_;
};

}  // namespace peerbed::adapter
