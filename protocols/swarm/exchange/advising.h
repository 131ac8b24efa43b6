#pragma once
// A peer that has all of a file spreads it: it advises those whom it uploads to which pieces to fetch, what is rarest
// among those it knows, each piece once before it repeats one. With a single receiver there is nothing to spread. Free
// functions: what they go by is in the links and in the file.

#include <cstdint>

#include "protocols/swarm/files/shared_file.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

// Whether this peer spreads a file; null: it does not.
bool spreads(const Options& options, const SharedFile* file) noexcept;
// Whoever spreads a file gives each slot for a piece or two, so that all get new pieces alike.
bool is_turn_over(const LinkTable& links, const Link& link, Time now) noexcept;

// Keeps a few pieces advised to the other side of a link, if it has a slot.
void advise(const Context& context, const LinkTable& links, SharedFile& file, Link& link);
// The other side begins to fetch a piece: advice that it follows makes room for more.
void note_given(const Context& context, const LinkTable& links, SharedFile& file, Link& link, std::uint32_t piece);
// The slot is taken, or the link is gone: what was advised and not fetched was not given.
void withdraw_advice(SharedFile& file, Link& link) noexcept;
// Nothing that waits will be sent: pieces whose last block is among it were not given.
void withdraw_queue(SharedFile& file, const Link& link) noexcept;

}  // namespace peerbed::swarm
