#pragma once
// Where a failing case is made smaller: keeps the smallest case so far, runs those that are offered instead, and takes
// one if it is smaller and fails for the same reason.

#include <cstdint>
#include <functional>
#include <optional>
#include <string>
#include <unordered_set>
#include <vector>

#include "scenarios/protocol/protocol.h"
#include "scenarios/shrink/case.h"
#include "scenarios/trial/signature.h"

namespace peerbed::scenarios {

struct ShrinkLimits {
  std::uint64_t most_runs = 5000;
  std::function<bool()> is_over;  // asked before each run; null: never
};

// A case that failed for another reason on the way.
struct Slip {
  Failure failure;
  Value document;
};

class Workbench {
 public:
  static constexpr std::size_t most_slips = 8;  // one for each property

  Workbench(const Registry& registry, const ShrinkLimits& limits) : registry_(registry), limits_(limits) {}

  // Runs a case that is known to fail in this way. Returns whether it does; then it is the smallest so far.
  bool begin(const Case& example, const Failure& failure);
  // Takes the case if it is smaller than the smallest so far and fails for the same reason.
  bool offer(Case candidate);
  // Whether the case fails for the same reason, however large it is.
  bool fails(const Case& example);
  // Whether its limits leave room for another run.
  bool has_time() const { return runs_ < limits_.most_runs && !(limits_.is_over && limits_.is_over()); }

  const Case& smallest() const noexcept { return smallest_; }
  const CaseSize& size() const noexcept { return size_; }
  const Failure& failure() const noexcept { return failure_; }  // of the smallest
  const Signature& signature() const noexcept { return signature_; }
  std::uint64_t digest() const noexcept { return digest_; }
  const std::vector<Slip>& slips() const noexcept { return slips_; }
  std::uint64_t runs() const noexcept { return runs_; }
  // The case as a scenario; nothing if it is no valid one.
  std::optional<Scenario> loaded(const Case& example) const;

 private:
  struct Outcome {
    Failure failure;
    Signature signature;
    std::uint64_t digest = 0;
  };

  // Nothing if it is no valid scenario or does not fail in this way.
  std::optional<Outcome> run(const Case& example);
  std::optional<Failure> failure_in(const RunResult& result) const;
  bool holds_without_faults(const Case& example);
  void note_slip(const Failure& failure, const Case& example);

  const Registry& registry_;
  const ShrinkLimits& limits_;
  Case smallest_;
  CaseSize size_;
  Failure failure_;
  Signature signature_;
  std::uint64_t digest_ = 0;
  // An expectation can also fail because nothing happens that it is about. So it must be met without the faults, if it
  // was so at the beginning.
  bool needs_faults_ = false;
  std::unordered_set<std::size_t> tried_;  // hashes of the documents
  std::vector<Slip> slips_;
  std::uint64_t runs_ = 0;
};

}  // namespace peerbed::scenarios
