#include "tests/swarm/accounts.h"

#include <algorithm>

namespace peerbed::swarm {

namespace {

bool serves(const Link& link, const SharedFile& file) {
  return link.file == file.number && link.stage != Link::Stage::closed;
}

// From how many sources a block is still expected.
unsigned expected(const Peer& peer, const SharedFile& file, const Block& block) {
  unsigned count = 0;
  const auto is_claim = [&](const Request& request) { return !request.released && request.block == block; };
  for (const Link& link : peer.links()) {
    if (!serves(link, file)) continue;
    const auto unanswered = link.requests.unanswered();
    count += static_cast<unsigned>(std::count_if(unanswered.begin(), unanswered.end(), is_claim));
    const auto& receiving = link.requests.receiving();
    count += receiving && is_claim(*receiving) ? 1 : 0;
  }
  return count;
}

unsigned writers(const Peer& peer, const SharedFile& file, const Block& block) {
  return static_cast<unsigned>(std::count_if(peer.links().begin(), peer.links().end(), [&](const Link& link) {
    const auto& receiving = link.requests.receiving();
    return serves(link, file) && receiving && !link.requests.is_to_scratch() && receiving->block == block;
  }));
}

std::string wrong_claims(const Peer& peer, const SharedFile& file) {
  const std::uint64_t blocks_per_piece = file.geometry().piece_size / file.map.block_size();
  for (const OpenPiece& piece : file.map.open_pieces())
    for (std::uint64_t i = 0; i < blocks_per_piece; ++i) {
      const std::uint64_t number = piece.piece * blocks_per_piece + i;
      if (number >= file.map.blocks()) break;
      const Block block = file.map.block_at(number);
      const std::string name = "block " + std::to_string(number);
      if (file.map.claims(block) != expected(peer, file, block))
        return name + " is claimed " + std::to_string(file.map.claims(block)) + " times, and expected of " +
               std::to_string(expected(peer, file, block));
      if (writers(peer, file, block) != (file.map.is_arriving(block) ? 1U : 0U))
        return name + " is written by " + std::to_string(writers(peer, file, block));
    }
  return {};
}

std::string wrong_pieces(const Peer& peer, const SharedFile& file) {
  std::vector<std::uint16_t> availability(file.geometry().pieces());
  for (const Link& link : peer.links()) {
    if (!serves(link, file) || !link.theirs.is_known()) continue;
    std::uint32_t wanted = 0;
    for (std::uint32_t piece = 0; piece < file.geometry().pieces(); ++piece) {
      if (!link.theirs.has(piece)) continue;
      ++availability[piece];
      wanted += file.map.verified().test(piece) ? 0 : 1;
    }
    if (link.theirs.wanted() != wanted)
      return "a link counts " + std::to_string(link.theirs.wanted()) + " wanted pieces";
    if (link.theirs.count() != link.theirs.all().count()) return "a link counts the pieces of the other side wrongly";
  }
  return availability == file.availability ? "" : "the availability of pieces is wrong";
}

std::string wrong_outstanding(const Link& link) {
  std::uint64_t bytes = link.requests.receiving() ? link.requests.receiving()->block.size : 0;
  for (const Request& request : link.requests.unanswered()) bytes += request.block.size;
  return bytes == link.requests.outstanding()
             ? ""
             : "a link's outstanding bytes are " + std::to_string(link.requests.outstanding());
}

}  // namespace

std::string wrong_accounts(const Peer& peer) {
  for (const Link& link : peer.links())
    if (std::string wrong = wrong_outstanding(link); !wrong.empty()) return wrong;
  for (const SharedFile& file : peer.files()) {
    if (!file.has_manifest()) continue;
    if (std::string wrong = wrong_claims(peer, file); !wrong.empty()) return wrong;
    if (std::string wrong = wrong_pieces(peer, file); !wrong.empty()) return wrong;
  }
  return {};
}

}  // namespace peerbed::swarm
