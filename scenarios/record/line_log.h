#pragma once
// The lines that nodes print: those that a report shows, and those that expectations wait for.

#include <string>
#include <utility>
#include <vector>

#include "host/observer.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/record/run_result.h"

namespace peerbed::scenarios {

class LineLog final : public Observer {
 public:
  explicit LineLog(const Scenario& scenario);

  void on_step(const Step& step) override;
  void on_line(Time time, NodeIndex node, std::string_view line) override;

  // Whether the node printed a line that contains the text; tracked only for texts in expectations.
  bool was_printed(const PrintedExpectation& expectation) const;
  std::vector<PrintedLine> take_lines() { return std::move(lines_); }

 private:
  void keep_line(Time time, NodeIndex node, std::string line);

  const Scenario& scenario_;
  std::vector<std::pair<const PrintedExpectation*, bool>> awaited_;
  std::vector<PrintedLine> lines_;
};

}  // namespace peerbed::scenarios
