#include "protocols/swarm/exchange/block_choice.h"

#include <algorithm>
#include <vector>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

namespace {

constexpr std::uint64_t first_outstanding = 8;  // blocks asked of a source whose pace is not known yet
constexpr Duration suggestion_patience = std::chrono::milliseconds(500);

// How long it takes until a source has delivered so many more bytes, as far as one can tell.
Duration expected_wait(const Link& link, std::uint64_t bytes, Time now) noexcept {
  return std::max(link.requests.pace().time_for(bytes), now - link.requests.last_progress());
}

// A source that spreads the file says what it gives. One that has gone silent does not.
bool is_led(Time now, const Link& link) noexcept {
  const Time last = std::max(link.suggestions.last(), link.requests.last_progress());
  return link.suggestions.spreads() && (!link.requests.empty() || now - last < suggestion_patience);
}

// What the source would rather give. It may have begun to, and been interrupted.
std::optional<Block> choose_suggested(PieceMap& map, Link& link) {
  while (const auto piece = link.suggestions.take()) {
    if (*piece >= map.geometry().pieces() || !link.theirs.has(*piece)) continue;
    if (map.is_wanted(*piece)) return map.next_block(map.open(*piece, link.stream));
    OpenPiece* begun = map.find(*piece);
    if (begun == nullptr || begun->hashing || begun->owner != StreamId{}) continue;
    begun->owner = link.stream;
    if (const auto block = map.next_block(*begun)) return block;
  }
  return std::nullopt;
}

// In fragment mode, all of a piece that failed its hash when several had sent it.
std::optional<Block> choose_lone(PieceMap& map, const Link& link) {
  for (const OpenPiece& piece : map.open_pieces())
    if (piece.lone && piece.owner == link.stream && !piece.hashing)
      if (const auto block = map.next_block(piece)) return block;
  const auto lone = map.lone_piece(link.theirs.all());
  if (!lone) return std::nullopt;
  OpenPiece* begun = map.find(*lone);
  OpenPiece& piece = begun != nullptr ? *begun : map.open(*lone, link.stream);
  piece.owner = link.stream;
  return map.next_block(piece);
}

void divide(const Context& context, const LinkTable& links, SharedFile& file) {
  std::vector<StreamId> ready;
  std::uint64_t others = 0;
  for (const Link& link : links) {
    if (!link.serves(file.number)) continue;
    if (link.is_open() && link.theirs.is_whole() && !link.choked) {
      ready.push_back(link.stream);
    } else {
      ++others;
    }
  }
  file.download->fragments.divide(file.map, context.now(), context.options.connect_timeout, ready, others);
}

std::optional<Block> choose_in_fragment(const Context& context, const LinkTable& links, SharedFile& file, Link& link) {
  Fragments& fragments = file.download->fragments;
  if (fragments.empty()) divide(context, links, file);
  if (const auto block = choose_lone(file.map, link)) return block;
  return fragments.next(file.map, link.stream, link.theirs.all(), !link.requests.empty());
}

// The rarest, from a drawn place on, so that equals differ in what they fetch.
std::optional<Block> choose_rarest(Environment& environment, SharedFile& file, Link& link) {
  if (link.theirs.wanted() == 0) return std::nullopt;
  const auto start = static_cast<std::uint32_t>(environment.draw_below(draw_piece, file.geometry().pieces()));
  const auto rarest = file.map.rarest(link.theirs.all(), file.availability, start);
  if (!rarest) return std::nullopt;
  return file.map.next_block(file.map.open(*rarest, link.stream));
}

// Whether a source brings so much in half of the time. One that has shown its pace, and not yet how far it is, is
// given the chance.
bool is_much_quicker(const Link& link, std::uint64_t size, Duration wait) noexcept {
  const RateMeter& pace = link.requests.pace();
  if (link.requests.round_trip() == Duration::max()) return pace.is_known();
  return wait / 2 > pace.time_for(size) + link.requests.round_trip();
}

// The block whose present source needs longest for it, if this one is much quicker.
std::optional<Block> choose_duplicate(const Context& context, const LinkTable& links, const SharedFile& file,
                                      const Link& link) {
  std::optional<Block> chosen;
  Duration longest{};
  const auto consider = [&](const Link& other, const Request& request, std::uint64_t ahead) {
    const OpenPiece* piece = file.map.find(request.block.piece);
    if (request.released || piece == nullptr || piece->lone || !link.theirs.has(request.block.piece)) return;
    const Duration wait = expected_wait(other, ahead, context.now());
    if (wait <= longest || !is_much_quicker(link, request.block.size, wait)) return;
    if (file.map.claims(request.block) >= context.options.endgame_copies) return;
    longest = wait;
    chosen = request.block;
  };
  for (const Link& other : links) {
    if (!other.serves(file.number) || &other == &link) continue;
    std::uint64_t ahead = 0;
    if (const auto& receiving = other.requests.receiving()) consider(other, *receiving, ahead += receiving->block.size);
    for (const Request& request : other.requests.unanswered()) consider(other, request, ahead += request.block.size);
  }
  return chosen;
}

}  // namespace

std::uint64_t target_outstanding(const Options& options, const SharedFile& file, const Link& link) noexcept {
  const std::uint64_t block = file.map.block_size();
  const RateMeter& pace = link.requests.pace();
  if (!pace.is_known())
    return block * std::clamp<std::uint64_t>(first_outstanding, options.least_outstanding, options.most_outstanding);
  const Duration seen = link.requests.round_trip();
  const Duration round_trip = seen == Duration::max() ? options.request_margin : seen;
  const auto milliseconds = static_cast<std::uint64_t>((round_trip + options.request_margin).count()) / 1'000'000;
  const std::uint64_t bytes = 2 * pace.rate() / 1000 * std::min<std::uint64_t>(milliseconds, 10'000);
  return std::clamp(bytes, block * options.least_outstanding, block * options.most_outstanding);
}

std::optional<Block> choose_block(const Context& context, const LinkTable& links, SharedFile& file, Link& link) {
  PEERBED_CONTRACT(file.download && link.is_open() && link.theirs.is_known(), "a source of a download is asked");
  if (context.options.division == Division::fragment) return choose_in_fragment(context, links, file, link);
  for (OpenPiece& piece : file.map.open_pieces())
    if (piece.owner == link.stream && !piece.hashing)
      if (const auto block = file.map.next_block(piece)) return block;
  if (const auto block = choose_suggested(file.map, link)) return block;
  if (is_led(context.now(), link) && !file.map.is_ending()) return std::nullopt;
  if (const auto block = choose_rarest(context.environment, file, link)) return block;
  for (OpenPiece& piece : file.map.open_pieces()) {
    if (piece.hashing || !link.theirs.has(piece.piece)) continue;
    if (piece.lone) {
      if (piece.owner != StreamId{}) continue;
      piece.owner = link.stream;
    }
    if (const auto block = file.map.next_block(piece)) return block;
  }
  if (!link.requests.empty() || !file.map.is_ending()) return std::nullopt;
  const auto duplicate = choose_duplicate(context, links, file, link);
  if (duplicate) file.map.mark_doubled(*duplicate);
  return duplicate;
}

}  // namespace peerbed::swarm
