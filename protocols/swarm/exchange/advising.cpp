#include "protocols/swarm/exchange/advising.h"

#include <algorithm>
#include <optional>

namespace peerbed::swarm {

namespace {

constexpr std::uint32_t bytes_advised = 512 * 1024;  // ahead of what is fetched, and two pieces at least
constexpr Duration spreading_turn = std::chrono::milliseconds(1000);

// Among those that the other side lacks: the piece that the fewest have or were given, from a drawn place on.
std::optional<std::uint32_t> least_spread(Environment& environment, const SharedFile& file, const Link& link) {
  const std::uint32_t pieces = file.geometry().pieces();
  const auto start = static_cast<std::uint32_t>(environment.draw_below(draw_give, pieces));
  std::optional<std::uint32_t> best;
  unsigned least = UINT32_MAX;
  for (std::uint32_t i = 0; i < pieces && least > 0; ++i) {
    const std::uint32_t piece = start + i < pieces ? start + i : start + i - pieces;
    const unsigned spread = file.given.count(piece) + file.availability[piece];
    if (spread >= least || link.theirs.has(piece)) continue;
    least = spread;
    best = piece;
  }
  return best;
}

}  // namespace

bool spreads(const Options& options, const SharedFile* file) noexcept {
  return file != nullptr && file->state == SharedFile::State::complete && options.suggest_pieces;
}

bool is_turn_over(const LinkTable& links, const Link& link, Time now) noexcept {
  return now - link.slot.changed() >= spreading_turn &&
         std::any_of(links.begin(), links.end(), [](const Link& other) { return other.waits_for_slot(); });
}

void advise(const Context& context, const LinkTable& links, SharedFile& file, Link& link) {
  if (!spreads(context.options, &file) || !link.has_slot() || !link.theirs.is_known()) return;
  const auto others = std::count_if(links.begin(), links.end(), [&](const Link& other) {
    return other.serves(file.number) && other.slot.is_wanted();
  });
  if (others < 2) return;
  link.advice.remove_if([&](std::uint32_t piece) {  // it has got it elsewhere
    if (!link.theirs.has(piece)) return false;
    file.given.withdraw(piece);
    return true;
  });
  if (is_turn_over(links, link, context.now())) return;
  const std::size_t most = std::clamp<std::size_t>(bytes_advised / file.geometry().piece_size, 2, Advice::maximum);
  while (link.advice.size() < most) {
    const auto piece = least_spread(context.environment, file, link);
    if (!piece) return;
    file.given.add(*piece);
    link.advice.add(*piece);
    context.say(link, Frame{.kind = FrameKind::suggest, .piece = *piece});
  }
}

void note_given(const Context& context, const LinkTable& links, SharedFile& file, Link& link, std::uint32_t piece) {
  if (!link.advice.follow(piece)) file.given.add(piece);
  advise(context, links, file, link);
}

void withdraw_advice(SharedFile& file, Link& link) noexcept {
  link.advice.remove_if([&](std::uint32_t piece) {
    file.given.withdraw(piece);
    return true;
  });
}

void withdraw_queue(SharedFile& file, const Link& link) noexcept {
  for (const Block& block : link.uploads.waiting()) {
    const bool ends_piece = block.offset + block.size == file.geometry().size_of(block.piece);
    if (ends_piece) file.given.withdraw(block.piece);
  }
}

}  // namespace peerbed::swarm
