#pragma once
// Checks a run: properties that must hold during it, and expectations at its end.

#include <map>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "scenarios/record/disturbance.h"
#include "scenarios/record/line_log.h"
#include "scenarios/record/run_result.h"

namespace peerbed::scenarios {

// Whether the scenario demands the property of the look at this time, whatever happened before.
bool is_demanded(const Scenario& scenario, std::string_view property, Duration at);

// Collects the findings of the protocols' checks. Each property becomes the metric check.PROPERTY.share: the share of
// checks in which it held.
class PropertyChecker final : public CheckReport {
 public:
  PropertyChecker() = default;
  // With the properties that the scenario demands. It outlives the checker.
  explicit PropertyChecker(const Scenario& scenario) : scenario_(&scenario) {}

  void begin_look(Duration at, const Disturbances& disturbances) {
    at_ = at;
    calm_ = disturbances.calm(at);
    settled_ = disturbances.settled(at);
    longest_cut_ = disturbances.longest_cut(at);
    candour_ = disturbances.candour(at);
    silence_means_death_ = disturbances.silence_means_death(at);
  }
  // If states cannot be read at one instant, each check is rehearsed: during the rehearsal failures are only noted, and
  // only those that recur in the following check are violations. Returns whether anything would fail.
  void begin_rehearsal();
  bool end_rehearsal();
  void expect(std::string_view property, bool holds, const std::function<std::string()>& violation) override;
  Duration now() const override { return at_; }
  Duration calm() const override { return calm_; }
  bool settled() const override { return settled_; }
  Duration longest_cut() const override { return longest_cut_; }
  Duration candour() const override { return candour_; }
  bool silence_means_death() const override { return silence_means_death_; }
  bool demands(std::string_view property) const override;

  std::uint64_t violation_count() const noexcept { return count_; }
  // In the order in which they were violated first.
  std::vector<ViolatedProperty> violations() const;
  void write_to(analysis::Metrics& metrics) const;

 private:
  struct Looks {
    std::uint64_t all = 0;
    std::uint64_t held = 0;
    Violation first;  // the first violation
    Violation last;
    std::uint64_t rank = 0;  // of the first one among all violations
  };

  const Scenario* scenario_ = nullptr;
  Duration at_{};
  Duration calm_{};
  Duration candour_{};
  Duration longest_cut_{};
  bool settled_ = true;
  bool silence_means_death_ = true;
  bool rehearses_ = false;
  std::optional<std::set<std::string, std::less<>>> doubted_;  // failed in the latest rehearsal, if there was one
  std::map<std::string, Looks, std::less<>> looks_;
  std::uint64_t count_ = 0;
};

// One result for each of the scenario's expectations, plus one that there is no violation if none mentions them.
std::vector<ExpectationResult> judge(const Scenario& scenario, const analysis::Metrics& metrics, const LineLog& lines);

// A metric's value in its unit, for display.
std::string show_metric(const analysis::Metric& metric);

}  // namespace peerbed::scenarios
