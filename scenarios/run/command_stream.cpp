#include "scenarios/run/command_stream.h"

#include <algorithm>

#include "scenarios/plan/command_template.h"
#include "sim/random/distribution.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t workload_purpose = 0x30B10AD;  // separates these draws from all others of the seed
constexpr std::uint64_t interval_purpose = 1;
constexpr std::uint64_t command_purpose = 2;

}  // namespace

CommandStream::CommandStream(const Workload& workload, std::uint64_t seed, std::size_t index)
    : workload_(&workload), key_(key_of(seed, workload_purpose, index)) {
  due_ = workload.from;
  if (workload.period > Duration::zero()) advance();
}

// The first command of a stream comes one interval after its start.
void CommandStream::advance() {
  if (round_ >= workload_->times || workload_->period == Duration::zero()) {
    due_.reset();
    return;
  }
  Duration interval = workload_->period;
  if (workload_->poisson) {
    KeyedStream draws(key_of(key_, interval_purpose, round_));
    const auto mean = static_cast<double>(workload_->period.count());
    interval = sim::round_up(sim::Distribution::exponential(mean).sample(draws));
  }
  if (interval > workload_->until - *due_)
    due_.reset();
  else
    *due_ += interval;
}

std::uint64_t CommandStream::issue(Backend& backend, std::uint64_t& skipped) {
  std::uint64_t given = 0;
  const auto give = [&](std::optional<NodeIndex> node, KeyedStream& draws) {
    const std::string line = filled_in(workload_->line, number_++, draws);
    ++(node && backend.takes_commands(*node) && backend.command(*node, line) ? given : skipped);
  };
  if (workload_->each) {
    for (const NodeIndex node : workload_->nodes) {
      KeyedStream draws(key_of(key_, command_purpose, number_));
      give(node, draws);
    }
  } else {
    KeyedStream draws(key_of(key_, command_purpose, number_));
    give(choose(backend, draws), draws);
  }
  ++round_;
  advance();
  return given;
}

// Draws uniformly among all nodes, then takes the first running one from there, cyclically.
std::optional<NodeIndex> CommandStream::choose(const Backend& backend, KeyedStream& draws) const {
  const Nodes& nodes = workload_->nodes;
  const std::size_t start = draws.below(nodes.size());
  for (std::size_t i = 0; i < nodes.size(); ++i) {
    const NodeIndex node = nodes[(start + i) % nodes.size()];
    if (backend.takes_commands(node)) return node;
  }
  return std::nullopt;
}

}  // namespace peerbed::scenarios
