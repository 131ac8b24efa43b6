#pragma once
// The downloads that have begun and not ended, found by what is traced at their end: their node, and when they began.
// Costs the same however many other nodes download.

#include <algorithm>
#include <cstddef>
#include <map>
#include <optional>
#include <vector>

#include "protocols/environment/time.h"
#include "sim/core/types.h"

namespace peerbed::scenarios {

class DownloadsUnderWay {
 public:
  // `number` is the caller's.
  void begin(NodeIndex node, Time began, std::size_t number) { by_node_[node].push_back({began, number}); }
  // Takes out the node's download that began nearest to `began`, and returns its number; nothing if none is under way.
  std::optional<std::size_t> end(NodeIndex node, Time began) {
    const auto found = by_node_.find(node);
    if (found == by_node_.end() || found->second.empty()) return std::nullopt;
    const auto distance = [began](const Download& one) {
      return began < one.began ? one.began - began : began - one.began;
    };
    const auto nearest =
        std::min_element(found->second.begin(), found->second.end(),
                         [&](const Download& one, const Download& other) { return distance(one) < distance(other); });
    const std::size_t number = nearest->number;
    found->second.erase(nearest);
    return number;
  }

 private:
  struct Download {
    Time began;
    std::size_t number = 0;
  };

  std::map<NodeIndex, std::vector<Download>> by_node_;
};

}  // namespace peerbed::scenarios
