#include "protocols/swarm/exchange/handshake.h"

#include <vector>

#include "protocols/environment/contract.h"
#include "protocols/swarm/exchange/interest.h"

namespace peerbed::swarm {

void greet(const Context& context, const Link& link, const SharedFile& file) {
  context.say(link, Frame{.kind = FrameKind::hello, .size = hello_size});
  context.environment.write_stream(link.stream, Hello{file.root, context.self().port()});
}

void introduce(const Context& context, Link& link, const SharedFile& file) {
  link.told = static_cast<std::uint32_t>(file.fetched.size());
  if (file.has_manifest()) {
    link.introduced = true;
    std::vector<std::byte> body(file.map.verified().encoded_size());
    Writer writer(body);
    file.map.verified().encode(writer);
    context.say(link, Frame{.kind = FrameKind::pieces,
                            .offset = codec::check_of(body),
                            .size = static_cast<std::uint32_t>(body.size())});
    if (!body.empty()) context.environment.write_stream(link.stream, Bytes(body));
  }
  if (file.download && !link.interested && file.download->search.sources().has_complete(link.peer))
    tell_interest(context, link, true);
}

void begin_opened(const Context& context, Link& link, SharedFile& file) {
  PEERBED_CONTRACT(link.opened_here && link.stage == Link::Stage::opening, "a stream opens once");
  link.stage = Link::Stage::greeting;
  const Duration round_trip = context.now() - link.since;
  link.requests.set_round_trip(round_trip);
  link.since = link.heard = context.now();
  link.patience = 3 * (context.options.connect_timeout + round_trip);
  if (file.download) file.download->search.sources().note_opened(link.peer, round_trip);
  greet(context, link, file);
  introduce(context, link, file);
}

void begin_open(const Context& context, Link& link, SharedFile& file) {
  PEERBED_CONTRACT(link.stage == Link::Stage::greeting, "a stream is greeted once");
  link.stage = Link::Stage::open;
  link.since = context.now();
  link.slot.open(link.since);
  if (!file.download) return;
  file.download->search.sources().note_greeted(link.peer);
  context.trace(TraceEvent::source_gained, {short_id(file.root), link.peer.value});
}

namespace {

// Of two that are opened at once one stays. Whoever calls again on the same file later than that has lost the first. An
// attempt of this side's own that has not got through to a peer behind a NAT may never do so.
bool may_replace(const Context& context, const Link& older, const Link& link) noexcept {
  if (!older.opened_here || link.peer < context.self()) return true;
  if (context.options.hole_punching && older.stage == Link::Stage::opening) return true;
  const Duration settled = context.now() - older.since;
  return older.is_open() && settled >= 3 * context.options.connect_timeout &&
         settled / 4 >= older.requests.round_trip();
}

}  // namespace

Link* replaced_by(const Context& context, LinkTable& links, const Link& link) noexcept {
  for (Link& other : links)
    if (&other != &link && other.serves(link.file) && other.peer == link.peer)
      return may_replace(context, other, link) ? &other : nullptr;
  return nullptr;
}

std::optional<CloseReason> reason_against(const Context& context, LinkTable& links, const Link& link) {
  std::size_t others = 0;
  for (Link& other : links) {
    if (&other == &link || !other.serves(link.file)) continue;
    ++others;
    if (other.peer != link.peer) continue;
    probe(context, other);
    return CloseReason::duplicate;
  }
  if (others < context.options.maximum_connections) return std::nullopt;
  for (Link& other : links)  // those that are there no more make room
    if (other.file == link.file) probe(context, other);
  return CloseReason::full;
}

bool is_superfluous(const Link& link, const SharedFile& file) noexcept {
  if (file.state != SharedFile::State::complete) return false;
  return file.geometry().pieces() == 0 ? link.theirs.is_announced() : link.theirs.is_whole();
}

}  // namespace peerbed::swarm
