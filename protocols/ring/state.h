#pragma once
// The state of a chord node's operations in progress. Plain values; the node's methods give them meaning.

#include <cstdint>
#include <map>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/ring/box.h"
#include "protocols/ring/contact.h"
#include "protocols/ring/context.h"
#include "protocols/ring/requests.h"
#include "protocols/ring/routing_messages.h"
#include "protocols/ring/storage.h"

namespace peerbed::ring {

// The limits of a node's tables. What would exceed one is not begun, or is done without the entry.
constexpr std::size_t maximum_bootstrap = 8;
constexpr std::size_t maximum_lookups = 128;       // more fail at once
constexpr std::size_t maximum_relays = 512;        // more finds are left to the sender, without a confirmation
constexpr std::size_t maximum_lost_contacts = 16;  // the one that was tried most often gives way
constexpr std::size_t maximum_candidates = 32;     // of one iterative lookup
constexpr std::size_t maximum_late_peers = 64;     // the oldest gives way
constexpr unsigned maximum_hedges = 16;            // of one find at one node; the last hop is then waited for

// A question to one peer, asked again with backoff until it is answered or given up.
struct Probe {
  Time asked{};           // the first copy
  Time deadline = never;  // when the wait is judged; never: nothing is asked
  std::uint32_t id = 0;   // of the latest copy
  std::uint8_t attempts = 0;

  bool active() const noexcept { return deadline != never; }
  void end() noexcept { deadline = never; }
  auto fields() const { return std::tie(asked, deadline, id, attempts); }
};

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
  std::uint32_t id = 0;
  std::uint32_t subject = 0;
  std::uint8_t attempts = 0;
  LookupReason reason{};
  auto fields() const { return std::tie(key, started, deadline, id, subject, attempts, reason); }
};

// How far a node has gone through the contacts that could bring a find closer to its key: backwards through those that
// precede the key, and forwards through the successors that may own it, first one way and then the other.
struct RouteCursor {
  Key limit;               // the contact tried last; at first the key itself, or the node when following
  bool following = false;  // forwards
  bool turned = false;     // the first way led nowhere
  bool late = false;       // so did the second: now the peers that were passed over as late have their turn
  auto fields() const { return std::tie(limit, following, turned, late); }
};

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

// Whom an iterative lookup may ask, and whether as the owner of the key.
struct Candidate {
  Contact contact{};
  bool owner = false;
  bool settled = false;  // it has answered: it owns the key if its predecessor, which is asked first, is silent
  auto fields() const { return std::tie(contact, owner, settled); }
};

// An iterative lookup: whom to ask next, in this order.
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

// How a node enters a ring.
struct Entry {
  std::vector<Address> bootstrap;  // nodes to ask, in turn
  std::size_t next_bootstrap = 0;
  std::uint32_t id = 0;        // of the latest ask_bootstrap
  std::uint32_t attempts = 0;  // since the search began
  Time started;
  Time deadline = never;
  auto fields() const { return std::tie(bootstrap, next_bootstrap, id, attempts, started, deadline); }
};

// The address of a peer that fell silent, or of one through which a node that is alone once came in. It may come back,
// perhaps as part of another ring after a partition.
struct LostContact {
  Address address;
  std::uint32_t tries = 0;
  std::uint32_t answers = 0;
  Time due;  // the next try
  auto fields() const { return std::tie(address, tries, answers, due); }
};

// A peer that did not answer in the usual time: it is slow or dead. Until it is heard others are asked before it.
struct LatePeer {
  Address address;
  Time until;           // it is given another chance
  bool silent = false;  // a lookup has given it up
  auto fields() const { return std::tie(address, until, silent); }
};

// Who takes longer than usual to answer, for a node that hedges.
struct Punctuality {
  std::vector<LatePeer> late;
  // Successors behind a first one that is silent, as far as they were asked along with it and were not heard since; and
  // how often.
  std::vector<Contact> unheard;
  std::uint8_t questions = 0;
  bool hears_others = false;  // anybody, since then
  auto fields() const { return std::tie(late, unheard, questions, hears_others); }
};

// State that most nodes lack most of the time.
struct ColdState {
  Entry entry;
  Probe predecessor_check;
  Contact predecessor_candidate;  // notified this node; it becomes the predecessor if the peer being asked is dead
  std::vector<LostContact> lost;
  std::vector<Search> searches;
  Storage storage;
  Box<Requests> requests;
  Box<Punctuality> round_trips;
  Duration clock_offset{};  // from the host's clock to that of stamps
  auto fields() const {
    return std::tie(entry, predecessor_check, predecessor_candidate, lost, searches, storage, requests, round_trips,
                    clock_offset);
  }
};

}  // namespace peerbed::ring
