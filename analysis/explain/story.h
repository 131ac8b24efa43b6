#pragma once
// Why an operation took as long as it did: the parts of its time, in order, each with a reason; and for a download, its
// sources. Plain data, built from an event trace and from what is known around it. Times are nanoseconds since the
// start of the run.

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "analysis/results/link_table.h"
#include "analysis/trace/event_trace.h"

namespace peerbed::analysis {

// An operation whose end a node reported with the time that it took: "download.done", "lookup.done".
struct TimedOperation {
  std::string report;
  std::uint32_t node = 0;
  std::uint64_t event = 0;  // in which it ended
  std::int64_t from = 0;
  std::int64_t until = 0;
  bool success = true;

  std::int64_t took() const noexcept { return until - from; }
  bool is_download() const noexcept { return report.starts_with("download."); }
  // "download", "lookup": of operations with the same one, the fastest and the slowest can be compared.
  std::string_view kind() const noexcept { return std::string_view(report).substr(0, report.find('.')); }
};

struct StoryPart {
  std::string what;  // "waiting for a choke to end", "find from nodes.1 to nodes.2"
  std::int64_t from = 0;
  std::int64_t until = 0;
  std::int64_t time = 0;  // within these two, that belongs to this part
  std::string why;
};

// A peer that a download got bytes from, or was connected to.
struct StorySource {
  std::uint32_t node = 0;
  std::string site;                        // empty: not known
  std::optional<std::int64_t> round_trip;  // when its stream was opened
  std::uint64_t bytes = 0;
  std::int64_t time = 0;                     // the download's, while this source's bytes were the next to arrive
  std::int64_t choked = 0;                   // during which it let the node ask for nothing
  std::optional<std::uint64_t> queue_drops;  // packets, at its up-link, during the download
  std::optional<std::uint64_t> lost;         // packets, behind its up-link
  std::optional<double> utilisation;         // of its up-link
};

struct Story {
  TimedOperation operation;
  std::string site;  // of its node
  std::vector<StoryPart> parts;
  std::vector<StorySource> sources;          // those that gave most first
  std::optional<std::uint64_t> queue_drops;  // packets, at the node's down-link
  std::optional<double> utilisation;         // of it
  std::int64_t hashing = 0;                  // hashing and the disk, all together; most of it while bytes arrived
};

// What the files of a run say besides its trace.
struct Surroundings {
  struct Choke {
    std::int64_t time = 0;
    std::uint32_t node = 0;
    std::uint32_t source = 0;
    bool is_choked = false;
  };
  struct Life {
    std::uint32_t node = 0;
    std::int64_t from = 0;
    std::int64_t until = 0;
    std::string how;
  };
  std::vector<Choke> chokes;  // in order of time
  std::vector<Life> lives;
  std::vector<std::string> sites;  // by node
  std::vector<std::string> ids;    // by node, as identifiers in reports
  LinkTable links;
  std::int64_t links_interval = 0;  // nanoseconds; 0: there are none
};

// All operations that ended within the trace, in order. Throws std::runtime_error for a file that is not a trace; one
// that is cut short is used as far as it goes.
std::vector<TimedOperation> operations_in(const std::string& trace);

// The story of an operation of that trace.
Story story_of(const std::string& trace, const TimedOperation& operation, const Surroundings& around);

}  // namespace peerbed::analysis
