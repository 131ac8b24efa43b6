#include "scenarios/swarm/swarm_tally.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "protocols/swarm/base/trace.h"

namespace peerbed::scenarios {
namespace {

using swarm::TraceEvent;
constexpr double bits = 8;  // per byte

double seconds(Duration duration) { return std::chrono::duration<double>(duration).count(); }

// The sum of the up-link rates; nothing if one of them is unlimited.
std::optional<double> all_uploads(const std::vector<TransferRates>& peers) {
  double sum = 0;
  for (const TransferRates& peer : peers) {
    if (peer.upload <= 0) return std::nullopt;
    sum += peer.upload;
  }
  return sum;
}

}  // namespace

std::optional<double> distribution_bound(double size, const std::vector<TransferRates>& sources,
                                         const std::vector<TransferRates>& receivers) {
  double slowest = 0;  // time of the receiver with the slowest down-link
  for (const TransferRates& receiver : receivers)
    if (receiver.download > 0) slowest = std::max(slowest, bits * size / receiver.download);
  const auto given = all_uploads(sources);
  if (!given || sources.empty()) return slowest > 0 ? std::optional(slowest) : std::nullopt;
  double bound = std::max(slowest, bits * size / *given);
  if (const auto passed_on = all_uploads(receivers))
    bound = std::max(bound, bits * size * static_cast<double>(receivers.size()) / (*given + *passed_on));
  return bound;
}

void SwarmTally::note(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) {
  switch (static_cast<TraceEvent>(type)) {
    case TraceEvent::download_started:
      under_way_.begin(node, time, downloads_.size());
      downloads_.push_back({.node = node, .started = time, .done = std::nullopt, .size = 0});
      return;
    case TraceEvent::download_done:
      finish(time, node, values);
      return;
    case TraceEvent::download_failed:
      ++failed_;
      return;
    case TraceEvent::link_closed:
      ++closed_[static_cast<std::size_t>(swarm::close_reason_of(static_cast<std::uint32_t>(values[1])))];
      return;
    case TraceEvent::exchange_counted:
      exchanges_[node] = {values[0], values[1]};
      return;
    default:
      return;
  }
}

void SwarmTally::finish(Time time, NodeIndex node, const TraceValues& values) {
  const auto number = under_way_.end(node, time - Duration(static_cast<std::int64_t>(values[0])));
  if (!number) return;
  downloads_[*number].done = time;
  downloads_[*number].size = values[1];
}

void SwarmTally::measure(const std::vector<NodeIndex>& sources, const std::map<NodeIndex, TransferRates>& rates,
                         analysis::Metrics& metrics) const {
  metrics.set("downloads.started", downloads_.size());
  metrics.set("downloads.failed", failed_, Unit::count, Better::less);
  std::size_t done = 0;
  double sum = 0;
  Time first = Time::max();
  Time last = time_zero;
  std::set<std::uint64_t> sizes;
  std::vector<TransferRates> receivers;
  for (const Download& download : downloads_) {
    first = std::min(first, download.started);
    receivers.push_back(rates.at(download.node));
    if (!download.done) continue;
    ++done;
    sum += seconds(*download.done - download.started);
    last = std::max(last, *download.done);
    sizes.insert(download.size);
  }
  metrics.set("downloads.done", done, Unit::count, Better::more);
  measure_closings(metrics);
  measure_fairness(sources, metrics);
  if (done == 0 || done != downloads_.size() || sizes.size() != 1) return;

  const auto size = static_cast<double>(*sizes.begin());
  const double mean = sum / static_cast<double>(done);
  const double all = seconds(last - first);
  metrics.set("download_seconds", mean, Unit::none, Better::less);
  metrics.set("distribution_seconds", all, Unit::none, Better::less);
  std::vector<TransferRates> givers;
  double fastest = 0;
  for (const NodeIndex source : sources) {
    givers.push_back(rates.at(source));
    fastest = std::max(fastest, givers.back().upload);
  }
  if (fastest > 0) metrics.set("speedup", bits * size / (mean * fastest), Unit::none, Better::more);
  if (const auto bound = distribution_bound(size, givers, receivers)) {
    metrics.set("bound_seconds", *bound);
    metrics.set("efficiency", *bound / all, Unit::flag, Better::more);
  }
}

// Each side of a stream counts its own end.
void SwarmTally::measure_closings(analysis::Metrics& metrics) const {
  for (std::size_t i = 0; i < closed_.size(); ++i)
    if (closed_[i] > 0) metrics.set("links.closed." + std::string(swarm::close_reason_names[i]), closed_[i]);
}

// Jain's fairness index of receivers' upload-to-download ratios, and the spread of these ratios. 1: all gave alike.
void SwarmTally::measure_fairness(const std::vector<NodeIndex>& sources, analysis::Metrics& metrics) const {
  double sum = 0;
  double squares = 0;
  double count = 0;
  for (const auto& [node, exchange] : exchanges_) {
    if (exchange.downloaded == 0 || std::binary_search(sources.begin(), sources.end(), node)) continue;
    const double ratio = static_cast<double>(exchange.uploaded) / static_cast<double>(exchange.downloaded);
    sum += ratio;
    squares += ratio * ratio;
    ++count;
  }
  if (count < 2 || squares <= 0) return;
  metrics.set("share_ratio.mean", sum / count);
  metrics.set("share_ratio.jain", sum * sum / (count * squares), Unit::none, Better::more);
}

}  // namespace peerbed::scenarios
