#pragma once
// A node of the circular DHT: a successor list, fingers and replicated values; membership as corrected by Zave 2017. It
// is a value that knows nothing of its host. All its state is bounded; docs/ring.md states the limits and the
// guarantees.

#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocols/environment/node.h"
#include "protocols/ring/box.h"
#include "protocols/ring/compact_vector.h"
#include "protocols/ring/contact.h"
#include "protocols/ring/context.h"
#include "protocols/ring/messages.h"
#include "protocols/ring/options.h"
#include "protocols/ring/parts.h"
#include "protocols/ring/recent_finds.h"
#include "protocols/ring/retry_budget.h"
#include "protocols/ring/routing_table.h"
#include "protocols/ring/rtt_tracker.h"
#include "protocols/ring/state.h"
#include "protocols/ring/trace.h"

namespace peerbed::ring {

class Node {
 public:
  using enum Timer;
  static constexpr std::size_t timer_count = 6;
  static constexpr std::span<const TraceEventType> trace_events{trace_table};
  static constexpr std::span<const std::string_view> message_kinds{Messages::names};

  using SharedOptions = std::shared_ptr<const Options>;

  // A node that joins through any of the addresses (the first maximum_bootstrap of them are kept). With none it starts
  // its own ring.
  static Node joining(SharedOptions options, Key self, std::span<const Address> bootstrap);
  // The own_index-th member of an ideal ring: `members` holds all of them in order of keys. Its timers start at uniform
  // phases of their periods.
  static Node converged(SharedOptions options, std::span<const Contact> members, std::size_t own_index);
  // A guest, which puts, gets and removes values through the members at these addresses (the first maximum_bootstrap of
  // them), and never becomes a member.
  static Node guest(SharedOptions options, std::span<const Address> bootstrap);

  // Called before it starts: the offset from time_zero to a clock that hosts agree on, as far as their clocks are
  // right. In a simulated world they share one already.
  void set_clock_offset(Duration offset) { cold_state_.get_or_create().clock_offset = offset; }

  void on_start(Environment& environment, Start start);
  void on_datagram(Environment& environment, Address from, Bytes payload);
  void on_timer(Environment& environment, TimerId timer);
  void on_command(Environment& environment, std::string_view line);  // docs/ring.md lists the commands
  void on_leave(Environment& environment);
  void on_content(Environment& environment, const ContentReady& ready);

  void prefetch() const noexcept {
    table_.prefetch(*options_);
    relays_.prefetch(1);
  }

  // The commands as functions for programs, with values of any bytes. A fetched value is not printed but kept under the
  // returned id until it is taken. If nothing is pending or kept under the id, the operation was refused.
  std::uint32_t put(Environment& environment, std::string_view name, Bytes value, Duration lifetime = Duration{0});
  std::uint32_t remove(Environment& environment, std::string_view name);
  std::uint32_t get(Environment& environment, std::string_view name);  // what it fetches is printed
  std::uint32_t fetch(Environment& environment, std::string_view name);
  bool is_pending(std::uint32_t id) const noexcept;
  std::optional<std::vector<std::byte>> take_fetched(std::uint32_t id);

  // Tells the node of a member of the ring: a joiner asks it first, and a member looks for it as for a peer that it
  // lost.
  void hear_of(Environment& environment, Address member);

  // For a guest: whether any member has answered, and a count that grows with each completed part of its work.
  bool heard_members() const noexcept { return rtt_.known(); }
  std::uint64_t progress() const noexcept;

  // What checks and analyses may see.
  const Options& options() const noexcept { return *options_; }
  Key self() const noexcept { return table_.self(); }
  // Whether it is a member of the ring: it has its successors, and others may route through it.
  bool joined() const noexcept { return is_member(); }
  std::span<const Contact> successors() const noexcept { return table_.successors(); }  // nearest first
  std::optional<Contact> predecessor() const noexcept;
  std::span<const Contact> fingers() const noexcept { return table_.fingers().all(); }  // distinct, nearest first
  std::optional<ValueStamp> holds(Key key) const;
  void for_each_value(const std::function<void(Key, ValueStamp)>& visit) const;  // in the order of keys
  std::size_t value_count() const noexcept;
  // The first wait for an answer from an unmeasured peer, given the round trips so far.
  Duration usual_wait() const noexcept { return backoff(1); }
  bool has_read_disk() const noexcept { return !cold_state_ || cold_state_->storage.store().has_read_disk(); }
  std::size_t pending_lookups() const noexcept { return lookups_.size(); }
  std::size_t pending_operations() const noexcept;  // puts and gets of this node
  // The part of this state that another process may see (InspectableNode): the ring, and values without their bytes.
  void append_visible_state(std::vector<std::byte>& out) const;
  bool take_visible_state(Bytes bytes);

 private:
  // Where a find goes next.
  struct Step {
    Contact contact;     // unset if there is none
    bool owner = false;  // the contact is taken for the owner
  };

  Node(SharedOptions options, Key self);

