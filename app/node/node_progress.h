#pragma once
// The progress of transfers in one line: a bar, the percentage, the recent rate and the remaining time.

#include <chrono>
#include <deque>
#include <string>
#include <vector>

#include "app/node/node_view.h"

namespace peerbed::app {

class NodeProgress {
 public:
  using Clock = std::chrono::steady_clock;

  // The current line; empty if no transfer is under way.
  std::string line(const std::vector<Transfer>& transfers, Clock::time_point now);

 private:
  struct Sample {
    Clock::time_point when;
    std::uint64_t done;
  };
  std::deque<Sample> samples_;  // of the last seconds
  std::uint64_t size_ = 0;      // total size of the transfers sampled
};

}  // namespace peerbed::app
