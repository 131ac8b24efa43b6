#pragma once
// Writes what happens in a run as JSON lines: steps, what nodes trace, what they print. For reading and for tools.

#include <ostream>
#include <string>

#include "scenarios/scenario.h"
#include "sim/world.h"

namespace peerbed::app {

struct TraceSelection {
  bool steps = false;
  bool reports = false;
  bool lines = false;
};

class TraceWriter final : public sim::Observer {
 public:
  TraceWriter(std::ostream& out, const scenarios::Scenario& scenario, const TraceSelection& selection);

  void on_step(const sim::Step& step) override;
  void on_trace(Time time, sim::NodeIndex node, std::uint16_t type, const TraceValues& values) override;
  void on_line(Time time, sim::NodeIndex node, std::string_view line) override;

 private:
  std::ostream& out_;
  const scenarios::Scenario& scenario_;
  TraceSelection selection_;
  std::uint64_t number_ = 0;
};

}  // namespace peerbed::app
