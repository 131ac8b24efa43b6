// Asking sources for blocks. Each source is asked for the next blocks as it delivers, so much ahead that its link never
// runs dry, and so shares follow the measured rates by themselves. A block of a silent source goes to others.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

constexpr std::uint64_t first_outstanding = 8;  // blocks asked of a source whose pace is not known yet
constexpr unsigned requests_together = 4;
constexpr Duration suggestion_patience = std::chrono::milliseconds(500);
constexpr Duration longest_patience = std::chrono::seconds(30);

// How long it takes until a source has delivered so many more bytes, as far as one can tell.
Duration expected_wait(const Link& link, std::uint64_t bytes, Time now) noexcept {
  return std::max(link.pace.time_for(bytes), now - link.last_progress);
}

ContentRange range_of(const SharedFile& file, const Block& block) noexcept {
  return {file.key(Part::data), file.geometry().offset_of(block.piece) + block.offset, block.size};
}

}  // namespace

void Peer::fill(Environment& environment, SharedFile& file) {
  for (Link& link : links_)
    if (link.file == file.number) fill(environment, file, link);
}

void Peer::fill(Environment& environment, SharedFile& file, Link& link) {
  if (file.state != State::downloading || !file.download) return;
  if (!link.is_open() || link.choked || link.stalled || link.theirs.size() == 0) return;
  const std::uint64_t target = target_outstanding(file, link);
  // Several requests in one packet cost no more than one.
  const std::uint64_t batch =
      std::min<std::uint64_t>(target / 4, std::uint64_t{requests_together} * file.map.block_size());
  if (link.outstanding + batch > target && !file.map.is_ending()) return;
  while (link.outstanding < target && link.requests.size() < maximum_requests) {
    if (!download_tokens_.may_spend(environment.now()))
      return environment.set_timer(download_timer, download_tokens_.wait());
    const auto block = choose_block(environment, file, link);
    if (!block) return;
    request(environment, link, *block);
  }
}

