#pragma once
// When each node was up: one interval per process, from its start to how it ended.

#include <cstdint>
#include <vector>

#include "analysis/results/json_text.h"
#include "host/step.h"

namespace peerbed::scenarios {

constexpr std::size_t maximum_sessions = 20'000;  // kept; later ones are only counted

class Sessions {
 public:
  explicit Sessions(std::size_t nodes) : under_way_(nodes) {}

  void note(const Step& step);
  void note_exit(Time time, NodeIndex node);

  std::size_t up() const noexcept { return up_; }  // number of nodes that are up
  // Writes `lives` into the current object: [node, from, to, how it ended], in order of their end, then those still up
  // at `end`.
  void write(Time end, analysis::JsonText& out) const;

 private:
  struct UnderWay {
    Time from;
    bool up = false;
    bool leaving = false;  // it was asked to leave
  };
  struct Life {
    NodeIndex node = 0;
    Time from;
    Time to;
    const char* how = nullptr;
  };

  void end(Time time, NodeIndex node, const char* how);

  std::vector<UnderWay> under_way_;
  std::vector<Life> ended_;
  std::uint64_t all_ = 0;
  std::size_t up_ = 0;
};

}  // namespace peerbed::scenarios
