// Streams to other peers: what arrives on them, and how they end.

#include <algorithm>

#include "protocols/swarm/advising.h"
#include "protocols/swarm/handshake.h"
#include "protocols/swarm/interest.h"
#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

void Peer::await_frame(Environment& environment, Link& link) { link.reader.await(environment, link.stream); }

// There may be no room even to hear what the caller wants.
void Peer::accept_or_refuse(Environment& environment, StreamId stream, Address peer) {
  const Context context = context_of(environment);
  if (!leaving_ && links_.size() < 2 * options_->maximum_connections) {
    await_frame(environment, links_.accept(context, stream, peer));
    return pulse_.wake(context);
  }
  const CloseReason reason = leaving_ ? CloseReason::leaving : CloseReason::full;
  if (partings_.end(context, stream, reason, true) == Partings::End::parting) pulse_.wake(context);
  context.trace(TraceEvent::link_closed, {peer.value, static_cast<std::uint64_t>(reason)});
}

void Peer::handle_opened(Environment& environment, Link& link, SharedFile& file) {
  const Context context = context_of(environment);
  begin_opened(context, link, file);
  if (file.is_sought() && file.download->search.sources().has_complete(link.peer))
    file.download->manifest.ask(context, link);
  await_frame(environment, link);
}

void Peer::handle_hello(Environment& environment, Link& link, const Hello& hello) {
  const Context context = context_of(environment);
  SharedFile* file = link.opened_here ? file_numbered(link.file) : file_rooted(hello.root);
  const bool is_here = file != nullptr && (file->state != State::restoring || file->has_manifest());
  if (!is_here || file->root != hello.root) return drop_link(environment, link, CloseReason::not_shared);
  if (!link.opened_here) {
    link.peer = link.peer.with_port(hello.port);
    link.file = file->number;
    if (has_banned(link.peer, file->root)) return drop_link(environment, link, CloseReason::wrong_bytes);
    while (Link* older = replaced_by(context, links_, link)) drop_link(environment, *older, CloseReason::duplicate);
    if (const auto reason = reason_against(context, links_, link)) return drop_link(environment, link, *reason);
    greet(context, link, *file);
    if (file->download)
      file->download->search.sources().note(environment.self(), environment.now(), options_->retry_delay, link.peer, 0,
                                            false);
    introduce(context, link, *file);
  }
  begin_open(context, link, *file);
  await_frame(environment, link);
}

void Peer::handle_bytes(Environment& environment, Link& link, Bytes bytes) {
  const auto heard = link.reader.read(environment, link.stream, bytes, link.stage == Link::Stage::greeting,
                                      link.theirs.is_announced());
  if (const auto* frame = std::get_if<Frame>(&heard)) return handle_frame(environment, link, *frame);
  if (const auto* hello = std::get_if<Hello>(&heard)) return handle_hello(environment, link, *hello);
  if (const auto* pieces = std::get_if<FrameReader::Pieces>(&heard))
    return handle_pieces(environment, link, pieces->body);
  if (std::holds_alternative<FrameReader::Malformed>(heard)) refuse_frame(environment, link);
}

void Peer::handle_frame(Environment& environment, Link& link, const Frame& frame) {
  const Context context = context_of(environment);
  SharedFile* file = file_numbered(link.file);
  switch (frame.kind) {
    case FrameKind::hello:
    case FrameKind::pieces:
      break;  // their bodies are read first
    case FrameKind::block:
      return handle_block(environment, link, frame);
    case FrameKind::manifest:
      return handle_manifest(environment, link, frame);
    case FrameKind::have:
      for (const std::uint32_t piece : {frame.piece, frame.offset, frame.size})
        if (piece != no_piece && !link.is_closed()) handle_have(environment, link, piece);
      if (file != nullptr) {
        requester_.ask(context, links_, *file, link);
        advise(context, links_, *file, link);
      }
      break;
    case FrameKind::interested:
      link.slot.set_wanted(true);
      choker_.fill_slots(context, links_, files_);
      break;
    case FrameKind::not_interested:
      link.slot.set_wanted(false);
      choker_.take_unwanted(context, links_, files_, link);
      break;
    case FrameKind::unchoke:
      link.choked = false;
      if (file != nullptr) requester_.ask(context, links_, *file, link);
      lose_interest(context, link);
      break;
    case FrameKind::choke:
      link.choked = true;
      link.suggestions.clear();
      if (file != nullptr) requester_.take_choke(context, links_, *file, link);
      context.say(link, Frame{.kind = FrameKind::choke_seen});
      break;
    case FrameKind::choke_seen:
      link.slot.note_seen(environment.now());
      break;
    case FrameKind::request:
      switch (uploads_.take_request(context, links_, file, link, frame)) {
        case Uploads::Verdict::out_of_place:
          return refuse_frame(environment, link);
        case Uploads::Verdict::queued:
          uploads_.serve(context, links_, files_);
          break;
        case Uploads::Verdict::settled:
          break;
      }
      break;
    case FrameKind::cancel:
      Uploads::take_cancel(context, link, frame);
      break;
    case FrameKind::reject:
      if (file != nullptr)
        requester_.take_reject(context, links_, *file, link, Block{frame.piece, frame.offset, frame.size});
      break;
    case FrameKind::manifest_query:
      if (!Uploads::take_manifest_query(context, file, link)) return refuse_frame(environment, link);
      break;
    case FrameKind::suggest:
      link.suggestions.add(frame.piece, environment.now());
      if (file != nullptr) requester_.ask(context, links_, *file, link);
      break;
    case FrameKind::goodbye:
      return handle_goodbye(environment, link, close_reason_of(frame.piece));
  }
  if (!link.is_closed()) await_frame(environment, link);
}

