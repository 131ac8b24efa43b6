#include "scenarios/run/history_judge.h"

#include <algorithm>

namespace peerbed::scenarios {

HistoryJudge::HistoryJudge(const Scenario& scenario, const Backend& backend) : scenario_(scenario), backend_(backend) {
  std::vector<const Protocol*> protocols;
  for (const Group& group : scenario.groups) {
    const auto known = std::find(protocols.begin(), protocols.end(), group.protocol.get());
    history_of_group_.push_back(static_cast<std::size_t>(known - protocols.begin()));
    if (known != protocols.end()) continue;
    protocols.push_back(group.protocol.get());
    histories_.emplace_back(group.protocol->trace_events(), ValueHistory::Gets::kept);
  }
}

analysis::HistoryReport HistoryJudge::report() const {
  std::vector<const analysis::Histories*> all;
  for (const ValueHistory& each : histories_) all.push_back(&each.histories());
  analysis::HistoryReport report =
      analysis::report_of(all, [this](std::uint32_t process) { return scenario_.name_of(process); });
  for (const ValueHistory& each : histories_) report.unwatched += each.unwatched();
  return report;
}

void write_history(const analysis::HistoryReport& report, analysis::Metrics& metrics) {
  metrics.set("history.keys", report.keys);
  metrics.set("history.gets", report.gets);
  metrics.set("history.unwatched", report.unwatched, Unit::count, Better::less);
  if (report.keys == 0) return;
  const auto set_share = [&](const char* name, std::uint64_t keys) {
    metrics.set(name, static_cast<double>(keys) / static_cast<double>(report.keys), Unit::flag, Better::more);
  };
  set_share("history.atomic.share", report.atomic);
  set_share("history.regular.share", report.regular);
  set_share("history.monotonic.share", report.monotonic);
}

}  // namespace peerbed::scenarios
