#pragma once
// Download times compared with what the links allow: speed-up over a single source, and the distribution-time bound of
// Kumar and Ross (2006).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <vector>

#include "analysis/statistics/metrics.h"
#include "protocols/environment/time.h"
#include "protocols/environment/trace.h"
#include "protocols/swarm/base/close_reason.h"
#include "scenarios/swarm/downloads_under_way.h"
#include "sim/core/types.h"

namespace peerbed::scenarios {

// How fast a peer can send and receive payload, in bits per second; zero: unlimited.
struct TransferRates {
  double upload = 0;
  double download = 0;
};

class SwarmTally {
 public:
  void note(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values);

  // `sources` are the peers that had the file from the start; `rates` are those of all peers.
  void measure(const std::vector<NodeIndex>& sources, const std::map<NodeIndex, TransferRates>& rates,
               analysis::Metrics& metrics) const;

 private:
  struct Download {
    NodeIndex node = 0;
    Time started;
    std::optional<Time> done;
    std::uint64_t size = 0;
  };
  struct Exchange {
    std::uint64_t uploaded = 0;
    std::uint64_t downloaded = 0;
  };

  void finish(Time time, NodeIndex node, const TraceValues& values);
  void measure_closings(analysis::Metrics& metrics) const;
  void measure_fairness(const std::vector<NodeIndex>& sources, analysis::Metrics& metrics) const;

  std::vector<Download> downloads_;
  DownloadsUnderWay under_way_;  // those that are not done, by their place in downloads_
  std::map<NodeIndex, Exchange> exchanges_;
  std::uint64_t failed_ = 0;
  std::array<std::uint64_t, swarm::close_reason_names.size()> closed_{};  // ended streams, by reason
};

// A lower bound on the seconds that distributing `size` bytes from all `sources` to all `receivers` takes; nothing if a
// relevant rate is unlimited.
std::optional<double> distribution_bound(double size, const std::vector<TransferRates>& sources,
                                         const std::vector<TransferRates>& receivers);

}  // namespace peerbed::scenarios
