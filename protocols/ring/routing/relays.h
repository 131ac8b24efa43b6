#pragma once
// Recursive finds: forwarded from hop to hop, each hop confirmed and a silent one gone around.
//
// What a find may cost is bounded three times over. Each hop is nearer to the key: clockwise before it, and once past
// it, backwards; so none comes back by itself. A node forwards a find once, whatever copies of it arrive. And copies
// are paid for out of the node's retry budget.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>

#include "protocols/ring/base/compact_vector.h"
#include "protocols/ring/routing/recent_finds.h"
#include "protocols/ring/routing/routing_context.h"
#include "protocols/ring/wire/routing_messages.h"

namespace peerbed::ring {

// A find that was forwarded and not yet confirmed by its next hop.
struct Relay {
  Find find;
  RouteCursor cursor;
  Contact hop;
  Time asked{};  // the first copy
  Time deadline{};
  std::uint32_t hedge_microseconds = 0;  // so long after the question the next hop is asked as well; 0: it is not
  std::uint8_t attempts = 0;
  std::uint8_t hedges = 0;  // hops that were asked before this one and are still in question
  bool hedged = false;      // the find goes on through another hop: of this one only its life is in question
  auto fields() const {
    return std::tie(find, cursor, hop, asked, deadline, hedge_microseconds, attempts, hedges, hedged);
  }
};

// At most maximum_relays finds at a time: more are forwarded without an eye on their hops, and of those that others
// send none is taken. When a deadline has come the node goes through the places from 0 to size(): it asks is_late(),
// then hedge(), then take_overdue(), and says with ask_again() or go_around() what becomes of a find whose hop is
// silent. In between it notes the silence wherever that counts.
class Relays {
 public:
  static constexpr std::size_t maximum_relays = 512;
  static constexpr unsigned maximum_hedges = 16;  // of one find at one node; the last hop is then waited for

  // What a find asks of the node itself: at most one of the two.
  struct Arrival {
    std::optional<Found> answer{};  // to a lookup of its own
    Contact stranger{};             // may be a better first successor, and introduces itself
  };

  void prefetch() const noexcept { relays_.prefetch(1); }
  std::size_t size() const noexcept { return relays_.size(); }
  Time earliest_deadline(const Options& options) const noexcept;

  // A find that a peer sent to this member.
  Arrival take(const RoutingContext& context, Address from, const Find& find);
  // A find that this node begins for a lookup of its own: should it come back, it is known.
  Arrival begin(const RoutingContext& context, const Find& find);
  // A find that is on its way.
  Arrival route(const RoutingContext& context, Find find, RouteCursor cursor);
  void take(const Context& context, Address from, const HopTaken& taken);

  // Whether the hop of the relay at this place takes longer than usual.
  bool is_late(std::size_t index, Time now) const noexcept { return hedge_time(relays_[index]) <= now; }
  Contact hop(std::size_t index) const noexcept { return relays_[index].hop; }
  // It may yet confirm, but the next one is asked as well.
  Arrival hedge(const RoutingContext& context, std::size_t index);
  // The relay at this place if its hop was silent for too long: it has left the table, and another one may have taken
  // its place. Otherwise nothing, and the next place has its turn.
  std::optional<Relay> take_overdue(const Context& context, std::size_t& index);
  // Returns false when the hop was asked often enough.
  bool ask_again(const RoutingContext& context, Relay& relay);
  // Sends the find another way. Where nothing else leads on, or no more copies may be sent, it ends here and the asker
  // will try again.
  Arrival go_around(const RoutingContext& context, Relay relay);

  const CompactVector<Relay>& relays() const noexcept { return relays_; }
  void forget_finds() noexcept { recent_finds_ = {}; }
  const RecentFinds& recent_finds() const noexcept { return recent_finds_; }
  auto fields() const { return std::tie(relays_, recent_finds_); }
  // For a checker (check/canonical/questions.h).
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    for (Relay& relay : relays_) {
      visitor.carried(relay.find.id, relay.find.asker);
      visitor.question(relay.find.token);
    }
    recent_finds_.visit_questions(visitor);
  }

 private:
  static Time hedge_time(const Relay& relay) noexcept;

  bool is_new(const Context& context, const Find& find);
  bool route_to_copies(const RoutingContext& context, const Find& find, RouteCursor cursor, unsigned hedges,
                       Arrival& arrival);
  void forward(const RoutingContext& context, Find find, RouteCursor cursor, Step step, unsigned hedges = 0);
  void forward_before_key(const RoutingContext& context, const Find& find);
  Arrival answer_introduction(const RoutingContext& context, const Find& find);
  void answer_join(const RoutingContext& context, const Find& find);
  void send_copy(const RoutingContext& context, Relay& relay);
  void remove(std::size_t index) noexcept;

  CompactVector<Relay> relays_;
  RecentFinds recent_finds_;
};

}  // namespace peerbed::ring
