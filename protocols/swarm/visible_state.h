#pragma once
// The part of a peer's state that another process may see (InspectableNode): files, and what was exchanged.

#include <cstddef>
#include <cstdint>
#include <vector>

#include "protocols/environment/codec.h"
#include "protocols/environment/time.h"
#include "protocols/swarm/files/file_table.h"

namespace peerbed::swarm {

struct VisibleCounts {
  std::uint64_t uploaded = 0;
  std::uint64_t downloaded = 0;
  Time pulsed{};
};

void append_visible_state(std::vector<std::byte>& out, const VisibleCounts& counts, const FileTable& files);
// False when the bytes are none of those; then the table is of no use.
bool take_visible_state(Bytes bytes, VisibleCounts& counts, FileTable& files);

}  // namespace peerbed::swarm
