// What is asked of sources, and what becomes of it. A request is a claim on its block, from when it is sent until its
// answer has come or is waited for no more: claim() and release() are the only ways in and out, and each copy of a
// block that comes to nothing releases it, so that somebody else is asked.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

ContentRange range_of(const SharedFile& file, const Block& block) noexcept {
  return {file.key(Part::data), file.geometry().offset_of(block.piece) + block.offset, block.size};
}

}  // namespace

void Peer::request(Environment& environment, SharedFile& file, Link& link, const Block& block) {
  const bool alone = link.outstanding == 0;
  if (alone) link.last_progress = environment.now();
  link.requests.push_back({.block = block, .sent = environment.now(), .alone = alone});
  file.map.claim(block);
  link.outstanding += block.size;
  download_tokens_.spend(block.size);
  say(environment, link, Frame{FrameKind::request, block.piece, block.offset, block.size});
}

void Peer::claim(SharedFile& file, Request& request) {
  if (!request.released) return;
  request.released = false;
  file.map.claim(request.block);
}

void Peer::release(SharedFile& file, Request& request) {
  if (request.released) return;
  request.released = true;
  file.map.release(request.block);
  const bool has_ranges = file.download && !file.download->fragments.empty();
  if (has_ranges && file.map.is_free(request.block)) reopen_fragment(file, request.block);
}

// ---------------------------------------------------------------------------------------------------------------------
// What will not come

// After a choke or the end of the stream nothing that was asked will come, but for the block that is arriving.
void Peer::void_requests(SharedFile& file, Link& link) {
  for (Request& request : link.requests) release(file, request);
  link.requests.clear();
  if (link.receiving && link.stage == Link::Stage::closed) end_receiving(file, link);
  link.outstanding = link.receiving ? link.receiving->block.size : 0;
  link.stalled = false;
  disown(file, link);
  leave_fragments(file, link);
}

// What a source was to fetch as a whole is anybody's. Of a piece that one alone is to send nothing that came counts any
// more, nor what is to come.
void Peer::disown(SharedFile& file, Link& link) {
  for (Request& request : link.requests) {
    const OpenPiece* piece = file.map.find(request.block.piece);
    if (piece != nullptr && piece->lone && piece->owner == link.stream) release(file, request);
  }
  file.map.disown(link.stream);
}

// The block that was arriving is here, or will never be.
void Peer::end_receiving(SharedFile& file, Link& link) {
  if (!link.to_scratch) file.map.end_arrival(link.receiving->block);
  release(file, *link.receiving);
  link.receiving.reset();
}

void Peer::cancel_elsewhere(Environment& environment, SharedFile& file, const Link& link, const Block& block) {
  for (Link& other : links_) {
    if (other.file != link.file || &other == &link || other.stage == Link::Stage::closed) continue;
    for (Request& request : other.requests) {
      if (request.block != block) continue;
      release(file, request);
      say(environment, other, Frame{FrameKind::cancel, block.piece, block.offset, block.size});
    }
  }
}

// Of a piece that is to be closed nobody owes a block.
void Peer::cancel_piece(Environment& environment, SharedFile& file, std::uint32_t piece) {
  const OpenPiece* open = file.map.find(piece);
  if (open == nullptr || open->claims.any() == 0) return;
  for (Link& link : links_) {
    if (link.file != file.number || link.stage == Link::Stage::closed) continue;
    if (link.receiving && link.receiving->block.piece == piece) release(file, *link.receiving);
    for (Request& request : link.requests) {
      if (request.block.piece != piece || request.released) continue;
      release(file, request);
      say(environment, link, Frame{FrameKind::cancel, piece, request.block.offset, request.block.size});
    }
  }
}

void Peer::handle_reject(Environment& environment, Link& link, const Frame& frame) {
  const Block block{frame.piece, frame.offset, frame.size};
  SharedFile* file = file_numbered(link.file);
  const auto place = std::find_if(link.requests.begin(), link.requests.end(),
                                  [&](const Request& request) { return request.block == block; });
  if (place == link.requests.end() || file == nullptr) return;  // it crossed with a choke
  const bool was_expected = !place->released;
  release(*file, *place);
  link.requests.erase(place);
  link.outstanding -= block.size;
  link.stalled = false;                                  // it lives, and may be asked for something else
  if (was_expected && link.theirs.clear(block.piece)) {  // so it does not have the piece after all
    --link.theirs_count;
    --file->availability[block.piece];
    if (!file->map.verified().test(block.piece)) --link.wanted;
    disown(*file, link);
    leave_fragments(*file, link);
    update_interest(environment, link);
  }
  request_blocks(environment, *file, link);
}

