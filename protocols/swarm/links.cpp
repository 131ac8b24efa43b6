// Streams to other peers: opening, greeting, losing. Of two streams between the same two peers for the same file the
// one that the lower address opened stays.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

void Peer::open_link(Environment& environment, SharedFile& file, Address peer) {
  Link& link = links_.add(StreamId{last_stream_}, peer);
  last_stream_ += 2;
  link.file = file.number;
  link.opened_here = true;
  link.since = environment.now();
  environment.open_stream(link.stream, peer);
  wake(environment);
}

void Peer::greet(Environment& environment, const Link& link, const SharedFile& file) {
  environment.write_stream(link.stream, Frame{.kind = FrameKind::hello, .size = hello_size});
  environment.write_stream(link.stream, Hello{file.root, environment.self().port()});
}

// What this side has; and, to a source that said that it has everything, at once that it is wanted.
void Peer::introduce(Environment& environment, Link& link, const SharedFile& file) {
  link.told = static_cast<std::uint32_t>(file.fetched.size());
  if (file.has_manifest()) {
    std::vector<std::byte> body(file.map.verified().encoded_size());
    Writer writer(body);
    file.map.verified().encode(writer);
    environment.write_stream(link.stream, Frame{.kind = FrameKind::pieces,
                                                .offset = codec::check_of(body),
                                                .size = static_cast<std::uint32_t>(body.size())});
    if (!body.empty()) environment.write_stream(link.stream, Bytes(body));
  }
  if (!file.download || link.interested || !is_known_complete(file, link.peer)) return;
  link.interested = true;
  environment.write_stream(link.stream, Frame{.kind = FrameKind::interested});
}

bool Peer::is_known_complete(const SharedFile& file, Address peer) noexcept {
  const auto& sources = file.download->sources;
  return std::any_of(sources.begin(), sources.end(),
                     [peer](const Source& source) { return source.peer == peer && source.complete; });
}

void Peer::handle_hello(Environment& environment, Link& link, const Hello& hello) {
  SharedFile* file = link.opened_here ? file_numbered(link.file) : file_rooted(hello.root);
  const bool is_here = file != nullptr && (file->state != State::restoring || file->has_manifest());
  if (!is_here || file->root != hello.root) return drop_link(environment, link);
  if (!link.opened_here) {
    link.peer = Address::ipv4(link.peer.host(), hello.port);
    link.file = file->number;
    if (has_banned(link.peer) || !is_only_link(environment, link)) return drop_link(environment, link);
    greet(environment, link, *file);
    if (file->download) note_source(environment, *file, link.peer, 0, false);
    introduce(environment, link, *file);
  }
  link.stage = Link::Stage::open;
  link.since = link.choke_changed = environment.now();
  if (file->download) environment.trace(index_of(TraceEvent::source_gained), {short_id(file->root), link.peer.value});
  await_frame(environment, link);
}

// Whether an accepted stream may stay; one that it replaces is dropped.
bool Peer::is_only_link(Environment& environment, Link& link) {
  std::size_t links = 0;
  for (Link& other : links_) {
    if (&other == &link || other.file != link.file || other.stage == Link::Stage::closed) continue;
    ++links;
    if (other.peer != link.peer) continue;
    if (other.opened_here && environment.self() < link.peer) return false;
    drop_link(environment, other);
    --links;
  }
  return links < options_->maximum_connections;
}

// The stream is gone: what was asked on it is anybody's again.
void Peer::lose_link(Environment& environment, Link& link) {
  if (link.stage == Link::Stage::closed) return;
  const bool was_open = link.is_open();
  const bool held_slot = !link.peer_choked;
  links_.close(link);
  forget_slot(link);
  if (optimistic_ == link.stream) optimistic_ = StreamId{};
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr) return;
  for (std::size_t piece = 0; piece < link.theirs.size(); ++piece)
    if (link.theirs.test(piece)) --file->availability[piece];
  withdraw_suggestions(*file, link, true);
  if (held_slot) fill_slots(environment);
  if (!file->download) return;
  Download& download = *file->download;
  if (download.manifest_from == link.stream && !download.manifest_here) download.manifest_from = StreamId{};
  lose_fragments(environment, *file, link);
  void_requests(*file, link);
  file->map.disown(link.stream);
  if (was_open)
    environment.trace(index_of(TraceEvent::source_lost), {short_id(file->root), link.peer.value, link.received});
  for (Source& source : download.sources)
    if (source.peer == link.peer && source.failures < 8) ++source.failures;
  if (file->state == State::seeking) ask_manifest(environment, *file);
  if (file->state == State::downloading) fill(environment, *file);
}

void Peer::drop_link(Environment& environment, Link& link) {
  if (link.stage == Link::Stage::closed) return;
  environment.reset_stream(link.stream);
  lose_link(environment, link);
}

void Peer::refuse_frame(Environment& environment, Link& link) {
  environment.trace(index_of(TraceEvent::frame_refused), {link.peer.value});
  drop_link(environment, link);
}

// Two that have everything have nothing to say to each other.
bool Peer::is_superfluous(const Link& link, const SharedFile& file) const noexcept {
  return file.state == State::complete && link.theirs.size() > 0 && link.theirs_count == link.theirs.size();
}

// After the state of the file has changed.
void Peer::review_links(Environment& environment, const SharedFile& file) {
  for (Link& link : links_) {
    if (link.file != file.number || !link.is_open()) continue;
    if (is_superfluous(link, file)) {
      drop_link(environment, link);
    } else if (link.interested && !file.download) {
      tell_interest(environment, link, false);
    } else {
      update_interest(environment, link);
    }
  }
}

void Peer::look_after_links(Environment& environment) {
  for (Link& link : links_) {
    const Duration waited = environment.now() - link.since;
    if (link.stage == Link::Stage::opening && waited >= options_->connect_timeout) drop_link(environment, link);
    if (link.stage == Link::Stage::greeting && waited >= 3 * options_->connect_timeout) drop_link(environment, link);
  }
}

}  // namespace peerbed::swarm
