#pragma once
// What the ring records over time: pictures of who points to whom, lookups with their paths, and how many copies values
// have.

#include <memory>
#include <set>
#include <vector>

#include "scenarios/protocol/protocol_recorder.h"
#include "scenarios/ring/ring_checks.h"
#include "scenarios/ring/ring_layout.h"
#include "scenarios/ring/ring_options.h"
#include "scenarios/ring/ring_pictures.h"
#include "scenarios/ring/ring_trails.h"

namespace peerbed::scenarios {

// Of all lookups, the recorder keeps the first in each of this many equal parts of the run, and this many of the worst:
// those that failed, then the slowest.
constexpr std::size_t lookups_spread = 200;
constexpr std::size_t lookups_worst = 200;

class RingRecorder final : public ProtocolRecorder {
 public:
  RingRecorder(std::shared_ptr<const RingLayout> layout, Duration duration);

  std::string_view name() const override { return "ring"; }
  void on_step(const Step& step) override { trails_.note(step); }
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override;
  void measure(const StateView& states, Duration elapsed, IntervalValues& values) override;
  void take_snapshot(const StateView& states, Duration now) override;
  void write(analysis::JsonText& out) const override;

 private:
  struct Lookup {
    std::uint64_t number = 0;  // in the order in which they ended
    Time began;
    Duration latency{};
    NodeIndex node = 0;
    std::uint64_t hops = 0;
    std::uint64_t timeouts = 0;
    bool success = false;
    LookupTrail trail;
  };
  // The one that is first to be forgotten comes first.
  struct LessRemarkable {
    bool operator()(const Lookup& one, const Lookup& other) const noexcept;
  };

  void note_lookup(const Lookup& lookup);
  void measure_copies(const RingMembers& members, IntervalValues& values) const;
  void write_lookups(analysis::JsonText& out) const;
  void write_lookup(const Lookup& lookup, analysis::JsonText& out) const;

  std::shared_ptr<const RingLayout> layout_;
  const ring::Options& options_;
  Duration part_;  // of the run, in each of which the first lookup is kept
  RingPictures pictures_;
  LookupTrails trails_;
  std::vector<Lookup> spread_;
  std::set<Lookup, LessRemarkable> worst_;
  std::uint64_t lookups_ = 0;
  std::vector<ring::Key> values_;  // the first ones that were acknowledged
  std::set<ring::Key> known_values_;
};

}  // namespace peerbed::scenarios
