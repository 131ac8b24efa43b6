#pragma once
// Where a failing case is made smaller: keeps the smallest case so far, runs those that are offered instead, and takes
// one if it is smaller and fails for the same reason.

#include <cstdint>
#include <functional>
#include <optional>
#include <set>
#include <string>
#include <unordered_set>
#include <vector>

#include "scenarios/protocol/protocol.h"
#include "scenarios/shrink/case.h"
#include "scenarios/shrink/case_size.h"
#include "scenarios/trial/burden.h"
#include "scenarios/trial/signature.h"

namespace peerbed::scenarios {

struct ShrinkLimits {
  std::uint64_t most_runs = 5000;
  std::uint64_t most_events = UINT64_MAX;  // of all runs
  std::function<bool()> is_over;           // asked before each run; null: never
};

// A case that failed for another reason on the way.
struct Slip {
  Failure failure;
  std::string predicate;
  Value document;
};

class Workbench {
 public:
  static constexpr std::size_t most_slips = 8;

  // Both outlive it.
  Workbench(const Registry& registry, const ShrinkLimits& limits) : registry_(registry), limits_(limits) {}

  // Runs the case. Returns whether it fails as it did when it began as another; the first one may fail in any way. Then
  // it is the smallest so far. Throws ScenarioError if it is no valid scenario.
  bool begin(const Case& example);
  // Takes the case if it is smaller than the smallest so far and fails for the same reason.
  bool offer(Case candidate);
  // Whether the case fails in the same way, however large it is.
  bool fails(const Case& example);
  // The first command of each verb in the case that began.
  const std::vector<std::string>& commands() const noexcept { return commands_; }
  // How long the smallest has to be calm until its properties can be checked.
  Duration calm_needed() const;
  // Whether its limits leave room for another run.
  bool has_time() const {
    return runs_ < limits_.most_runs && events_ < limits_.most_events && !(limits_.is_over && limits_.is_over());
  }

  const Case& smallest() const noexcept { return smallest_; }
  const CaseSize& size() const noexcept { return size_; }
  const Failure& failure() const noexcept { return failure_; }  // of the smallest
  std::uint64_t digest() const noexcept { return digest_; }     // of the case that began
  const std::vector<Slip>& slips() const noexcept { return slips_; }
  std::uint64_t runs() const noexcept { return runs_; }
  // The case as a scenario; nothing if it is no valid one.
  std::optional<Scenario> loaded(const Case& example) const;

 private:
  Scenario load(const Case& example) const;
  void add_kinds_of_a_join(const Case& example);
  // The first failure of a run, and the kinds of all messages before it.
  std::optional<Failure> failure_of(const Scenario& scenario, const std::vector<ScheduledAction>& actions,
                                    std::set<std::string>* kinds = nullptr);
  bool is_alike(const Failure& failure, const Scenario& scenario) const;
  bool holds_without_faults(const Case& example);
  void note_slip(Slip slip);

  const Registry& registry_;
  const ShrinkLimits& limits_;
  Case smallest_;
  CaseSize size_;
  Failure failure_;
  std::uint64_t digest_ = 0;
  // What must stay as it was at the beginning.
  std::string predicate_;
  std::set<std::string> message_kinds_;  // no others may be sent before the failure
  Burden burden_;                        // nor other promises be broken
  std::vector<std::string> commands_;
  Duration usual_settle_{};  // of a case that does not wait for as long as the protocols promise; otherwise the maximum
  // An expectation can also fail because nothing happens that it is about. So it must be met without the faults, if it
  // was so at the beginning.
  bool needs_faults_ = false;
  std::unordered_set<std::size_t> tried_;  // hashes of documents
  std::vector<Slip> slips_;
  std::uint64_t runs_ = 0;
  std::uint64_t events_ = 0;  // in them
};

}  // namespace peerbed::scenarios
