#pragma once
// One stream of a scenario's workload: when its next command is due, and which node gets it. All draws are keyed by the
// seed, the stream and the command's number.

#include <cstdint>
#include <optional>
#include <string>

#include "scenarios/backends/backend.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

class CommandStream {
 public:
  CommandStream(const Workload& workload, std::uint64_t seed, std::size_t index);

  // When the next command is due; nothing if there are no more.
  std::optional<Duration> due() const noexcept { return due_; }
  // Gives the due command to a running node, or to each of them. Returns how many got it, and adds to `skipped` the
  // nodes that do not run: one, if the command is for any node and none runs.
  std::uint64_t issue(Backend& backend, std::uint64_t& skipped);

 private:
  std::optional<NodeIndex> choose(const Backend& backend, KeyedStream& draws) const;
  void advance();

  const Workload* workload_;
  std::uint64_t key_;
  std::uint64_t round_ = 0;   // how many times commands were due
  std::uint64_t number_ = 0;  // of the next command
  std::optional<Duration> due_;
};

}  // namespace peerbed::scenarios