void Peer::handle_pieces(Environment& environment, Link& link, Bytes body) {
  const Context context = context_of(environment);
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr) return refuse_frame(environment, link);
  if (!file->has_manifest()) {
    link.theirs.hold(body);
    if (file->is_sought()) file->download->manifest.ask_any(context, links_, file->number);
    return await_frame(environment, link);
  }
  if (!link.theirs.take(body, file->map, file->availability)) return refuse_frame(environment, link);
  if (is_superfluous(link, *file)) return drop_link(environment, link, CloseReason::done);
  update_interest(context, link, file->download.has_value());
  requester_.ask(context, links_, *file, link);
  await_frame(environment, link);
}

void Peer::handle_have(Environment& environment, Link& link, std::uint32_t piece) {
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr) return refuse_frame(environment, link);
  const auto news =
      file->has_manifest() ? link.theirs.take_new(piece, file->map, file->availability) : link.theirs.hold_new(piece);
  if (news == TheirPieces::News::malformed) return refuse_frame(environment, link);
  if (news == TheirPieces::News::nothing) return;
  if (is_superfluous(link, *file)) return drop_link(environment, link, CloseReason::done);
  if (news == TheirPieces::News::wanted) update_interest(context_of(environment), link, file->download.has_value());
}

void Peer::handle_block(Environment& environment, Link& link, const Frame& frame) {
  const Context context = context_of(environment);
  const Block block{frame.piece, frame.offset, frame.size};
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr || !link.requests.begin_arrival(block, environment.now())) return refuse_frame(environment, link);
  if (Link* slower = requester_.overtaken(context, links_, *file, link, block))
    drop_link(environment, *slower, CloseReason::overtaken);
  requester_.start_arrival(context, *file, link, block);
  await_frame(environment, link);
}

// All of a block is here, or of the manifest, though the disk may not have taken it.
void Peer::handle_content(Environment& environment, Link& link, const StreamEvent& event) {
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr) return;
  const bool is_kept = event.kind == StreamEventKind::content_received;
  bool is_failure = false;
  if (link.receiving_manifest) {
    link.receiving_manifest = false;
    if (!file->is_sought() || !file->download->manifest.expects(link.stream)) return;
    is_failure = !is_kept;
    if (is_kept) {
      file->download->manifest.note_arrival();
      environment.hash_content(file->manifest_range());
    }
  } else if (link.requests.receiving()) {
    is_failure = requester_.finish_arrival(context_of(environment), links_, *file, link, is_kept) ==
                 Requester::Delivery::disk_failed;
  }
  if (is_failure) fail_download(environment, *file, "the disk does not take it" + reason_in(event.bytes));
}

// ---------------------------------------------------------------------------------------------------------------------
// Endings

// The stream is gone: what was asked on it is anybody's again.
void Peer::lose_link(Environment& environment, Link& link, CloseReason reason) {
  if (link.is_closed()) return;
  const Context context = context_of(environment);
  const bool was_open = link.is_open();
  links_.close(link);
  context.trace(TraceEvent::link_closed, {link.peer.value, static_cast<std::uint64_t>(reason)});
  const bool had_slot = choker_.lose(link);
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr) return;
  link.theirs.leave(file->availability);
  withdraw_advice(*file, link);
  requester_.lose(context, links_, *file, link);
  if (had_slot) choker_.fill_slots(context, links_, files_);
  if (!file->download) return;
  Download& download = *file->download;
  download.manifest.lose(link.stream);
  if (was_open) context.trace(TraceEvent::source_lost, {short_id(file->root), link.peer.value, link.received});
  download.search.sources().note_loss(link.peer, reason, environment.now());
  if (file->is_sought()) download.manifest.ask_any(context, links_, file->number);
  requester_.ask(context, links_, *file);
}

// In peace where that can be, with a word that says why.
void Peer::drop_link(Environment& environment, Link& link, CloseReason reason) {
  if (link.is_closed()) return;
  const Context context = context_of(environment);
  if (partings_.end(context, link.stream, reason, link.is_quiet() && !leaving_) == Partings::End::parting)
    pulse_.wake(context);
  lose_link(environment, link, reason);
}

void Peer::handle_goodbye(Environment& environment, Link& link, CloseReason reason) {
  const Context context = context_of(environment);
  if (partings_.answer(context, link.stream, link.is_quiet() && !leaving_) == Partings::End::parting)
    pulse_.wake(context);
  lose_link(environment, link, reason);
}

void Peer::refuse_frame(Environment& environment, Link& link) {
  environment.trace(index_of(TraceEvent::frame_refused), {link.peer.value});
  drop_link(environment, link, CloseReason::refused_frame);
}

// After the state of the file has changed.
void Peer::review_links(Environment& environment, const SharedFile& file) {
  const Context context = context_of(environment);
  for (Link& link : links_) {
    if (link.file != file.number || !link.is_open()) continue;
    if (is_superfluous(link, file)) {
      drop_link(environment, link, CloseReason::done);
    } else if (link.interested && !file.download) {
      tell_interest(context, link, false);
    } else {
      update_interest(context, link, file.download.has_value());
    }
  }
}

void Peer::look_after_links(Environment& environment) {
  for (Link& link : links_)
    if (const auto reason = overdue(link, environment.now())) drop_link(environment, link, *reason);
}

}  // namespace peerbed::swarm
