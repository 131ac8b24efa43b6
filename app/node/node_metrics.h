#pragma once
// Counts and durations that a real node has reported since it started, for Prometheus.

#include <array>
#include <cstdint>
#include <map>
#include <string>

#include "protocols/environment/trace.h"

namespace peerbed::app {

class NodeMetrics {
 public:
  void note(const TraceEventType& type, const TraceValues& values);
  // Appends Prometheus's text format, version 0.0.4.
  void append_text(std::string& text) const;

 private:
  // Upper bounds of the buckets, in seconds.
  static constexpr std::array bounds{0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1,  0.25,
                                     0.5,   1.0,    2.5,   5.0,  10.0,  30.0, 60.0, 300.0};
  struct Histogram {
    std::array<std::uint64_t, bounds.size() + 1> counts{};
    double sum = 0;  // seconds
  };

  std::map<std::string, std::uint64_t> counts_;  // by event
  std::map<std::string, Histogram> histograms_;  // by event and field, joined by a dot
};

// Metrics of this process, with Prometheus's standard names.
void append_process_metrics(std::string& text);

}  // namespace peerbed::app
