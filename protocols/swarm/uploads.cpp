// Serving others: blocks in the order they were asked for, only so many at once in the network's hands that a cancelled
// one need not be sent, within the upload limit.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

constexpr std::uint32_t bytes_suggested = 512 * 1024;  // ahead of what is fetched, and two pieces at least
constexpr std::uint32_t blocks_in_network = 2;         // of each stream

}  // namespace

void Peer::handle_request(Environment& environment, Link& link, const Frame& frame) {
  SharedFile* file = file_numbered(link.file);
  if (file == nullptr || !file->has_manifest()) return refuse_frame(environment, link);
  if (link.peer_choked || link.unseen_chokes > 0) return;  // it crossed with the choke, which voids it
  const Geometry& geometry = file->geometry();
  const bool is_sane = frame.piece < geometry.pieces() && frame.size > 0 && frame.size <= largest_block &&
                       frame.offset < geometry.size_of(frame.piece) &&
                       frame.size <= geometry.size_of(frame.piece) - frame.offset;
  if (!is_sane || link.queue.size() >= maximum_requests) return refuse_frame(environment, link);
  if (!file->map.verified().test(frame.piece))
    return say(environment, link, Frame{FrameKind::reject, frame.piece, frame.offset, frame.size});
  link.last_asked = environment.now();
  link.queue.push_back({frame.piece, frame.offset, frame.size});
  if (frame.offset == 0) note_given(environment, *file, link, frame.piece);
  if (std::find(uploading_.begin(), uploading_.end(), link.stream) == uploading_.end())
    uploading_.insert(link.turn > 0 ? uploading_.begin() : uploading_.end(), link.stream);
  serve(environment);
}

void Peer::handle_cancel(Environment& environment, Link& link, const Frame& frame) {
  const Block block{frame.piece, frame.offset, frame.size};
  const auto place = std::find(link.queue.begin(), link.queue.end(), block);
  if (place == link.queue.end()) return;  // it is under way, or was choked
  link.queue.erase(place);
  say(environment, link, Frame{FrameKind::reject, frame.piece, frame.offset, frame.size});
}

void Peer::handle_manifest_query(Environment& environment, Link& link) {
  const SharedFile* file = file_numbered(link.file);
  if (file == nullptr || link.manifest_sent) return refuse_frame(environment, link);
  // Whoever had it may have lost it since it said so.
  if (!file->has_manifest()) return say(environment, link, Frame{.kind = FrameKind::manifest, .size = 0});
  link.manifest_sent = true;
  say(environment, link, Frame{.kind = FrameKind::manifest, .size = file->manifest_size});
  environment.send_content(link.stream, file->manifest_range());
}

// A piece that has begun is finished before another stream's begins: its receiver can pass it on that much sooner.
void Peer::serve(Environment& environment) {
  if (upload_timer_armed_) return;
  for (std::size_t i = 0; i < uploading_.size();) {
    Link* link = links_.find(uploading_[i]);
    if (link == nullptr || link->queue.empty()) {
      uploading_.erase(uploading_.begin() + static_cast<std::ptrdiff_t>(i));
    } else if (link->in_network >= blocks_in_network) {
      ++i;
    } else if (!upload_tokens_.may_spend(environment.now())) {
      upload_timer_armed_ = true;
      return environment.set_timer(upload_timer, upload_tokens_.wait());
    } else if (send_block(environment, *link)) {
      std::rotate(uploading_.begin() + static_cast<std::ptrdiff_t>(i),
                  uploading_.begin() + static_cast<std::ptrdiff_t>(i) + 1, uploading_.end());
    }
  }
}

