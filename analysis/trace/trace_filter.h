#pragma once
// Selects records of a trace by node, kind and time.

#include <cstdint>
#include <string>
#include <vector>

#include "analysis/trace/event_trace.h"

namespace peerbed::analysis {

struct TraceChoice {
  std::vector<std::string> nodes{};  // patterns of names; none: all
  std::vector<std::string> kinds{};  // patterns of kinds, messages and reports; none: all
  std::int64_t from = 0;             // nanoseconds
  std::int64_t until = INT64_MAX;
};

// Which nodes match any of `patterns`. Throws std::invalid_argument, with a sentence, for a pattern that matches none.
std::vector<bool> nodes_called(const TraceHeader& header, const std::vector<std::string>& patterns);

class TraceFilter {
 public:
  // Throws std::invalid_argument, with a sentence, for a pattern that matches nothing in the trace.
  TraceFilter(const TraceHeader& header, const TraceChoice& choice);

  // Whether it is in the window, of a selected kind, and at or from a selected node.
  bool operator()(const TraceRecord& record) const;

 private:
  void choose_kinds(const std::vector<std::string>& patterns);
  bool is_wanted_kind(const TraceRecord& record) const;

  struct WantedNames {
    std::vector<bool> messages;
    std::vector<bool> reports;
  };

  const TraceHeader& header_;
  std::int64_t from_;
  std::int64_t until_;
  std::vector<bool> nodes_;           // empty: all
  std::vector<bool> kinds_;           // empty: all
  std::vector<WantedNames> by_name_;  // of the protocols, if kinds are selected
};

}  // namespace peerbed::analysis
