// The original division of work: n equal ranges of ceil(size / n), rounded up to whole blocks, one for each source that
// is there at the beginning. The range of a source that fails is fetched anew, whole, when the others are done; when
// that fails too, what has come of it stays. A range whose source cannot go on is another's.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

bool is_asked_for(const Fragment& fragment) noexcept { return fragment.next == fragment.end; }

}  // namespace

// Once every known source is ready, or has had its time. Without a whole one the ranges are anybody's.
void Peer::divide(Environment& environment, SharedFile& file) {
  Download& download = *file.download;
  const Time now = environment.now();
  std::vector<StreamId> ready;
  std::uint64_t others = 0;
  for (const Link& link : links_) {
    if (link.file != file.number || link.stage == Link::Stage::closed) continue;
    const bool is_whole = link.theirs.size() > 0 && link.theirs_count == link.theirs.size();
    if (link.is_open() && is_whole && !link.choked) {
      ready.push_back(link.stream);
    } else {
      ++others;
    }
  }
  if (download.divide_at == Time{}) download.divide_at = now + options_->connect_timeout;
  if (others == 0 && !ready.empty()) return divide_among(file, ready.size(), ready);
  if (now < download.divide_at) return;
  if (!ready.empty()) return divide_among(file, ready.size(), ready);
  if (now >= download.divide_at + 2 * options_->connect_timeout)
    divide_among(file, std::max<std::uint64_t>(others, 1), {});
}

void Peer::divide_among(SharedFile& file, std::uint64_t count, std::span<const StreamId> owners) {
  auto& fragments = file.download->fragments;
  const std::uint64_t blocks = file.map.blocks();
  const std::uint64_t step = (blocks + count - 1) / count;
  for (std::uint64_t begin = 0; begin < blocks; begin += step) {
    const std::size_t index = fragments.size();
    fragments.push_back({.begin = begin,
                         .end = std::min(begin + step, blocks),
                         .next = begin,
                         .owner = index < owners.size() ? owners[index] : StreamId{},
                         .lost = owners.empty(),
                         .afresh = owners.empty()});
  }
}

// A block that was asked for will not come: its range goes on from there.
void Peer::reopen_fragment(SharedFile& file, const Block& block) {
  const std::uint64_t number = file.map.number_of(block);
  for (Fragment& fragment : file.download->fragments)
    if (number >= fragment.begin && number < fragment.next) fragment.next = number;
}

// A piece is to be fetched again, all of it.
void Peer::reopen_fragments(SharedFile& file, std::uint32_t piece) {
  const std::uint64_t first = file.map.number_of(Block{piece, 0, 0});
  const std::uint64_t last = file.map.number_of(Block{piece, file.geometry().size_of(piece) - 1, 0});
  for (Fragment& fragment : file.download->fragments)
    if (first < fragment.next && last >= fragment.begin) fragment.next = std::max(first, fragment.begin);
}

// The first block of a range that nobody has been asked for and that the source has.
std::optional<Block> Peer::next_in(SharedFile& file, Fragment& fragment, const Link& link) {
  while (!is_asked_for(fragment) && !file.map.is_free(file.map.block_at(fragment.next))) ++fragment.next;
  for (std::uint64_t number = fragment.next; number < fragment.end; ++number) {
    const Block block = file.map.block_at(number);
    if (link.theirs.test(block.piece) && file.map.is_free(block)) return block;
  }
  return std::nullopt;
}

std::optional<Block> Peer::choose_in_fragment(Environment& environment, SharedFile& file, Link& link) {
  auto& fragments = file.download->fragments;
  if (fragments.empty()) divide(environment, file);
  if (const auto block = choose_lone(file, link)) return block;
  for (Fragment& fragment : fragments) {
    if (fragment.owner != link.stream) continue;
    if (const auto block = next_in(file, fragment, link)) return block;
  }
  if (!link.is_asked()) leave_fragments(file, link);  // it has nothing more of them
  const bool first_round = std::any_of(fragments.begin(), fragments.end(), [](const Fragment& fragment) {
    return !fragment.lost && !is_asked_for(fragment);
  });
  if (first_round) return std::nullopt;
  for (Fragment& fragment : fragments) {
    if (fragment.owner != StreamId{}) continue;
    const auto block = next_in(file, fragment, link);
    if (!block) continue;
    fragment.owner = link.stream;
    return block;
  }
  return std::nullopt;
}

// A source cannot go on with its ranges for now: what is left of them is anybody's.
void Peer::leave_fragments(SharedFile& file, const Link& link) {
  if (!file.download) return;
  for (Fragment& fragment : file.download->fragments) {
    if (fragment.owner != link.stream || is_asked_for(fragment)) continue;
    fragment.owner = StreamId{};
    fragment.lost = true;
  }
}

void Peer::lose_fragments(Environment& environment, SharedFile& file, const Link& link) {
  for (Fragment& fragment : file.download->fragments) {
    if (fragment.owner != link.stream) continue;
    const bool is_here = is_asked_for(fragment) && link.outstanding == 0;
    if (is_here) continue;
    if (!fragment.afresh)
      for (std::uint64_t number = fragment.begin; number < fragment.next; ++number)
        forget_block(environment, file, file.map.block_at(number));
    fragment.next = fragment.begin;
    fragment.owner = StreamId{};
    fragment.lost = fragment.afresh = true;
  }
}

void Peer::forget_block(Environment& environment, SharedFile& file, const Block& block) {
  const OpenPiece* piece = file.map.find(block.piece);
  if (piece != nullptr && piece->hashing) return;  // all of it is here
  if (!file.map.is_missing(block)) file.download->duplicates += block.size;
  if (!file.map.forget(block)) return;
  for (Link& other : links_) {
    const bool has_it =
        other.file == file.number && other.is_open() && other.theirs.size() > 0 && other.theirs.test(block.piece);
    if (!has_it) continue;
    ++other.wanted;
    update_interest(environment, other);
  }
}

}  // namespace peerbed::swarm
