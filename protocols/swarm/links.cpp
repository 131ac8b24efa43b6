// Streams to other peers: opening, greeting, losing. Of two streams that two peers open to each other at once for the
// same file the one that the lower address opened stays.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

constexpr int most_doublings = 5;  // of the time to connect
constexpr Duration longest_patience = std::chrono::seconds(30);
constexpr Duration pause_when_full = std::chrono::seconds(2);  // doubled each time

}  // namespace

Source* Peer::source_at(SharedFile& file, Address peer) noexcept {
  if (!file.download) return nullptr;
  auto& sources = file.download->sources;
  const auto place =
      std::find_if(sources.begin(), sources.end(), [peer](const Source& source) { return source.peer == peer; });
  return place == sources.end() ? nullptr : &*place;
}

// How long a stream may take to open: longer after each failure, and long enough for the round trip where it is known.
Duration Peer::patience_with(const Options& options, const Source* source) noexcept {
  if (source == nullptr) return options.connect_timeout;
  const Duration doubled = options.connect_timeout * (1 << std::min<int>(source->failures, most_doublings));
  return std::max({options.connect_timeout, std::min(doubled, longest_patience), 3 * source->round_trip});
}

void Peer::open_link(Environment& environment, SharedFile& file, Address peer) {
  links_.open(context_of(environment), file.number, peer, patience_with(*options_, source_at(file, peer)));
  wake(environment);
}

// Nothing is written on a stream that is no link any more.
void Peer::say(Environment& environment, const Link& link, const Frame& frame) {
  if (link.stage != Link::Stage::closed) environment.write_stream(link.stream, frame);
}

void Peer::greet(Environment& environment, const Link& link, const SharedFile& file) {
  say(environment, link, Frame{.kind = FrameKind::hello, .size = hello_size});
  environment.write_stream(link.stream, Hello{file.root, environment.self().port()});
}

// What this side has; and, to a source that said that it has everything, at once that it is wanted.
void Peer::introduce(Environment& environment, Link& link, const SharedFile& file) {
  link.told = static_cast<std::uint32_t>(file.fetched.size());
  if (file.has_manifest()) {
    link.introduced = true;
    std::vector<std::byte> body(file.map.verified().encoded_size());
    Writer writer(body);
    file.map.verified().encode(writer);
    say(environment, link,
        Frame{.kind = FrameKind::pieces,
              .offset = codec::check_of(body),
              .size = static_cast<std::uint32_t>(body.size())});
    if (!body.empty()) environment.write_stream(link.stream, Bytes(body));
  }
  if (file.download && !link.interested && is_known_complete(file, link.peer)) tell_interest(environment, link, true);
}

bool Peer::is_known_complete(const SharedFile& file, Address peer) noexcept {
  const auto& sources = file.download->sources;
  return std::any_of(sources.begin(), sources.end(),
                     [peer](const Source& source) { return source.peer == peer && source.complete; });
}

void Peer::handle_opened(Environment& environment, Link& link, SharedFile& file) {
  const Time now = environment.now();
  link.stage = Link::Stage::greeting;
  link.round_trip = now - link.since;
  link.since = link.heard = now;
  link.patience = 3 * (options_->connect_timeout + link.round_trip);
  if (Source* source = source_at(file, link.peer)) source->round_trip = link.round_trip;
  greet(environment, link, file);
  introduce(environment, link, file);
  if (file.download && is_known_complete(file, link.peer)) ask_manifest(environment, file, link);
  await_frame(environment, link);
}

void Peer::handle_hello(Environment& environment, Link& link, const Hello& hello) {
  SharedFile* file = link.opened_here ? file_numbered(link.file) : file_rooted(hello.root);
  const bool is_here = file != nullptr && (file->state != State::restoring || file->has_manifest());
  if (!is_here || file->root != hello.root) return drop_link(environment, link, CloseReason::not_shared);
  if (!link.opened_here) {
    link.peer = link.peer.with_port(hello.port);
    link.file = file->number;
    if (const auto reason = reason_against(environment, link)) return drop_link(environment, link, *reason);
    greet(environment, link, *file);
    if (file->download) note_source(environment, *file, link.peer, 0, false);
    introduce(environment, link, *file);
  }
  link.stage = Link::Stage::open;
  link.since = link.choke_changed = environment.now();
  if (Source* source = source_at(*file, link.peer)) source->refusals = 0;
  if (file->download) environment.trace(index_of(TraceEvent::source_gained), {short_id(file->root), link.peer.value});
  await_frame(environment, link);
}

// Of two that are opened at once one stays. Whoever calls again on the same file later than that has lost the first.
bool Peer::may_replace(Environment& environment, const Link& older, const Link& link) const noexcept {
  if (!older.opened_here || link.peer < environment.self()) return true;
  const Duration settled = environment.now() - older.since;
  return older.is_open() && settled >= 3 * options_->connect_timeout && settled / 4 >= older.round_trip;
}

