#include "protocols/swarm/exchange/announcer.h"

#include <array>

#include "protocols/environment/contract.h"
#include "protocols/swarm/exchange/interest.h"

namespace peerbed::swarm {

void Announcer::announce(const Context& context, LinkTable& links, SharedFile& file, std::uint32_t piece) {
  PEERBED_CONTRACT(file.map.verified().test(piece), "what is announced was verified");
  file.fetched.push_back(piece);
  for (Link& link : links) {
    if (link.file != file.number || !link.is_open()) continue;
    if (link.theirs.note_verified(piece)) continue;
    if (link.slot.is_given() ? link.uploads.empty() : !link.slot.is_wanted() && !link.suggestions.spreads())
      tell_pieces(context, link, file);
  }
  if (telling_) return;
  telling_ = true;
  context.environment.set_timer(have_timer, context.options.have_period);
}

void Announcer::tell_all(const Context& context, LinkTable& links, FileTable& files) {
  telling_ = false;
  for (Link& link : links)
    if (const SharedFile* file = link.is_open() ? files.numbered(link.file) : nullptr) {
      tell_pieces(context, link, *file);
      lose_interest(context, link);
    }
}

void tell_pieces(const Context& context, Link& link, const SharedFile& file) {
  if (!link.introduced) return;
  std::array<std::uint32_t, 3> pieces{no_piece, no_piece, no_piece};
  std::size_t count = 0;
  const auto write = [&] {
    context.say(link, Frame{FrameKind::have, pieces[0], pieces[1], pieces[2]});
    pieces.fill(no_piece);
    count = 0;
  };
  for (; link.told < file.fetched.size(); ++link.told) {
    const std::uint32_t piece = file.fetched[link.told];
    if (!link.suggestions.spreads() && link.theirs.has(piece)) continue;
    pieces[count++] = piece;
    if (count == pieces.size()) write();
  }
  if (count > 0) write();
}

}  // namespace peerbed::swarm
