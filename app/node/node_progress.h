#pragma once
// The progress of transfers in one line: a bar, the percentage, the rate of the last seconds and the remaining time.

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "app/node/node_view.h"

namespace peerbed::app {

class NodeProgress {
 public:
  using Clock = std::chrono::steady_clock;

  // The line for now; empty when nothing is on its way.
  std::string line(const std::vector<Transfer>& transfers, Clock::time_point now);

 private:
  struct Sample {
    Clock::time_point when;
    std::uint64_t done;
  };
  std::deque<Sample> samples_;  // of the last seconds
  std::uint64_t size_ = 0;      // of all that they are samples of
};

}  // namespace peerbed::app
