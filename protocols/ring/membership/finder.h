#pragma once
// How a node finds the owners of keys, for itself and for others: its lookups, whose finds are relayed from hop to hop
// or, asking each hop itself, searched for; and the fingers that make the ways short.
//
// What a lookup for values has found is returned, for the node to go on with. A lookup may end at once, within the call
// that begins it.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>

#include "protocols/environment/contract.h"
#include "protocols/ring/membership/overlay_context.h"
#include "protocols/ring/routing/lookups.h"
#include "protocols/ring/routing/relays.h"
#include "protocols/ring/wire/routing_messages.h"

namespace peerbed::ring {

class Finder {
 public:
  // A lookup for a put, a get or a hand-off has ended. Without holders it failed.
  struct Ended {
    PendingLookup lookup;
    Found found;
  };
  // What a find that arrived leads to: at most one of the two.
  struct Arrival {
    std::optional<Ended> ended{};
    Contact stranger{};  // may be a better first successor, and introduces itself
  };

  void prefetch() const noexcept { relays_.prefetch(); }

  std::optional<Ended> start_lookup(const OverlayContext& context, Key key, LookupReason reason, std::uint32_t subject);
  // Looks up the next fingers, or all.
  void fix_fingers(const OverlayContext& context, bool all);
  // Tells the member that is to precede this node of it.
  Contact introduce(const OverlayContext& context, Contact node);

  Arrival take(const OverlayContext& context, Address from, const Find& find);
  void take(const OverlayContext& context, Address from, const HopTaken& taken) { relays_.take(context, from, taken); }
  std::optional<Ended> take(const OverlayContext& context, const Found& found);
  void take(const OverlayContext& context, Address from, const NextHopQuery& query) const;
  std::optional<Ended> take(const OverlayContext& context, Address from, const NextHops& answer);

  // When a deadline has come: what is overdue, until nothing is returned. `position` begins at 0.
  std::optional<Ended> handle_overdue_hops(const OverlayContext& context, std::size_t& position);
  std::optional<Ended> handle_overdue_lookups(const OverlayContext& context, std::size_t& position);
  std::optional<Ended> handle_overdue_searches(const OverlayContext& context, std::size_t& position);
  Time earliest_deadline(const Options& options) const noexcept {
    return std::min(lookups_.earliest_deadline(), relays_.earliest_deadline(options));
  }

  // No copy of a find that was handled will come.
  void forget_finds() noexcept { relays_.forget_finds(); }

  // For a checker (check/canonical/questions.h), where nothing is looked up but places to join at.
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    PEERBED_CONTRACT(lookups_.size() == 0, "a node whose questions are named looks nothing up");
    relays_.visit_questions(visitor);
  }

  const Lookups& lookups() const noexcept { return lookups_; }
  const Relays& relays() const noexcept { return relays_; }

 private:
  std::optional<Ended> try_lookup(const OverlayContext& context, const PendingLookup& lookup);
  std::optional<Ended> finish_lookup(const OverlayContext& context, const Found& found);
  std::optional<Ended> finish_lookup(const OverlayContext& context, const std::optional<Found>& found) {
    return found ? finish_lookup(context, *found) : std::nullopt;
  }
  void note_silence(const OverlayContext& context, Contact peer, std::uint32_t id, Time asked) const;

  Relays relays_;
  Lookups lookups_;
};

}  // namespace peerbed::ring