// Why an accepted stream may not stay, if so; one that it replaces is dropped.
std::optional<CloseReason> Peer::reason_against(Environment& environment, Link& link) {
  const SharedFile* file = file_numbered(link.file);
  if (file != nullptr && has_banned(link.peer, file->root)) return CloseReason::wrong_bytes;
  std::size_t links = 0;
  for (Link& other : links_) {
    if (&other == &link || other.file != link.file || other.stage == Link::Stage::closed) continue;
    ++links;
    if (other.peer != link.peer) continue;
    if (!may_replace(environment, other, link)) {
      probe(context_of(environment), other);
      return CloseReason::duplicate;
    }
    drop_link(environment, other, CloseReason::duplicate);
    --links;
  }
  if (links < options_->maximum_connections) return std::nullopt;
  for (Link& other : links_)  // those that are there no more make room
    if (other.file == link.file) probe(context_of(environment), other);
  return CloseReason::full;
}

// The stream is gone: what was asked on it is anybody's again.
void Peer::lose_link(Environment& environment, Link& link, CloseReason reason) {
  if (link.stage == Link::Stage::closed) return;
  const bool was_open = link.is_open();
  const bool held_slot = !link.peer_choked;
  links_.close(link);
  environment.trace(index_of(TraceEvent::link_closed), {link.peer.value, static_cast<std::uint64_t>(reason)});
  forget_slot(link);
  if (optimistic_ == link.stream) optimistic_ = StreamId{};
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr) return;
  for (std::size_t piece = 0; piece < link.theirs.size(); ++piece)
    if (link.theirs.test(piece)) --file->availability[piece];
  withdraw_suggestions(*file, link, true);
  if (file->download) lose_fragments(environment, *file, link);
  void_requests(*file, link);
  if (held_slot) fill_slots(environment);
  if (!file->download) return;
  Download& download = *file->download;
  if (download.manifest_from == link.stream && !download.manifest_here) download.manifest_from = StreamId{};
  if (was_open)
    environment.trace(index_of(TraceEvent::source_lost), {short_id(file->root), link.peer.value, link.received});
  note_loss(environment, *file, link, reason);
  if (file->state == State::seeking) ask_manifest(environment, *file);
  if (file->state == State::downloading) request_blocks(environment, *file);
}

// One that had no room is left alone for a while, ever longer.
void Peer::note_loss(Environment& environment, SharedFile& file, const Link& link, CloseReason reason) {
  Source* source = source_at(file, link.peer);
  if (source == nullptr || reason == CloseReason::duplicate) return;
  if (reason == CloseReason::full) {
    source->next_try = environment.now() + pause_when_full * (1 << std::min<int>(source->refusals, 4));
    if (source->refusals < 8) ++source->refusals;
  } else if (source->failures < 8) {
    ++source->failures;
  }
}

// In peace where that can be, with a word that says why.
void Peer::drop_link(Environment& environment, Link& link, CloseReason reason) {
  if (link.stage == Link::Stage::closed) return;
  if (partings_.end(context_of(environment), link.stream, reason, link.is_quiet() && !leaving_) ==
      Partings::End::parting)
    wake(environment);
  lose_link(environment, link, reason);
}

void Peer::handle_goodbye(Environment& environment, Link& link, CloseReason reason) {
  if (partings_.answer(context_of(environment), link.stream, link.is_quiet() && !leaving_) == Partings::End::parting)
    wake(environment);
  lose_link(environment, link, reason);
}

// There may be no room even to hear what the caller wants.
void Peer::accept_or_refuse(Environment& environment, StreamId stream, Address peer) {
  if (!leaving_ && links_.size() < 2 * options_->maximum_connections) {
    await_frame(environment, links_.accept(context_of(environment), stream, peer));
    return wake(environment);
  }
  const CloseReason reason = leaving_ ? CloseReason::leaving : CloseReason::full;
  if (partings_.end(context_of(environment), stream, reason, true) == Partings::End::parting) wake(environment);
  environment.trace(index_of(TraceEvent::link_closed), {peer.value, static_cast<std::uint64_t>(reason)});
}

void Peer::refuse_frame(Environment& environment, Link& link) {
  environment.trace(index_of(TraceEvent::frame_refused), {link.peer.value});
  drop_link(environment, link, CloseReason::refused_frame);
}

// Two that have everything have nothing to say to each other.
bool Peer::is_superfluous(const Link& link, const SharedFile& file) const noexcept {
  if (file.state != State::complete) return false;
  if (file.geometry().pieces() == 0) return link.has_manifest;
  return link.theirs.size() > 0 && link.theirs_count == link.theirs.size();
}

// After the state of the file has changed.
void Peer::review_links(Environment& environment, const SharedFile& file) {
  for (Link& link : links_) {
    if (link.file != file.number || !link.is_open()) continue;
    if (is_superfluous(link, file)) {
      drop_link(environment, link, CloseReason::done);
    } else if (link.interested && !file.download) {
      tell_interest(environment, link, false);
    } else {
      update_interest(environment, link);
    }
  }
}

void Peer::look_after_links(Environment& environment) {
  for (Link& link : links_)
    if (const auto reason = overdue(link, environment.now())) drop_link(environment, link, *reason);
}

}  // namespace peerbed::swarm
