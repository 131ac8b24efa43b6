#pragma once
// The stories of a run's operations, from its folder: its trace, chronicle and links.

#include <optional>
#include <string>
#include <vector>

#include "analysis/explain/story.h"

namespace peerbed::app {

class RunStories {
 public:
  // Throws FileError for a folder that is not a run's, or without a trace, and std::runtime_error for a broken trace.
  explicit RunStories(const std::string& folder);

  const analysis::TraceHeader& header() const noexcept { return header_; }
  // All that ended, in order.
  const std::vector<analysis::TimedOperation>& operations() const noexcept { return operations_; }
  // Of a kind, those that took longest and shortest; only successful ones that took any time are the fastest. Null if
  // there is none.
  const analysis::TimedOperation* slowest(std::string_view kind) const;
  const analysis::TimedOperation* fastest(std::string_view kind) const;
  // Of a node, of any kind; null if none ended there.
  const analysis::TimedOperation* slowest_at(std::uint32_t node) const;
  // The kinds that ended, downloads first, then lookups, then what ended most often.
  std::vector<std::string> kinds() const;

  analysis::Story story(const analysis::TimedOperation& operation) const;

 private:
  std::string trace_;
  analysis::TraceHeader header_;
  std::vector<analysis::TimedOperation> operations_;
  analysis::Surroundings around_;
};

// Whether the folder has a trace.
bool has_trace(const std::string& folder);

}  // namespace peerbed::app
