#include "scenarios/search/coverage.h"

#include <algorithm>

#include "protocols/environment/node.h"
#include "protocols/environment/random.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {
namespace {

// Cheap and good enough for buckets.
constexpr std::uint64_t joined(std::uint64_t hash, std::uint64_t word) noexcept {
  return (hash ^ word) * 0x9E3779B97F4A7C15ULL ^ (hash >> 29);
}

}  // namespace

void Coverage::begin(const StateView& states, std::span<ProtocolRun* const> runs) {
  states_ = &states;
  runs_ = runs;
  stages_.assign(runs_.size(), {});
  seen_.fill(0);
  reached_.clear();
  moments_.clear();
  node_ = no_node;
}

void Coverage::on_step(const Step& step) {
  node_ = step.destination;
  const std::uint64_t kind = static_cast<std::uint64_t>(step.kind) << 32;
  what_ = kind | (step.kind == StepKind::datagram ? message_kind(step.bytes) : step.timer);
}

void Coverage::on_trace(Time time, NodeIndex node, std::uint16_t event, const TraceValues&) {
  stages_[node].traced = event;
  moments_.push_back({time.time_since_epoch(), node});
}

void Coverage::settle() {
  if (node_ == no_node) return;
  Stage& stage = stages_[node_];
  const std::uint64_t before = stage.state;
  const std::uint64_t hook = runs_[node_]->abstract_state(*states_, node_);
  stage.state = joined(hook + 1, hook == 0 ? stage.traced : 0);
  reach(joined(joined(before, what_), stage.state));
  node_ = no_node;
}

void Coverage::reach(std::uint64_t feature) {
  const auto bucket = static_cast<Bucket>(mix(feature));
  std::uint64_t& word = seen_[bucket / 64];
  const std::uint64_t bit = std::uint64_t{1} << (bucket % 64);
  if ((word & bit) != 0) return;
  word |= bit;
  reached_.push_back(bucket);
}

std::vector<Moment> Coverage::moments() const {
  if (moments_.size() <= maximum_moments) return moments_;
  std::vector<Moment> some;
  for (std::size_t i = 0; i < maximum_moments; ++i) some.push_back(moments_[i * moments_.size() / maximum_moments]);
  return some;
}

}  // namespace peerbed::scenarios
