#include "protocols/swarm/link/link_table.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

namespace {

constexpr int patience_with_callers = 10;  // times the time to connect: a caller may be far away
constexpr Duration between_probes = std::chrono::seconds(5);

}  // namespace

Link& LinkTable::add(StreamId stream, Address peer) {
  streams_.push_back(stream);
  links_.push_back({.stream = stream, .peer = peer});
  return links_.back();
}

Link& LinkTable::open(const Context& context, FileNumber file, Address peer, Duration patience) {
  PEERBED_CONTRACT(file != 0, "a stream is opened for a file");
  Link& link = add(StreamId{2 * opened_++ + 1}, peer);
  link.file = file;
  link.opened_here = true;
  link.since = context.now();
  link.patience = patience;
  context.environment.open_stream(link.stream, peer);
  return link;
}

Link& LinkTable::accept(const Context& context, StreamId stream, Address from) {
  Link& link = add(stream, from);
  link.stage = Link::Stage::greeting;
  link.since = link.heard = context.now();
  link.patience = patience_with_callers * context.options.connect_timeout;
  return link;
}

void LinkTable::remove_closed() noexcept {
  has_closed_ = false;
  for (std::size_t i = links_.size(); i-- > 0;) {
    if (!links_[i].is_closed()) continue;
    links_.erase(links_.begin() + static_cast<std::ptrdiff_t>(i));
    streams_.erase(streams_.begin() + static_cast<std::ptrdiff_t>(i));
  }
}

std::size_t LinkTable::count_for(FileNumber file) const noexcept {
  return static_cast<std::size_t>(
      std::count_if(links_.begin(), links_.end(), [file](const Link& link) { return link.serves(file); }));
}

bool LinkTable::has(FileNumber file, Address peer) const noexcept {
  return std::any_of(links_.begin(), links_.end(),
                     [=](const Link& link) { return link.serves(file) && link.peer == peer; });
}

std::optional<CloseReason> overdue(const Link& link, Time now) noexcept {
  if (link.is_open() || link.is_closed() || now - link.since < link.patience) return std::nullopt;
  return link.stage == Link::Stage::opening ? CloseReason::unreachable : CloseReason::mute;
}

void probe(const Context& context, Link& link) {
  const Time now = context.now();
  if (!link.is_open() || now - std::max(link.heard, link.probed) < between_probes) return;
  link.probed = now;
  context.say(link, Frame{FrameKind::have, no_piece, no_piece, no_piece});
}

}  // namespace peerbed::swarm
