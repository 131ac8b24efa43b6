#pragma once
// Tells other peers of the pieces that were verified here: at once where they may ask for them, and soon where it is
// news among others.

#include <cstdint>
#include <tuple>

#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

class Announcer {
 public:
  // A piece was verified: it is wanted no more of those who have it, and told to those who lack it.
  void announce(const Context& context, LinkTable& links, SharedFile& file, std::uint32_t piece);
  // When have_timer fires, which announce() sets, or a file is complete: all of it is told to all.
  void tell_all(const Context& context, LinkTable& links, FileTable& files);

  auto fields() const { return std::tie(telling_); }

 private:
  bool telling_ = false;  // have_timer runs
};

// Tells the other side of a link what it has not been told yet.
void tell_pieces(const Context& context, Link& link, const SharedFile& file);

}  // namespace peerbed::swarm
