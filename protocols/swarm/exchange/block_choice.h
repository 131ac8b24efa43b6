#pragma once
// Which block a source is asked for next.

#include <cstdint>
#include <optional>

#include "protocols/swarm/files/shared_file.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

// Bytes that a source is asked for ahead: twice what it delivers in a round trip and a margin. While the pipe is what
// limits the pace, it doubles.
std::uint64_t target_outstanding(const Options& options, const SharedFile& file, const Link& link) noexcept;

// In this order: the rest of the piece that this source is at; a new piece; what is left of others' pieces; at the very
// end, blocks that others are slow with. Nothing: it has nothing of use, or would rather give something else. The link
// is open, and known to have pieces of the file, whose download is under way.
std::optional<Block> choose_block(const Context& context, const LinkTable& links, SharedFile& file, Link& link);

}  // namespace peerbed::swarm
