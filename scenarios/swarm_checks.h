#pragma once
// That no peer believes a wrong byte, and that what it completed is the file it asked for: seen from outside, on the
// disks.

#include <cstdint>
#include <span>
#include <string>

#include "scenarios/protocol.h"

namespace peerbed::scenarios {

// A file as a scenario puts it on disks. Its bytes are a function of `content`, its name unless said otherwise.
struct FileOnDisk {
  std::string name;
  std::string content;
  std::uint64_t size = 0;

  std::uint64_t seed() const noexcept;  // of the bytes; not 0
};

// `files` are all that the scenario put on any disk.
void check_integrity(const Scene& scene, sim::NodeIndex node, std::span<const FileOnDisk> files, CheckReport& report);

}  // namespace peerbed::scenarios
