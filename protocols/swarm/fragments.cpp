// The original division of work: n equal ranges of ceil(size / n), rounded up to whole blocks, one for each source that
// is there at the beginning. The range of a source that fails is fetched anew, whole, when the others are done.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

bool is_asked_for(const Fragment& fragment) noexcept { return fragment.next == fragment.end; }

}  // namespace

// Once every known source is ready, or has had its time.
void Peer::divide(Environment& environment, SharedFile& file) {
  Download& download = *file.download;
  std::vector<StreamId> ready;
  bool all_ready = true;
  for (const Link& link : links_) {
    if (link.file != file.number || link.stage == Link::Stage::closed) continue;
    const bool is_whole = link.theirs.size() > 0 && link.theirs_count == link.theirs.size();
    if (link.is_open() && is_whole && !link.choked) {
      ready.push_back(link.stream);
    } else {
      all_ready = false;
    }
  }
  if (download.divide_at == Time{}) download.divide_at = environment.now() + options_->connect_timeout;
  if (ready.empty() || (!all_ready && environment.now() < download.divide_at)) return;
  const std::uint64_t blocks = file.map.blocks();
  const std::uint64_t step = (blocks + ready.size() - 1) / ready.size();
  for (std::uint64_t begin = 0; begin < blocks; begin += step)
    download.fragments.push_back({.begin = begin,
                                  .end = std::min(begin + step, blocks),
                                  .next = begin,
                                  .owner = ready[download.fragments.size()]});
}

// A block that was asked for will not come: its range goes on from there.
void Peer::reopen_fragment(SharedFile& file, const Block& block) {
  for (Fragment& fragment : file.download->fragments) {
    const std::uint64_t number = file.map.number_of(block);
    if (number >= fragment.begin && number < fragment.next) fragment.next = number;
  }
}

std::optional<Block> Peer::choose_in_fragment(Environment& environment, SharedFile& file, Link& link) {
  Download& download = *file.download;
  if (download.fragments.empty()) divide(environment, file);
  auto& fragments = download.fragments;
  const bool first_round = std::any_of(fragments.begin(), fragments.end(), [](const Fragment& fragment) {
    return !fragment.lost && !is_asked_for(fragment);
  });
  for (Fragment& fragment : fragments) {
    if (fragment.owner == StreamId{} && !first_round && !is_asked_for(fragment)) fragment.owner = link.stream;
    if (fragment.owner != link.stream) continue;
    while (!is_asked_for(fragment)) {
      const Block block = file.map.block_at(fragment.next++);
      if (file.map.take(block)) return block;
    }
  }
  return std::nullopt;
}

void Peer::lose_fragments(Environment& environment, SharedFile& file, const Link& link) {
  Download& download = *file.download;
  for (Fragment& fragment : download.fragments) {
    if (fragment.owner != link.stream) continue;
    const bool is_here = is_asked_for(fragment) && link.outstanding == 0;
    if (is_here) continue;
    for (std::uint64_t number = fragment.begin; number < fragment.next; ++number) {
      const Block block = file.map.block_at(number);
      if (!file.map.is_missing(block)) download.duplicates += block.size;
      if (!file.map.forget(block)) continue;
      for (Link& other : links_) {
        const bool has_it = other.file == file.number && other.is_open() && other.theirs.test(block.piece);
        if (!has_it) continue;
        ++other.wanted;
        update_interest(environment, other);
      }
    }
    fragment.next = fragment.begin;
    fragment.owner = StreamId{};
    fragment.lost = true;
  }
}

}  // namespace peerbed::swarm
