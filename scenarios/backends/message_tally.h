#pragma once
// Messages by kind, as metrics: message.KIND.count and message.KIND.bytes.

#include <map>
#include <span>
#include <string>

#include "analysis/statistics/metrics.h"
#include "host/traffic_count.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

class MessageTally {
 public:
  // What some nodes of that protocol sent, by the kind byte of messages.
  void add(const Protocol& protocol, std::span<const TrafficCount> sent);
  void write_to(analysis::Metrics& metrics) const;

 private:
  std::map<std::string, TrafficCount> by_kind_;
};

}  // namespace peerbed::scenarios
