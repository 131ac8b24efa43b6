#pragma once
// Marks for actions from outside, shown with a run's metrics. Actions of one kind within one interval become one mark.

#include <cstdint>
#include <map>
#include <string>
#include <utility>

#include "analysis/results/json_text.h"
#include "scenarios/plan/action.h"

namespace peerbed::scenarios {

class Marks {
 public:
  explicit Marks(Duration interval) : interval_(interval) {}

  // The action affected this many nodes, or is one change of their surroundings. What starts a run at time zero is no
  // mark.
  void note(const Action& action, Duration at, std::size_t affected);
  // Writes `marks` into the current object: {seconds, kind, what, count}, in order of time.
  void write(analysis::JsonText& out) const;

 private:
  struct Mark {
    Duration at{};  // time of the first action
    std::string kind;
    std::string name;  // of a partition that begins or ends; empty if there are several
    std::size_t actions = 0;
    std::size_t count = 0;
  };

  static std::string words_of(const Mark& mark);

  Duration interval_;
  std::map<std::pair<std::int64_t, std::size_t>, Mark> marks_;  // by interval and kind
};

}  // namespace peerbed::scenarios
