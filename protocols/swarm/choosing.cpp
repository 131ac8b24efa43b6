// Which block a source is asked for next. Each is asked for more as it delivers, so much ahead that its link never runs
// dry, and so shares follow the measured rates by themselves.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

constexpr std::uint64_t first_outstanding = 8;  // blocks asked of a source whose pace is not known yet
constexpr unsigned requests_together = 4;
constexpr Duration suggestion_patience = std::chrono::milliseconds(500);

// How long it takes until a source has delivered so many more bytes, as far as one can tell.
Duration expected_wait(const Link& link, std::uint64_t bytes, Time now) noexcept {
  return std::max(link.pace.time_for(bytes), now - link.last_progress);
}

}  // namespace

void Peer::request_blocks(Environment& environment, SharedFile& file) {
  for (Link& link : links_)
    if (link.file == file.number) request_blocks(environment, file, link);
}

void Peer::request_blocks(Environment& environment, SharedFile& file, Link& link) {
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
    request(environment, file, link, *block);
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

// In fragment mode, all of a piece that failed its hash when several had sent it.
std::optional<Block> Peer::choose_lone(SharedFile& file, const Link& link) {
  for (const OpenPiece& piece : file.map.open_pieces())
    if (piece.lone && piece.owner == link.stream && !piece.hashing)
      if (const auto block = file.map.next_block(piece)) return block;
  const auto lone = file.map.lone_piece(link.theirs);
  if (!lone) return std::nullopt;
  OpenPiece* begun = file.map.find(*lone);
  OpenPiece& piece = begun != nullptr ? *begun : file.map.open(*lone, link.stream);
  piece.owner = link.stream;
  return file.map.next_block(piece);
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
    if (file.map.claims(request.block) >= options_->endgame_copies) return;
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

}  // namespace peerbed::swarm
