#pragma once
// How a stream between two peers begins: who they are, which file it serves, and what each side has of it. Of two
// streams that two peers open to each other at once for the same file the one that the lower address opened stays.

#include <optional>

#include "protocols/swarm/files/shared_file.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

void greet(const Context& context, const Link& link, const SharedFile& file);
// What this side has; and, to a source that said that it has everything, at once that it is wanted.
void introduce(const Context& context, Link& link, const SharedFile& file);
// A stream that was opened here has reached the other side: all that this side has to say, without waiting for the
// other.
void begin_opened(const Context& context, Link& link, SharedFile& file);
// Both sides have greeted.
void begin_open(const Context& context, Link& link, SharedFile& file);

// For an accepted stream, whose file and peer are known by now: an older one to the same peer that it replaces, for the
// other side has lost that one, or opened this one first. Null: none.
Link* replaced_by(const Context& context, LinkTable& links, const Link& link) noexcept;
// Why an accepted stream that replaces no more may not stay; nothing if it may. Older ones that stand in its way are
// probed.
std::optional<CloseReason> reason_against(const Context& context, LinkTable& links, const Link& link);

// Two that have everything have nothing to say to each other.
bool is_superfluous(const Link& link, const SharedFile& file) noexcept;

}  // namespace peerbed::swarm