// Twice what the source delivers in a round trip and a margin: while the pipe is what limits the pace, it doubles.
std::uint64_t Peer::target_outstanding(const SharedFile& file, const Link& link) const noexcept {
  const std::uint64_t block = file.map.block_size();
  if (!link.pace.is_known())
    return block *
           std::clamp<std::uint64_t>(first_outstanding, options_->least_outstanding, options_->most_outstanding);
  const Duration round_trip = link.round_trip == Duration::max() ? options_->request_margin : link.round_trip;
  const auto milliseconds = static_cast<std::uint64_t>((round_trip + options_->request_margin).count()) / 1'000'000;
  const std::uint64_t bytes = 2 * link.pace.rate() / 1000 * std::min<std::uint64_t>(milliseconds, 10'000);
  return std::clamp(bytes, block * options_->least_outstanding, block * options_->most_outstanding);
}

// A source that spreads the file says what it gives. One that has gone silent does not.
bool Peer::is_led(Environment& environment, const Link& link) noexcept {
  const Time last = std::max(link.last_suggested, link.last_progress);
  return link.spreads && (link.is_asked() || environment.now() - last < suggestion_patience);
}

// In this order: the rest of the piece that this source is at; a new piece; what is left of others' pieces; at the very
// end, blocks that others are slow with.
std::optional<Block> Peer::choose_block(Environment& environment, SharedFile& file, Link& link) {
  if (options_->division == Division::fragment) return choose_in_fragment(environment, file, link);
  for (OpenPiece& piece : file.map.open_pieces())
    if (piece.owner == link.stream && !piece.hashing)
      if (const auto block = file.map.next_block(piece)) return block;
  if (const auto block = choose_suggested(file, link)) return block;
  if (is_led(environment, link) && !file.map.is_ending()) return std::nullopt;
  if (const auto block = choose_rarest(environment, file, link)) return block;
  for (OpenPiece& piece : file.map.open_pieces()) {
    if (piece.hashing || !link.theirs.test(piece.piece)) continue;
    if (piece.lone) {
      if (piece.owner != StreamId{}) continue;
      piece.owner = link.stream;
    }
    if (const auto block = file.map.next_block(piece)) return block;
  }
  if (!link.requests.empty() || link.receiving || !file.map.is_ending()) return std::nullopt;
  const auto duplicate = choose_duplicate(environment.now(), file, link);
  if (duplicate) file.map.mark_doubled(*duplicate);
  return duplicate;
}

// What the source would rather give. It may have begun to, and been interrupted.
std::optional<Block> Peer::choose_suggested(SharedFile& file, Link& link) {
  while (link.suggestions > 0) {
    const std::uint32_t piece = link.suggested[0];
    std::copy(link.suggested.begin() + 1, link.suggested.end(), link.suggested.begin());
    --link.suggestions;
    if (piece >= link.theirs.size() || !link.theirs.test(piece)) continue;
    if (file.map.is_wanted(piece)) return file.map.next_block(file.map.open(piece, link.stream));
    OpenPiece* begun = file.map.find(piece);
    if (begun == nullptr || begun->hashing || begun->owner != StreamId{}) continue;
    begun->owner = link.stream;
    if (const auto block = file.map.next_block(*begun)) return block;
  }
  return std::nullopt;
}

// The rarest, from a drawn place on, so that equals differ in what they fetch.
std::optional<Block> Peer::choose_rarest(Environment& environment, SharedFile& file, Link& link) {
  if (link.wanted == 0) return std::nullopt;
  const auto start = static_cast<std::uint32_t>(environment.draw_below(draw_piece, file.geometry().pieces()));
  const auto rarest = file.map.rarest(link.theirs, file.availability, start);
  if (!rarest) return std::nullopt;
  return file.map.next_block(file.map.open(*rarest, link.stream));
}

// Whether a source brings so much in half of the time. One that has shown its pace, and not yet how far it is, is
// given the chance.
bool Peer::is_much_quicker(const Link& link, std::uint64_t size, Duration wait) noexcept {
  if (link.round_trip == Duration::max()) return link.pace.is_known();
  return wait / 2 > link.pace.time_for(size) + link.round_trip;
}

// The block whose present source needs longest for it, if this one is much quicker.
std::optional<Block> Peer::choose_duplicate(Time now, SharedFile& file, const Link& link) {
  std::optional<Block> chosen;
  Duration longest{};
  const auto consider = [&](const Link& other, const Request& request, std::uint64_t ahead) {
    const OpenPiece* piece = file.map.find(request.block.piece);
    if (request.released || piece == nullptr || piece->lone || !link.theirs.test(request.block.piece)) return;
    const Duration wait = expected_wait(other, ahead, now);
    if (wait <= longest || !is_much_quicker(link, request.block.size, wait)) return;
    if (copies(file, request.block) >= options_->endgame_copies) return;
    longest = wait;
    chosen = request.block;
  };
  for (const Link& other : links_) {
    if (other.file != file.number || &other == &link || other.stage == Link::Stage::closed) continue;
    std::uint64_t ahead = 0;
    if (other.receiving) consider(other, *other.receiving, ahead += other.receiving->block.size);
    for (const Request& request : other.requests) consider(other, request, ahead += request.block.size);
  }
  return chosen;
}

// From how many sources the block may still come.
std::size_t Peer::copies(const SharedFile& file, const Block& block) const noexcept {
  std::size_t count = 0;
  const auto counts = [&](const Request& request) { return !request.released && request.block == block; };
  for (const Link& link : links_) {
    if (link.file != file.number || link.stage == Link::Stage::closed) continue;
    count += link.receiving && !link.to_scratch && counts(*link.receiving) ? 1 : 0;
    count += static_cast<std::size_t>(std::count_if(link.requests.begin(), link.requests.end(), counts));
  }
  return count;
}

void Peer::request(Environment& environment, Link& link, const Block& block) {
  const bool alone = link.outstanding == 0;
  if (alone) link.last_progress = environment.now();
  link.requests.push_back({.block = block, .sent = environment.now(), .alone = alone});
  link.outstanding += block.size;
  download_tokens_.spend(block.size);
  environment.write_stream(link.stream, Frame{FrameKind::request, block.piece, block.offset, block.size});
}

// ---------------------------------------------------------------------------------------------------------------------
// What will not come

void Peer::release(SharedFile& file, Request& request) {
  if (request.released) return;
  request.released = true;
  if (copies(file, request.block) > 0) return;
  file.map.release(request.block);
  if (file.download) reopen_fragment(file, request.block);
}

// After a choke or the end of the stream nothing that was asked will come, but for the block that is arriving.
void Peer::void_requests(SharedFile& file, Link& link) {
  for (Request& request : link.requests) release(file, request);
  link.requests.clear();
  link.outstanding = link.receiving ? link.receiving->block.size : 0;
  if (link.receiving && link.stage == Link::Stage::closed) release(file, *link.receiving);
}

void Peer::cancel_elsewhere(Environment& environment, const Link& link, const Block& block) {
  for (Link& other : links_) {
    if (other.file != link.file || &other == &link || other.stage == Link::Stage::closed) continue;
    for (Request& request : other.requests) {
      if (request.block != block) continue;
      request.released = true;
      environment.write_stream(other.stream, Frame{FrameKind::cancel, block.piece, block.offset, block.size});
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
  if (was_expected && link.theirs.clear(block.piece)) {  // so it does not have the piece after all
    --link.theirs_count;
    --file->availability[block.piece];
    if (!file->map.verified().test(block.piece)) --link.wanted;
    file->map.disown(link.stream);
    update_interest(environment, link);
  }
  fill(environment, *file, link);
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
  link.to_scratch = false;
  link.to_scratch = !is_welcome(environment, *file, link, block);
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
  if (!file.map.is_doubled(block)) return true;
  for (Link& other : links_) {
    const bool competes = &other != &link && other.file == link.file && other.stage != Link::Stage::closed &&
                          other.receiving && !other.to_scratch && other.receiving->block == block;
    if (!competes) continue;
    const Duration here = link.pace.time_for(block.size) + options_->request_margin;
    if (environment.now() - other.last_progress < 2 * here) return false;
    drop_link(environment, other);
  }
  return file.map.is_missing(block);
}

// All of a block is here; `kept` says whether the disk took it.
void Peer::handle_block_received(Environment& environment, Link& link, bool kept) {
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr) return;
  if (link.receiving_manifest) return handle_manifest_received(environment, link, *file, kept);
  if (!link.receiving) return;
  const Time now = environment.now();
  const Request request = *link.receiving;
  link.receiving.reset();
  const Time begun = request.alone ? std::min(now, request.sent + link.round_trip) : link.last_progress;
  link.pace.add(request.block.size, std::max<Duration>(now - begun, std::chrono::microseconds(1)));
  link.last_progress = now;
  link.stalled = false;
  link.outstanding -= request.block.size;
  if (link.received == 0 && file->download)
    for (Source& source : file->download->sources)
      if (source.peer == link.peer) source.failures = 0;
  link.received += request.block.size;
  downloaded_ += request.block.size;
  if (!file->download) return;
  Download& download = *file->download;
  download.received += request.block.size;
  download.longest_stall = std::max(download.longest_stall, now - download.last_byte);
  download.last_byte = now;
  if (!kept && !link.to_scratch) {
    file->map.release(request.block);
    return fail_download(environment, *file, "the disk does not take it");
  }
  if (link.to_scratch || !file->map.is_missing(request.block)) {
    waste(environment, *file, link, request.block.size);
  } else {
    const bool doubled = file->map.is_doubled(request.block);
    if (file->map.receive(request.block, link.peer))
      environment.hash_content({file->key(Part::data), file->geometry().offset_of(request.block.piece),
                                file->geometry().size_of(request.block.piece)});
    if (doubled) cancel_elsewhere(environment, link, request.block);
  }
  fill(environment, *file, link);
}

void Peer::waste(Environment& environment, SharedFile& file, const Link& link, std::uint64_t bytes) {
  file.download->duplicates += bytes;
  environment.trace(index_of(TraceEvent::block_wasted), {short_id(file.root), link.peer.value, bytes});
}

// ---------------------------------------------------------------------------------------------------------------------
// Silence

void Peer::look_after_sources(Environment& environment, SharedFile& file) {
  Download& download = *file.download;
  const Time now = environment.now();
  bool is_hopeful = download.manifest_here;
  for (Link& link : links_) {
    if (link.file != file.number || !link.is_open()) continue;
    is_hopeful |= link.wanted > 0;
    if (!link.is_asked()) continue;
    const Duration pace = 4 * link.pace.time_for(file.map.block_size());
    const Duration patience =
        link.pace.is_known() ? std::max(options_->block_timeout, pace) : 5 * options_->block_timeout;
    const Duration silence = now - link.last_progress;
    if (silence >= 2 * std::min(patience, longest_patience)) {
      drop_link(environment, link);
    } else if (silence >= std::min(patience, longest_patience) && !link.stalled) {
      stall(environment, file, link);
    }
  }
  const bool manifest_is_late = download.manifest_from != StreamId{} && !download.manifest_here &&
                                now - download.manifest_asked >= 2 * options_->block_timeout;
  if (Link* late = manifest_is_late ? links_.find(download.manifest_from) : nullptr) drop_link(environment, *late);
  if (is_hopeful) download.last_hope = now;
  if (now - download.last_hope >= options_->give_up)
    return fail_download(environment, file, file.root.is_zero() ? "nobody offers it" : "nobody has what is missing");
  if (file.state == State::downloading) fill(environment, file);
}

// What was asked of a silent source is asked of others; if it comes first all the same, it counts.
void Peer::stall(Environment& environment, SharedFile& file, Link& link) {
  link.stalled = true;
  std::uint64_t bytes = 0;
  for (Request& request : link.requests) {
    if (!request.released) bytes += request.block.size;
    file.map.mark_doubled(request.block);
    release(file, request);
  }
  if (link.receiving) {
    file.map.mark_doubled(link.receiving->block);
    release(file, *link.receiving);
  }
  file.map.disown(link.stream);
  environment.trace(index_of(TraceEvent::ranges_reassigned), {short_id(file.root), link.peer.value, bytes});
}

}  // namespace peerbed::swarm
