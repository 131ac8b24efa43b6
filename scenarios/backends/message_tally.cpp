#include "scenarios/backends/message_tally.h"

namespace peerbed::scenarios {

void MessageTally::add(const Protocol& protocol, std::span<const TrafficCount> sent) {
  const auto names = protocol.message_kinds();
  for (std::size_t kind = 0; kind < sent.size(); ++kind) {
    if (sent[kind].datagrams == 0) continue;
    const bool named = kind < names.size() && !names[kind].empty();
    TrafficCount& count = by_kind_[named ? std::string(names[kind]) : "kind-" + std::to_string(kind)];
    count.datagrams += sent[kind].datagrams;
    count.bytes += sent[kind].bytes;
  }
}

void MessageTally::write_to(analysis::Metrics& metrics) const {
  for (const auto& [kind, count] : by_kind_) {
    metrics.set("message." + kind + ".count", count.datagrams);
    metrics.set("message." + kind + ".bytes", count.bytes, Unit::bytes);
  }
}

}  // namespace peerbed::scenarios
