#pragma once
// What the parts that keep a node in its ring share while it handles one input; and the state that most nodes lack most
// of the time, in one box, so that all of it costs them a pointer.

#include <algorithm>
#include <cstdint>
#include <tuple>

#include "protocols/ring/base/box.h"
#include "protocols/ring/membership/asked_along.h"
#include "protocols/ring/membership/bootstrap.h"
#include "protocols/ring/membership/lost_contacts.h"
#include "protocols/ring/membership/predecessor_check.h"
#include "protocols/ring/requests/requests.h"
#include "protocols/ring/routing/late_peers.h"
#include "protocols/ring/routing/routing_context.h"
#include "protocols/ring/routing/searches.h"
#include "protocols/ring/storage/storage.h"
#include "protocols/ring/storage/storage_context.h"

namespace peerbed::ring {

// Who takes longer than usual to answer, for a node that hedges.
struct Punctuality {
  LatePeers late;
  AskedAlong along;
  auto fields() const { return std::tie(late, along); }
};

struct ColdState {
  Bootstrap bootstrap;
  PredecessorCheck predecessor_check;
  LostContacts lost;
  Searches searches;
  Storage storage;
  Box<Requests> requests;
  Box<Punctuality> punctuality;
  Duration clock_offset{};  // from the host's clock to that of stamps
  auto fields() const {
    return std::tie(bootstrap, predecessor_check, lost, searches, storage, requests, punctuality, clock_offset);
  }
};

// The clock of stamps, in nanoseconds, on which hosts agree as far as their clocks are right; never 0.
inline std::uint64_t stamp_clock(Time now, const Box<ColdState>& cold) noexcept {
  const Duration since_epoch = now - time_zero + (cold ? cold->clock_offset : Duration{0});
  return static_cast<std::uint64_t>(std::max<std::int64_t>(since_epoch.count(), 1));
}

struct OverlayContext : Context {
  RoutingTable& table;
  RetryBudget& retry_budget;
  Box<ColdState>& cold;
  std::uint32_t incarnation = 0;  // of this process

  StorageContext storage() const noexcept { return {*this, table, stamp_clock(now(), cold), incarnation}; }
  RoutingContext routing() const noexcept {
    return {*this, table, cold && cold->punctuality ? &cold->punctuality->late : nullptr, retry_budget};
  }
  Punctuality& punctuality() const { return cold.get_or_create().punctuality.get_or_create(); }
  // Null if nobody is asked along.
  AskedAlong* asked_along() const noexcept { return cold && cold->punctuality ? &cold->punctuality->along : nullptr; }
  void note_lost(Address peer) const { cold.get_or_create().lost.note(now(), peer); }
};

}  // namespace peerbed::ring