  // node.cpp: inputs, timers, overdue answers.
  void start_timers(Environment& environment, bool settled);
  void set_period(Environment& environment, Timer timer, Duration period);
  Context context(Environment& environment) noexcept {
    return {environment, *options_, table_.self(), rtt_, ids_, deadlines_};
  }
  void await(Environment& environment, Time deadline) { deadlines_.await(environment, deadline); }
  void handle_overdue(Environment& environment);
  Time earliest_deadline() const noexcept;
  bool is_member() const noexcept { return table_.is_member(); }
  bool is_valid(Contact contact) const noexcept { return contact && space().contains(contact.key); }
  KeySpace space() const noexcept { return KeySpace(options_->key_bits); }
  Contact own_contact(const Environment& environment) const noexcept { return {table_.self(), environment.self()}; }
  std::uint32_t next_id() noexcept { return ids_.next(); }

  // patience.cpp: how long to wait for answers.
  Duration response_timeout(Address peer, Duration least) const noexcept;
  Duration backoff(unsigned attempts) const noexcept;
  Time next_deadline(Time now, Address peer, Duration least, unsigned attempts) const noexcept;
  Time extended_deadline(Time now, Time asked, Address peer, Duration least, unsigned attempts) const noexcept;
  Duration lookup_patience() const noexcept;
  Time as_if_asked(Time now, Address peer, Duration least, unsigned attempts) const noexcept;
  bool still_waits(Environment& environment, Probe& probe, Address peer) const noexcept;
  void begin_next_attempt(Environment& environment, Probe& probe, Address peer) const noexcept;
  void note_answer(Environment& environment, Time asked, Address from, std::uint32_t id);
  void note_silent_finger(Contact finger);
  static constexpr unsigned least_hop_limit = 16;
  unsigned hop_limit() const noexcept { return std::min(least_hop_limit + 4 * table_.ring_size_bits(*options_), 255u); }

  // membership.cpp: join, stabilize, rectify.
  void enter(Environment& environment, std::vector<Address> bootstrap);
  void ask_bootstrap(Environment& environment);
  void put_bootstrap_first(Address bootstrap_node);
  void become_member(Environment& environment, const Welcome& welcome);
  void ask_candidate(Environment& environment, Contact candidate);
  void stabilize(Environment& environment);
  void ask_neighbours(Environment& environment, Contact peer);
  void handle_stabilization_silence(Environment& environment);
  void ask_along(Environment& environment, bool begins);
  void lose_first_successor(Environment& environment);
  void finish_stabilization(Environment& environment);
  void adopt(Environment& environment, Contact head, std::span<const Contact> following);
  void note_change(Environment& environment, RoutingTable::Change change);
  void set_predecessor(Environment& environment, Contact predecessor);
  void handle(Environment&, Address from, const NeighboursQuery&);
  void handle(Environment&, Address from, const Neighbours&);
  void handle(Environment&, Address from, const Notify&);
  void handle(Environment&, Address from, const Welcome&);

  // survival.cpp: silent, lost and leaving peers.
  void check_predecessor(Environment& environment);
  void ask_predecessor(Environment& environment);
  bool is_answer_of_predecessor(Address from, std::uint32_t id) const noexcept;
  void note_predecessor_candidate(Contact notifier);
  void end_predecessor_check();
  void lose_predecessor(Environment& environment);
  void handle_predecessor_silence(Environment& environment);
  void suspect(Environment& environment, Contact peer);
  void note_lost(Time now, Address address);
  void try_lost_contact(Environment& environment);
  void handle_cut_off(Environment& environment);
  void forget(Environment& environment, Contact peer);
  void finish_leaving(Environment& environment);
  void handle(Environment&, Address from, const Ping&);
  void handle(Environment&, Address from, const Pong&);
  void handle(Environment&, Address from, const Leaving&);

  // routing.cpp: next hops and recursive finds.
  bool owns_key(Key key) const noexcept { return table_.owns_key(key); }
  bool has_fresh_predecessor(Time now) const noexcept;
  RouteCursor begin_route(Key key) const noexcept;
  Step next_step(Key key, RouteCursor& cursor) const noexcept;
  bool waits_for_hops(const Find& find) const noexcept;
  void route(Environment& environment, Find find, RouteCursor cursor);
  bool route_to_copies(Environment& environment, const Find& find, RouteCursor cursor, unsigned hedges);
  void forward(Environment& environment, Find find, RouteCursor cursor, Step step, unsigned hedges = 0);
  void send_copy(Environment& environment, Relay& relay);
  static void set_direction(Find& find, Step step) noexcept;
  bool is_new(Time now, const Find& find);
  bool is_overdue(Time now, Relay& relay) const noexcept;
  Time hedge_time(const Relay& relay) const noexcept;
  void hedge_hop(Environment& environment, std::size_t place);
  void answer_find(Environment& environment, const Find& find, Contact owner, std::span<const Contact> after);
  void answer_join(Environment& environment, const Find& find);
  void answer_introduction(Environment& environment, const Find& find);
  static bool leads_before_key(const Find& find) noexcept;
  void forward_before_key(Environment& environment, const Find& find);
  void handle_silent_hop(Environment& environment, Relay relay);
  void handle_silent_hops(Environment& environment);
  void handle(Environment&, Address from, const Find&);
  void handle(Environment&, Address from, const Found&);
  void handle(Environment&, Address from, const HopTaken&);

