#pragma once
// Which process of its host a neighbour is, as far as this node was told: one that is no longer the process it was may
// have lost everything, however short its absence. A node of an ideal ring is of incarnation 0; every other process
// takes the time at which it starts.

#include <algorithm>
#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/ring/base/contact.h"

namespace peerbed::ring {

// By the clock of stamps; never 0.
constexpr std::uint32_t incarnation_begun_at(std::uint64_t clock) noexcept {
  const std::uint32_t count = static_cast<std::uint32_t>(clock >> 20) + 1;
  return count == 0 ? 1 : count;
}

// Of peers that are not of incarnation 0: at most two more than there are successors.
class Incarnations {
 public:
  std::uint32_t of(Contact peer) const noexcept {
    const auto found =
        std::find_if(known_.begin(), known_.end(), [&](const auto& entry) { return entry.peer == peer; });
    return found == known_.end() ? 0 : found->incarnation;
  }
  // Whether the peer is another process than it was. What others say of it may be out of date; `direct` is what it says
  // itself.
  bool is_news(Contact peer, std::uint32_t incarnation, bool direct) const noexcept {
    const std::uint32_t known = of(peer);
    if (incarnation == known) return false;
    return direct || (incarnation != 0 && (known == 0 || is_later(incarnation, known)));
  }
  // Whether that was an earlier process of the peer than the one that is known.
  bool is_former(Contact peer, std::uint32_t incarnation) const noexcept {
    const std::uint32_t known = of(peer);
    return known != 0 && known != incarnation && (incarnation == 0 || is_later(known, incarnation));
  }
  // Remembers news. Those who are no neighbours give way.
  void note(Contact peer, std::uint32_t incarnation, Contact predecessor, std::span<const Contact> successors) {
    const auto found =
        std::find_if(known_.begin(), known_.end(), [&](const KnownProcess& entry) { return entry.peer == peer; });
    if (found != known_.end()) {
      found->incarnation = incarnation;
      return;
    }
    std::erase_if(known_, [&](const KnownProcess& entry) {
      return entry.peer != predecessor &&
             std::find(successors.begin(), successors.end(), entry.peer) == successors.end();
    });
    known_.push_back({peer, incarnation});
  }
  bool empty() const noexcept { return known_.empty(); }

  auto fields() const { return std::tie(known_); }

 private:
  struct KnownProcess {
    Contact peer{};
    std::uint32_t incarnation = 0;
    auto fields() const { return std::tie(peer, incarnation); }
  };

  // Incarnations count milliseconds and wrap after 52 days.
  static constexpr bool is_later(std::uint32_t one, std::uint32_t other) noexcept {
    return static_cast<std::int32_t>(one - other) > 0;
  }

  std::vector<KnownProcess> known_;
};

}  // namespace peerbed::ring
