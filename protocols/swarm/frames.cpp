// What arrives on streams, frame by frame. The other side is not trusted: a frame that is damaged, absurd or out of
// place ends the stream. What an honest peer says never does.

#include <algorithm>
#include <bit>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

void Peer::await_frame(Environment& environment, Link& link) {
  link.awaiting = Link::Awaiting::frame;
  environment.receive_bytes(link.stream, frame_size);
}

void Peer::await_body(Environment& environment, Link& link, const Frame& frame, std::size_t size) {
  link.awaiting = frame.kind == FrameKind::hello ? Link::Awaiting::hello_body : Link::Awaiting::pieces_body;
  link.announced = frame;
  environment.receive_bytes(link.stream, size);
}

void Peer::handle_bytes(Environment& environment, Link& link, Bytes bytes) {
  switch (link.awaiting) {
    case Link::Awaiting::frame: {
      const auto frame = decode_frame(bytes);
      const bool in_place = frame && (frame->kind == FrameKind::goodbye ||
                                      (frame->kind == FrameKind::hello) == (link.stage == Link::Stage::greeting));
      return in_place ? handle_frame(environment, link, *frame) : refuse_frame(environment, link);
    }
    case Link::Awaiting::hello_body: {
      const auto hello = decode_hello(bytes);
      return hello ? handle_hello(environment, link, *hello) : refuse_frame(environment, link);
    }
    case Link::Awaiting::pieces_body:
      return handle_pieces(environment, link, bytes);
  }
}

void Peer::handle_frame(Environment& environment, Link& link, const Frame& frame) {
  switch (frame.kind) {
    case FrameKind::hello:
      if (frame.size != hello_size) return refuse_frame(environment, link);
      return await_body(environment, link, frame, hello_size);
    case FrameKind::pieces:
      if (link.has_manifest || frame.size > maximum_pieces_body) return refuse_frame(environment, link);
      if (frame.size > 0) return await_body(environment, link, frame, frame.size);
      link.announced = frame;
      return handle_pieces(environment, link, {});
    case FrameKind::block:
      return handle_block(environment, link, frame);
    case FrameKind::manifest:
      return handle_manifest(environment, link, frame);
    case FrameKind::have:
      for (const std::uint32_t piece : {frame.piece, frame.offset, frame.size})
        if (piece != no_piece && link.stage != Link::Stage::closed) handle_have(environment, link, piece);
      if (SharedFile* file = file_numbered(link.file)) {
        request_blocks(environment, *file, link);
        suggest(environment, *file, link);
      }
      break;
    case FrameKind::interested:
      link.peer_interested = true;
      fill_slots(environment);
      break;
    case FrameKind::not_interested:
      link.peer_interested = false;
      if (!link.peer_choked) set_choked(environment, link, true);
      fill_slots(environment);
      break;
    case FrameKind::unchoke:
      link.choked = false;
      if (SharedFile* file = file_numbered(link.file)) request_blocks(environment, *file, link);
      lose_interest(environment, link);
      break;
    case FrameKind::choke:
      link.choked = true;
      link.suggestions = 0;
      if (SharedFile* file = file_numbered(link.file)) {
        void_requests(*file, link);
        if (file->state == State::downloading) request_blocks(environment, *file);
      }
      say(environment, link, Frame{.kind = FrameKind::choke_seen});
      break;
    case FrameKind::choke_seen:
      if (link.unseen_chokes == 1) link.answer_time = environment.now() - link.choked_at;
      if (link.unseen_chokes > 0) --link.unseen_chokes;
      break;
    case FrameKind::request:
      handle_request(environment, link, frame);
      break;
    case FrameKind::cancel:
      handle_cancel(environment, link, frame);
      break;
    case FrameKind::reject:
      handle_reject(environment, link, frame);
      break;
    case FrameKind::manifest_query:
      handle_manifest_query(environment, link);
      break;
    case FrameKind::suggest:
      link.spreads = true;
      link.last_suggested = environment.now();
      if (link.suggestions < link.suggested.size()) link.suggested[link.suggestions++] = frame.piece;
      if (SharedFile* file = file_numbered(link.file)) request_blocks(environment, *file, link);
      break;
    case FrameKind::goodbye:
      return handle_goodbye(environment, link, close_reason_of(frame.piece));
  }
  if (link.stage != Link::Stage::closed) await_frame(environment, link);
}

void Peer::handle_pieces(Environment& environment, Link& link, Bytes body) {
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr || codec::check_of(body) != link.announced.offset) return refuse_frame(environment, link);
  link.has_manifest = true;
  if (!file->has_manifest()) {
    link.raw_pieces.assign(body.begin(), body.end());
    ask_manifest(environment, *file);
    return await_frame(environment, link);
  }
  if (!take_pieces(link, *file, body)) return refuse_frame(environment, link);
  if (is_superfluous(link, *file)) return drop_link(environment, link, CloseReason::done);
  update_interest(environment, link);
  request_blocks(environment, *file, link);
  await_frame(environment, link);
}

// False when the bytes do not fit the manifest.
bool Peer::take_pieces(Link& link, SharedFile& file, Bytes body) {
  Bitfield theirs(file.geometry().pieces());
  if (!theirs.decode(body)) return false;
  link.theirs = std::move(theirs);
  link.theirs_count = static_cast<std::uint32_t>(link.theirs.count());
  link.wanted = 0;
  for (std::size_t w = 0; w < link.theirs.words(); ++w) {
    link.wanted += static_cast<std::uint32_t>(std::popcount(link.theirs.word(w) & ~file.map.verified().word(w)));
    for (std::uint64_t rest = link.theirs.word(w); rest != 0; rest &= rest - 1)
      ++file.availability[64 * w + static_cast<std::size_t>(std::countr_zero(rest))];
  }
  return true;
}

void Peer::handle_have(Environment& environment, Link& link, std::uint32_t piece) {
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr || !link.has_manifest) return refuse_frame(environment, link);
  if (!file->has_manifest()) {
    if (piece / 8 >= link.raw_pieces.size()) return refuse_frame(environment, link);
    link.raw_pieces[piece / 8] |= static_cast<std::byte>(0x80U >> (piece % 8));
    return;
  }
  if (piece >= file->geometry().pieces()) return refuse_frame(environment, link);
  if (!link.theirs.set(piece)) return;
  ++link.theirs_count;
  ++file->availability[piece];
  if (is_superfluous(link, *file)) return drop_link(environment, link, CloseReason::done);
  if (file->map.verified().test(piece)) return;
  ++link.wanted;
  update_interest(environment, link);
}

// Interest is told at once; that it is over, when the other side gives a slot for nothing, or after a while: among
// peers that have much the same it comes and goes with every piece.
void Peer::update_interest(Environment& environment, Link& link) {
  if (link.interested || link.wanted == 0) return;
  const SharedFile* file = file_numbered(link.file);
  if (file != nullptr && file->download) tell_interest(environment, link, true);
}

void Peer::lose_interest(Environment& environment, Link& link) {
  const bool is_known = link.theirs.size() > 0;  // what there is to want
  if (link.interested && is_known && link.wanted == 0 && !link.is_asked()) tell_interest(environment, link, false);
}

void Peer::tell_interest(Environment& environment, Link& link, bool interested) {
  link.interested = interested;
  say(environment, link, Frame{.kind = interested ? FrameKind::interested : FrameKind::not_interested});
}

}  // namespace peerbed::swarm