  // guest.cpp: lookups by way of bootstrap nodes.
  void ask_bootstrap_node(Environment& environment, Find find, bool is_first);
  Contact next_bootstrap(bool is_first);
  void try_next_bootstrap_node(Environment& environment, Relay relay);

  // hedging.cpp: peers that take longer than usual to answer.
  bool hedges() const noexcept { return options_->hedge_after > Duration{0}; }
  Duration hedge_delay() const noexcept;
  void note_late(Time now, Address peer, bool silent = false);
  void note_heard(Address peer);
  void pardon_late_peers(Time now);
  bool is_late(Contact contact, bool only_silent = false) const noexcept;

  // lookup.cpp: this node's own lookups, and iterative ones.
  void run_workload(Environment& environment);
  void fix_fingers(Environment& environment, bool all);
  void start_lookup(Environment& environment, Key key, LookupReason reason, std::uint32_t subject);
  void try_lookup(Environment& environment, const PendingLookup& lookup);
  bool is_overdue(Time now, PendingLookup& lookup) const noexcept;
  void handle_overdue_lookups(Environment& environment);
  void finish_lookup(Environment& environment, std::uint32_t id, unsigned hops, unsigned timeouts,
                     std::span<const Contact> holders);
  void start_search(Environment& environment, const PendingLookup& lookup);
  void note_candidates(Environment& environment, Search& search, const NextHops& answer, Key key);
  void ask_next(Environment& environment, Search& search);
  void send_query(Environment& environment, Search& search);
  PendingLookup& lookup_of(const Search& search);
  void handle_silent_search(Environment& environment, Search& search);
  void handle(Environment&, Address from, const NextHopQuery&);
  void handle(Environment&, Address from, const NextHops&);

  // What this node asks about values.
  Requests& requests() { return cold_state_.get_or_create().requests.get_or_create(); }
  RequestContext request_context(Environment& environment) noexcept {
    return {context(environment), retry_budget_, clock(environment), incarnation_};
  }
  void pursue_requests(Environment& environment);
  void continue_request(Environment& environment, std::uint32_t id, std::span<const Contact> holders);
  void handle_overdue_requests(Environment& environment);
  void discard_superseded(Environment& environment);
  template <class Answer>
  void take_answer_to_request(Environment& environment, Address from, const Answer& answer);
  void handle(Environment& environment, Address from, const PutDone& done) {
    take_answer_to_request(environment, from, done);
  }
  void handle(Environment& environment, Address from, const Value& value) {
    take_answer_to_request(environment, from, value);
  }

  // What others ask about values, and what follows from the answers.
  Storage& storage() { return cold_state_.get_or_create().storage; }
  std::span<const Contact> replica_holders() const noexcept { return table_.replica_holders(*options_); }
  StorageContext storage_context(Environment& environment) noexcept {
    return {context(environment), table_, clock(environment), incarnation_};
  }
  std::uint64_t clock(const Environment& environment) const noexcept;
  void seek_owner(Environment& environment, std::optional<Key> orphan);
  void placement_changed(Environment& environment);
  void repair(Environment& environment);
  template <class Answer>
  void take_answer(Environment& environment, Address from, const Answer& answer);
  void handle(Environment&, Address from, const Put&);
  void handle(Environment&, Address from, const Get&);
  void handle(Environment&, Address from, const Replicate&);
  void handle(Environment&, Address from, const Replicated&);
  void handle(Environment&, Address from, const Compare&);
  void handle(Environment& environment, Address from, const Compared& answer) {
    take_answer(environment, from, answer);
  }
  void handle(Environment&, Address from, const Offer&);
  void handle(Environment& environment, Address from, const OfferAnswer& answer) {
    take_answer(environment, from, answer);
  }

  // In order of use: what handles a find comes first.
  SharedOptions options_;
  Box<ColdState> cold_state_;
  [[no_unique_address]] RoutingTable table_;  // whose last bytes hold the next one
  std::uint32_t incarnation_ = 0;             // tells this process from others of the same node
  CompactVector<Relay> relays_;
  [[no_unique_address]] RttTracker rtt_;  // whose last bytes hold the next two
  RetryBudget retry_budget_;
  QuestionIds ids_;
  RecentFinds recent_finds_;
  DeadlineTimer deadlines_;
  CompactVector<PendingLookup> lookups_;
  RoundTrip lookup_time_;  // from a lookup's beginning to its answer
  Probe stabilization_;    // of the candidate or the first successor
  Contact candidate_;      // in the second part of stabilization: the first successor's predecessor

 public:
  // The whole state.
  auto fields() const {
    return std::tie(options_, table_.predecessor(), candidate_, table_.self(), table_.successors(), table_.fingers(),
                    lookups_, relays_, recent_finds_, rtt_, lookup_time_, stabilization_, deadlines_,
                    table_.predecessor_heard(), cold_state_, ids_, incarnation_, table_.next_finger(), table_.stage(),
                    retry_budget_);
  }
};

}  // namespace peerbed::ring
