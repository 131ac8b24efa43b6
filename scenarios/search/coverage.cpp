#include "scenarios/search/coverage.h"

#include <algorithm>
#include <map>
#include <utility>

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
  reached_at_.clear();
  moments_.clear();
  step_.node = no_node;
}

void Coverage::on_step(const Step& step) {
  settle();
  const bool is_message = step.kind == StepKind::datagram;
  step_ = {step.time.time_since_epoch(), step.destination};
  if (is_message) {
    step_.source = step.source;
    step_.message = message_kind(step.bytes);
    const Stage& sender = stages_[step.source];
    if (step.sequence >= sender.told_from && step.sequence < sender.told_until) {
      moments_.push_back(step_);
      moments_.back().traced = sender.told_as;
    }
  }
  what_ = static_cast<std::uint64_t>(step.kind) << 32 | (is_message ? step_.message : step.timer);
  next_sequence_ = step.next_sequence;
  has_traced_ = false;
  Stage& stage = stages_[step.destination];
  if (stage.told_until == UINT32_MAX) stage.told_until = step.next_sequence;
}

void Coverage::on_trace(Time, NodeIndex node, std::uint16_t event, const TraceValues&) {
  Stage& stage = stages_[node];
  stage.traced = event;
  if (node != step_.node) return;
  step_.traced = event;
  stage.told_as = event;
  if (!has_traced_) {
    has_traced_ = true;
    moments_.push_back(step_);
    stage.told_from = next_sequence_;
    stage.told_until = UINT32_MAX;
  }
  moments_.back().traced = event;
}

void Coverage::settle() {
  if (step_.node == no_node) return;
  Stage& stage = stages_[step_.node];
  const std::uint64_t before = stage.state;
  const std::uint64_t hook = runs_[step_.node]->abstract_state(*states_, step_.node);
  stage.state = joined(hook + 1, hook == 0 ? stage.traced : 0);
  reach(joined(joined(before, what_), stage.state));
  step_.node = no_node;
}

void Coverage::reach(std::uint64_t feature) {
  const auto bucket = static_cast<Bucket>(mix(feature));
  std::uint64_t& word = seen_[bucket / 64];
  const std::uint64_t bit = std::uint64_t{1} << (bucket % 64);
  if ((word & bit) != 0) return;
  word |= bit;
  reached_.push_back(bucket);
  reached_at_.push_back(step_);
}

void Coverage::add_spread(std::vector<Moment>& some) const {
  std::map<std::uint32_t, std::vector<const Moment*>> by_kind;
  for (const Moment& moment : moments_) by_kind[kind_of(moment)].push_back(&moment);
  std::vector<std::vector<const Moment*>> kinds;
  for (auto& [kind, all] : by_kind) kinds.push_back(std::move(all));
  std::stable_sort(kinds.begin(), kinds.end(),
                   [](const auto& one, const auto& other) { return one.size() < other.size(); });
  for (std::size_t kind = 0; kind < kinds.size(); ++kind) {
    const std::size_t room = (maximum_moments - some.size()) / (kinds.size() - kind);
    const std::size_t count = std::min(kinds[kind].size(), room);
    for (std::size_t i = 0; i < count; ++i) some.push_back(*kinds[kind][i * kinds[kind].size() / count]);
  }
}

}  // namespace peerbed::scenarios
