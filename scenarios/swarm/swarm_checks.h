#pragma once
// The properties of a swarm, checked from outside: no peer accepts a wrong byte, and a completed file on disk is the
// file that was requested; downloads end; messages from honest peers are accepted. docs/swarm.md states each.

#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "protocols/swarm/base/trace.h"
#include "protocols/swarm/files/shared_file.h"
#include "scenarios/protocol/protocol.h"

namespace peerbed::scenarios {

// A file that a scenario puts on disks. Its bytes are a function of `content`, which defaults to its name.
struct FileOnDisk {
  std::string name;
  std::string content;
  std::uint64_t size = 0;

  std::uint64_t seed() const noexcept;  // of the bytes; not 0
};

// `files` are all files that the scenario put on any disk.
void check_integrity(const StateView& states, NodeIndex node, std::span<const FileOnDisk> files, CheckReport& report);

// Checks that no download stalls for longer than its peer waits for progress.
class DownloadWatch {
 public:
  // Call before looking at the nodes.
  void begin_look(const StateView& states);
  void check(const StateView& states, NodeIndex node, Duration give_up, CheckReport& report);

 private:
  // Bytes received and kept, number of verified pieces, and whether the manifest has arrived.
  using Progress = std::tuple<std::uint64_t, std::uint32_t, swarm::SharedFile::State>;
  // A download at the time of its last progress.
  struct Standing {
    swarm::FileNumber file = 0;
    Time started;
    Progress progress;
    Duration since{};
    Time clock;  // time on the peer's host
  };

  bool stands_still(const Standing& standing, Duration give_up, Time clock) const;

  Duration now_{};
  Duration longest_gap_{};  // between two looks
  std::map<NodeIndex, std::vector<Standing>> standings_;
};

// Counts the messages that peers and trackers refused.
class RefusalWatch {
 public:
  void note(NodeIndex node, swarm::TraceEvent event);
  void check(const StateView& states, CheckReport& report) const;

 private:
  std::uint64_t refused_ = 0;
  NodeIndex latest_ = no_node;  // the node that last refused something
};

}  // namespace peerbed::scenarios
