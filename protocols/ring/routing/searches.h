#pragma once
// Iterative lookups: the asker keeps the list of whom to ask, the best last, and goes on from each answer. And what a
// member answers to such a question.

#include <cstddef>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/ring/routing/lookups.h"
#include "protocols/ring/routing/routing_context.h"
#include "protocols/ring/wire/routing_messages.h"

namespace peerbed::ring {

// The way to the key as this member knows it.
NextHops answer_to(const RoutingContext& context, const NextHopQuery& query);

// The answer to a lookup of this node's own for a key that it owns itself.
Found own_answer(const RoutingContext& context, std::uint32_t lookup);

// At most one for each lookup that is pending, which is forgotten when its lookup has ended. An answer that a function
// returns ends the lookup, and names at most as many holders as one message; with nobody left to ask, the lookup waits
// for its next attempt. When a deadline has come the node goes through the places from 0 to size(): it asks
// find_silent_hop(), notes the silence wherever that counts, and calls go_on().
class Searches {
 public:
  static constexpr std::size_t maximum_candidates = 32;  // of one search

  // Who left this question, first asked then, unanswered.
  struct SilentHop {
    Contact hop;
    std::uint32_t question = 0;
    Time asked;
  };

  // Begins an attempt at the lookup, of a key that this member does not own.
  std::optional<Found> begin(const RoutingContext& context, const PendingLookup& lookup);
  // Begins an attempt of a guest, which asks the first of these nodes first.
  std::optional<Found> begin_at(const RoutingContext& context, const PendingLookup& lookup,
                                std::span<const Address> nodes);
  std::optional<Found> take(const RoutingContext& context, const Lookups& lookups, Address from,
                            const NextHops& answer);
  // Whether it answers a question that a search has asked this node and still waits for.
  bool expects(Address from, const NextHops& answer) const noexcept;
  void forget(std::uint32_t lookup);

  std::size_t size() const noexcept { return searches_.size(); }
  std::uint32_t lookup(std::size_t index) const noexcept { return searches_[index].lookup; }
  std::optional<SilentHop> find_silent_hop(const RoutingContext& context, const Lookups& lookups, std::size_t index);
  // Goes around the silent hop.
  std::optional<Found> go_on(const RoutingContext& context, const Lookups& lookups, std::size_t index);
  Time earliest_deadline() const noexcept;

  auto fields() const { return std::tie(searches_); }

 private:
  // Whom an iterative lookup may ask, and whether as the owner of the key.
  struct Candidate {
    Contact contact{};
    bool owner = false;
    bool settled = false;  // it has answered: it owns the key if its predecessor, which is asked first, is silent
    bool keyless = false;  // a guest does not know the key of a node that it begins with
    auto fields() const { return std::tie(contact, owner, settled, keyless); }
  };
  struct Search {
    std::uint32_t lookup = 0;
    std::uint32_t query = 0;
    Time asked_at{};  // the first copy
    Time deadline{};
    Candidate asked{};
    std::uint8_t attempts = 0;
    std::uint8_t hops = 0;
    std::uint8_t timeouts = 0;
    std::vector<Candidate> candidates{};  // the best one last
    std::vector<Contact> silent{};        // not to be asked again
    auto fields() const {
      return std::tie(lookup, query, asked_at, deadline, asked, attempts, hops, timeouts, candidates, silent);
    }
  };

  std::optional<Found> begin(const RoutingContext& context, const PendingLookup& lookup, Search search);
  static std::optional<Found> ask_next(const RoutingContext& context, Search& search, Key key);
  static void send_query(const RoutingContext& context, Search& search, Key key);
  static void note_candidates(const RoutingContext& context, Search& search, const NextHops& answer, Key key);

  std::vector<Search> searches_;
};

}  // namespace peerbed::ring
