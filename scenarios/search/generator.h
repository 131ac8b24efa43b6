#pragma once
// Draws the genomes of a search: new campaigns, and variations of earlier ones. Each is a function of its key and of
// what it varies; nothing is drawn to decide whether to draw.

#include <cstdint>
#include <span>
#include <vector>

#include "protocols/environment/random.h"
#include "scenarios/plan/search_plan.h"
#include "scenarios/search/contract.h"
#include "scenarios/search/genome.h"

namespace peerbed::scenarios {

// Something happened to a node in a run, near which a deed may matter.
struct Moment {
  Duration at{};
  NodeIndex node = 0;
  NodeIndex source = no_node;         // whose message it was; no_node if it was none
  std::uint8_t message = 0;           // Header::kind
  std::uint16_t traced = UINT16_MAX;  // what its node traced last then, or its sender when it sent the message; if so
  friend bool operator==(const Moment&, const Moment&) = default;
};

// Moments of one kind are told by their messages and by what was traced. One in many of a kind that is frequent matters
// as much as the only one of a kind that is rare.
constexpr std::uint32_t kind_of(const Moment& moment) noexcept {
  return static_cast<std::uint32_t>(moment.traced) << 8 | moment.message;
}

class Generator {
 public:
  // Both outlive it.
  Generator(const SearchPlan& plan, const Contract& contract) : plan_(plan), contract_(contract) {}

  // A campaign switches each kind of fault on with probability one half, and draws from these.
  Genome campaign(std::uint64_t key) const;
  // One to four changes of a genome whose run had these moments: deeds are moved, dropped, doubled, added, taken from
  // `other`, put just before or after a moment, aimed at who took part in it or at its message, or done to other nodes.
  Genome variation(const Genome& parent, std::span<const Moment> moments, const Genome& other, std::uint64_t key) const;

 private:
  Deed deed(SearchFault kind, KeyedStream& draws, std::uint64_t number) const;
  SearchFaults deed_kinds() const;
  Duration time(KeyedStream& draws) const;
  Duration length(bool stops, KeyedStream& draws) const;
  void aim(Deed& deed, const Moment& moment, KeyedStream& draws) const;
  void change(Genome& genome, std::span<const Moment> moments, const Genome& other, KeyedStream& draws) const;

  const SearchPlan& plan_;
  const Contract& contract_;
};

}  // namespace peerbed::scenarios