// The next block of the stream. Returns whether its turn is over.
bool Peer::send_block(Environment& environment, Link& link) {
  const SharedFile& file = *file_numbered(link.file);
  const Block block = link.queue.front();
  link.queue.erase(link.queue.begin());
  ++link.in_network;
  link.sent += block.size;
  link.turn += block.size;
  uploaded_ += block.size;
  upload_tokens_.spend(block.size);
  tell_pieces(context_of(environment), link, file);  // it costs no packet of its own here
  say(environment, link, Frame{FrameKind::block, block.piece, block.offset, block.size});
  environment.send_content(link.stream,
                           {file.key(Part::data), file.geometry().offset_of(block.piece) + block.offset, block.size});
  const std::uint32_t piece_size = file.geometry().size_of(block.piece);
  if (block.offset + block.size < piece_size && link.turn < piece_size) return false;
  link.turn = 0;
  return true;
}

// A peer that has everything spreads what is rarest among those it knows, each piece once before it repeats one, by
// always having a few suggestions open. With a single receiver there is nothing to spread.
void Peer::suggest(Environment& environment, SharedFile& file, Link& link) {
  if (!options_->suggest_pieces || file.state != State::complete || !link.is_open()) return;
  if (link.peer_choked || !link.theirs.is_known()) return;
  const auto others = std::count_if(links_.begin(), links_.end(), [&](const Link& other) {
    return other.file == file.number && other.peer_interested && other.stage != Link::Stage::closed;
  });
  if (others < 2) return;
  withdraw_suggestions(file, link, false);
  if (is_turn_over(environment, link)) return;
  const std::size_t most =
      std::clamp<std::size_t>(bytes_suggested / file.geometry().piece_size, 2, link.advised.size());
  while (link.advised_count < most) {
    const auto piece = least_spread(environment, file, link);
    if (!piece) return;
    if (file.given[*piece] < UINT16_MAX) ++file.given[*piece];
    link.advised[link.advised_count++] = *piece;
    say(environment, link, Frame{.kind = FrameKind::suggest, .piece = *piece});
  }
}

// What was suggested and not fetched here was not given: all of it, or what the other side has got elsewhere.
void Peer::withdraw_suggestions(SharedFile& file, Link& link, bool all) noexcept {
  std::uint8_t kept = 0;
  for (std::uint8_t i = 0; i < link.advised_count; ++i) {
    const std::uint32_t piece = link.advised[i];
    if (!all && !link.theirs.has(piece)) {
      link.advised[kept++] = piece;
    } else if (file.given[piece] > 0) {
      --file.given[piece];
    }
  }
  link.advised_count = kept;
}

// Pieces whose last block was not sent were not given.
void Peer::withdraw_queue(SharedFile& file, const Link& link) noexcept {
  for (const Block& block : link.queue) {
    const bool ends_piece = block.offset + block.size == file.geometry().size_of(block.piece);
    if (ends_piece && file.given[block.piece] > 0) --file.given[block.piece];
  }
}

// Among those that the other side lacks: the piece that the fewest have or were given, from a drawn place on.
std::optional<std::uint32_t> Peer::least_spread(Environment& environment, const SharedFile& file, const Link& link) {
  const std::uint32_t pieces = file.geometry().pieces();
  const auto start = static_cast<std::uint32_t>(environment.draw_below(draw_give, pieces));
  std::optional<std::uint32_t> best;
  unsigned least = UINT32_MAX;
  for (std::uint32_t i = 0; i < pieces && least > 0; ++i) {
    const std::uint32_t piece = start + i < pieces ? start + i : start + i - pieces;
    const unsigned spread = unsigned{file.given[piece]} + file.availability[piece];
    if (spread >= least || link.theirs.has(piece)) continue;
    least = spread;
    best = piece;
  }
  return best;
}

// The other side begins to fetch a piece: a suggestion that it follows makes room for the next.
void Peer::note_given(Environment& environment, SharedFile& file, Link& link, std::uint32_t piece) {
  const auto end = link.advised.begin() + link.advised_count;
  const auto place = std::find(link.advised.begin(), end, piece);
  if (place != end) {
    std::copy(place + 1, end, place);
    --link.advised_count;
  } else if (file.given[piece] < UINT16_MAX) {
    ++file.given[piece];
  }
  suggest(environment, file, link);
}

}  // namespace peerbed::swarm