// ---------------------------------------------------------------------------------------------------------------------
// What comes

void Peer::handle_block(Environment& environment, Link& link, const Frame& frame) {
  const Block block{frame.piece, frame.offset, frame.size};
  SharedFile* file = file_numbered(link.file);
  const auto place = std::find_if(link.requests.begin(), link.requests.end(),
                                  [&](const Request& request) { return request.block == block; });
  if (file == nullptr || place == link.requests.end()) return refuse_frame(environment, link);
  if (place->alone) link.round_trip = std::min(link.round_trip, environment.now() - place->sent);
  link.receiving = *place;
  link.requests.erase(place);
  link.to_scratch = true;  // until it is known where it goes
  link.to_scratch = !is_welcome(environment, *file, link, block);
  if (link.to_scratch) {
    release(*file, *link.receiving);  // somebody else may be asked for what this copy is no good for
  } else {
    claim(*file, *link.receiving);
    file->map.begin_arrival(block);
  }
  environment.receive_content(link.stream,
                              link.to_scratch ? ContentRange{scratch_key, 0, block.size} : range_of(*file, block));
  await_frame(environment, link);
}

// Whether a block that begins to arrive goes to its place. Never two sources write there at once, and nobody after the
// block is whole: what was verified would not stay so.
bool Peer::is_welcome(Environment& environment, SharedFile& file, const Link& link, const Block& block) {
  if (!file.download || !file.map.is_missing(block)) return false;
  const OpenPiece& piece = *file.map.find(block.piece);
  if (piece.lone && piece.owner != link.stream) return false;
  if (!file.map.is_arriving(block)) return true;
  for (Link& other : links_) {
    const bool competes = &other != &link && other.file == link.file && other.stage != Link::Stage::closed &&
                          other.receiving && !other.to_scratch && other.receiving->block == block;
    if (!competes) continue;
    const Duration here = link.pace.time_for(block.size) + options_->request_margin;
    if (environment.now() - other.last_progress < 2 * here || !file.map.overtake(block)) return false;
    drop_link(environment, other, CloseReason::overtaken);
  }
  return file.map.is_missing(block) && !file.map.is_arriving(block);
}

// All of a block is here, though the disk may not have taken it.
void Peer::handle_block_received(Environment& environment, Link& link, const StreamEvent& event) {
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr) return;
  if (link.receiving_manifest) return handle_manifest_received(environment, link, *file, event);
  if (!link.receiving) return;
  const bool kept = event.kind == StreamEventKind::content_received;
  const Request request = *link.receiving;
  note_delivery(environment, *file, link, request);
  const OpenPiece* piece = file->map.find(request.block.piece);
  const bool counts = file->download && !link.to_scratch && file->map.is_missing(request.block) &&
                      (!piece->lone || piece->owner == link.stream);
  if (counts && kept) keep(environment, *file, link, request.block);
  end_receiving(*file, link);
  if (!file->download) return;
  if (counts && !kept) return fail_download(environment, *file, "the disk does not take it" + reason_in(event.bytes));
  if (!counts) waste(environment, *file, link, request.block.size);
  if (link.stalled) revive(*file, link);
  request_blocks(environment, *file, link);
}

void Peer::note_delivery(Environment& environment, SharedFile& file, Link& link, const Request& request) {
  const Time now = environment.now();
  const Time begun = request.alone ? std::min(now, request.sent + link.round_trip) : link.last_progress;
  link.pace.add(request.block.size, std::max<Duration>(now - begun, std::chrono::microseconds(1)));
  link.last_progress = now;
  link.outstanding -= request.block.size;
  if (link.received == 0)
    if (Source* source = source_at(file, link.peer)) source->failures = 0;
  link.received += request.block.size;
  downloaded_ += request.block.size;
  if (!file.download) return;
  Download& download = *file.download;
  download.received += request.block.size;
  download.longest_stall = std::max(download.longest_stall, now - download.last_byte);
  download.last_byte = now;
}

void Peer::keep(Environment& environment, SharedFile& file, Link& link, const Block& block) {
  file.download->kept += block.size;
  file.download->note_progress(environment.now());
  const bool doubled = file.map.is_doubled(block);
  if (file.map.receive(block, link.peer))
    environment.hash_content(
        {file.key(Part::data), file.geometry().offset_of(block.piece), file.geometry().size_of(block.piece)});
  if (doubled) cancel_elsewhere(environment, file, link, block);
}

void Peer::waste(Environment& environment, SharedFile& file, const Link& link, std::uint64_t bytes) {
  file.download->duplicates += bytes;
  environment.trace(index_of(TraceEvent::block_wasted), {short_id(file.root), link.peer.value, bytes});
}

}  // namespace peerbed::swarm
