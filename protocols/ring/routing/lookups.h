#pragma once
// This node's own lookups: for the built-in workload, its fingers, its puts and gets. Each is attempted several times,
// with waits that follow how long lookups usually take; the caller sends the attempts.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <tuple>

#include "protocols/ring/base/compact_vector.h"
#include "protocols/ring/base/context.h"
#include "protocols/ring/routing/routing_table.h"
#include "protocols/ring/wire/routing_messages.h"

namespace peerbed::ring {

// Why a node looks something up, and so what happens with the answer.
enum class LookupReason : std::uint8_t {
  workload,   // the built-in random lookups
  command,    // a person asked
  finger,     // subject: the finger's exponent
  operation,  // subject: the id of a put or get
  hand_off,   // of values whose owner is not known
};

struct PendingLookup {
  Key key;
  Time started;
  Time deadline{};
  std::uint32_t id = 0;  // of the latest attempt
  std::uint32_t subject = 0;
  std::uint8_t attempts = 0;
  LookupReason reason{};
  auto fields() const { return std::tie(key, started, deadline, id, subject, attempts, reason); }
};

// At most maximum_lookups at a time: one more is to be ended at once.
class Lookups {
 public:
  static constexpr std::size_t maximum_lookups = 128;

  std::size_t size() const noexcept { return pending_.size(); }
  bool is_crowded() const noexcept { return pending_.size() > maximum_lookups; }
  // Null if there is none; an id of any of its attempts will do.
  const PendingLookup* find(std::uint32_t id) const noexcept;
  Time earliest_deadline() const noexcept;

  // The lookup, whose first attempt is then to be sent unless there are too many.
  PendingLookup begin(const Context& context, const RoutingTable& table, Key key, LookupReason reason,
                      std::uint32_t subject);
  // The lookup that has ended with this answer, and is gone; without holders it failed. Nothing if it is none of this
  // node's, or names nodes that cannot be. Those that a person or the workload asked for are reported.
  std::optional<PendingLookup> end(const Context& context, const Found& found);

  // A lookup whose attempt has had its time. One that has attempts left begins the next, which is to be sent; another
  // is to be ended.
  struct Overdue {
    PendingLookup lookup;
    bool has_failed = false;
  };
  // The one at this place, if it is overdue. Moves on to the next place unless the lookup has failed: ending it brings
  // another one here.
  std::optional<Overdue> take_overdue(const Context& context, const RoutingTable& table, std::size_t& index);

  // How long the first attempt at a lookup is waited for. Before any lookup was measured, what its hops should take.
  Duration patience(const Options& options, const RttTracker& rtt, const RoutingTable& table) const noexcept;

  const CompactVector<PendingLookup>& pending() const noexcept { return pending_; }
  const RoundTrip& usual_time() const noexcept { return usual_time_; }

 private:
  static void report(const Context& context, const PendingLookup& lookup, const Found& found);

  CompactVector<PendingLookup> pending_;
  RoundTrip usual_time_;  // from a lookup's beginning to its answer
};

}  // namespace peerbed::ring
