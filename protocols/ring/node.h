#pragma once
// A node of the circular DHT: a successor list, fingers and replicated values; membership as corrected by Zave 2017. It
// is a value that knows nothing of its host. All its state is bounded; docs/ring.md states the limits and the
// guarantees.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "protocols/environment/node.h"
#include "protocols/environment/timer_type.h"
#include "protocols/ring/base/box.h"
#include "protocols/ring/base/contact.h"
#include "protocols/ring/base/context.h"
#include "protocols/ring/base/options.h"
#include "protocols/ring/base/retry_budget.h"
#include "protocols/ring/base/rtt_tracker.h"
#include "protocols/ring/base/trace.h"
#include "protocols/ring/membership/finder.h"
#include "protocols/ring/membership/membership.h"
#include "protocols/ring/membership/overlay_context.h"
#include "protocols/ring/routing/routing_table.h"
#include "protocols/ring/wire/messages.h"
#include "protocols/ring/wire/parts.h"
#include "protocols/ring/wire/questions.h"

namespace peerbed::ring {

class Node {
 public:
  using enum Timer;
  static constexpr std::size_t timer_count = 6;
  static constexpr std::array<TimerType, timer_count> timers = {
      {{"stabilize"}, {"fix_finger"}, {"check_predecessor"}, {"lookup"}, {"deadline", TimerUse::patience}, {"repair"}}};
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
    finder_.prefetch();
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
  bool joined() const noexcept { return table_.is_member(); }
  bool is_guest() const noexcept { return table_.stage() == Stage::guest; }
  std::span<const Contact> successors() const noexcept { return table_.successors(); }  // nearest first
  std::optional<Contact> predecessor() const noexcept;
  std::span<const Contact> fingers() const noexcept { return table_.fingers().all(); }  // distinct, nearest first
  std::optional<ValueStamp> holds(Key key) const;
  void for_each_value(const std::function<void(Key, ValueStamp)>& visit) const;  // in the order of keys
  std::size_t value_count() const noexcept;
  // The first wait for an answer from an unmeasured peer, given the round trips so far; and from the slowest one.
  Duration usual_wait() const noexcept { return rtt_.typical_timeout(options_->rpc_timeout, options_->rpc_timeout); }
  Duration longest_wait() const noexcept { return rtt_.greatest_timeout(options_->rpc_timeout, options_->rpc_timeout); }
  // How long it looks for the ring before it goes on alone, if it has lost all the members it knew.
  Duration longest_search() const noexcept;
  bool has_read_disk() const noexcept { return !cold_state_ || cold_state_->storage.store().has_read_disk(); }
  std::size_t pending_lookups() const noexcept { return finder_.lookups().size(); }
  std::size_t pending_operations() const noexcept;  // puts and gets of this node
  // The part of this state that another process may see (InspectableNode): the ring, and values without their bytes.
  void append_visible_state(std::vector<std::byte>& out) const;
  bool take_visible_state(Bytes bytes);

 private:
  Node(SharedOptions options, Key self);

  // node.cpp: inputs, timers, overdue answers.
  void set_period(Environment& environment, Timer timer, Duration period);
  Context context(Environment& environment) noexcept {
    return {environment, *options_, table_.self(), rtt_, ids_, deadlines_};
  }
  void handle_overdue(Environment& environment);
  Time earliest_deadline() const noexcept;
  KeySpace space() const noexcept { return KeySpace(options_->key_bits); }

  // What keeps this node in its ring, and finds owners of keys.
  OverlayContext overlay_context(Environment& environment) noexcept {
    return {context(environment), table_, retry_budget_, cold_state_, incarnation_};
  }
  void seek_place(Environment& environment);
  Duration place_patience() const noexcept;  // the first wait for each of those asked for a place
  void start_lookup(Environment& environment, Key key, LookupReason reason, std::uint32_t subject);
  void follow(Environment& environment, const std::optional<Finder::Ended>& ended);
  void pardon_late_peers(Time now) {
    if (cold_state_ && cold_state_->punctuality) cold_state_->punctuality->late.pardon(now);
  }
  bool is_late(Contact contact) const noexcept {
    return cold_state_ && cold_state_->punctuality && cold_state_->punctuality->late.is_late(contact.address, false);
  }
  void handle(Environment&, Address from, const Welcome&);
  void handle(Environment&, Address from, const Called&);
  void handle(Environment&, Address from, const Pong&);
  void handle(Environment&, Address from, const Find&);
  void handle(Environment& environment, Address, const Found& found) {
    follow(environment, finder_.take(overlay_context(environment), found));
  }
  void handle(Environment& environment, Address from, const NextHops& answer) {
    follow(environment, finder_.take(overlay_context(environment), from, answer));
  }

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
  StorageContext storage_context(Environment& environment) noexcept {
    return {context(environment), table_, clock(environment), incarnation_};
  }
  std::uint64_t clock(const Environment& environment) const noexcept {
    return stamp_clock(environment.now(), cold_state_);
  }
  void seek_owner(Environment& environment, std::optional<Key> orphan);
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
  Finder finder_;
  [[no_unique_address]] RttTracker rtt_;  // whose last bytes hold the next two
  RetryBudget retry_budget_;
  QuestionIds ids_;
  DeadlineTimer deadlines_;
  Membership membership_;

 public:
  // The whole state.
  auto fields() const {
    const Stabilization& stabilization = membership_.stabilization();
    const Lookups& lookups = finder_.lookups();
    return std::tie(options_, table_.predecessor(), stabilization.candidate(), table_.self(), table_.successors(),
                    table_.fingers(), lookups.pending(), finder_.relays(), rtt_, lookups.usual_time(),
                    stabilization.probe(), deadlines_, table_.predecessor_heard(), cold_state_, ids_, incarnation_,
                    table_.next_finger(), table_.stage(), retry_budget_);
  }
  // For a checker: nothing is under way any more, so that no copy of an earlier message will come.
  void note_quiet() noexcept { finder_.forget_finds(); }
  // For a checker, which names the questions of nodes that keep no values and look nothing up
  // (check/canonical/questions.h).
  static constexpr std::uint32_t copies_per_question = copies_per_id;
  static constexpr auto marks_of_question(Address asker, std::uint32_t id) noexcept {
    return RecentFinds::marks_of(asker, id);
  }
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    membership_.visit_questions(visitor);
    finder_.visit_questions(visitor);
    if (cold_state_) {
      PEERBED_CONTRACT(!cold_state_->requests && cold_state_->storage.store().empty(), "no values are asked for");
      cold_state_->bootstrap.visit_questions(visitor);
      cold_state_->predecessor_check.visit_questions(visitor);
    }
    ids_.visit_questions(visitor);
  }
  template <class Visitor>
  static void visit_questions(Address from, Address to, std::vector<std::byte>& datagram, Visitor& visitor) {
    visit_questions_of_membership(from, to, datagram, visitor);
  }
  // What of it can matter later, in a check (check/canonical/canonical_form.h).
  template <class Form>
  void write_canonical(Form& form) const {
    if (form.is_timed()) return form.add(fields());
    const Stabilization& stabilization = membership_.stabilization();
    form.add(table_.stage(), table_.predecessor(), table_.successors(), stabilization.candidate(),
             stabilization.probe(), finder_.lookups().pending(), finder_.relays().relays(), retry_budget_);
    // Round trips matter to nobody but to who forgets silent fingers.
    if (options_->fingers) form.add(table_.fingers(), table_.next_finger(), rtt_);
    const bool checks_predecessor = options_->check_predecessor_period > Duration{0};
    if (checks_predecessor || options_->fingers || form.has_commands()) form.add(table_.predecessor_heard());
    form.add(finder_.relays().recent_finds());
    if (!form.is_between_exchanges()) form.add(ids_);
    static const ColdState none;
    const ColdState& cold = cold_state_ ? *cold_state_ : none;
    form.add(cold.bootstrap, cold.predecessor_check, cold.searches, cold.requests, cold.punctuality);
    // Who was lost is tried again when the predecessor is checked, and is found again when it answers late.
    if (checks_predecessor || !form.is_between_exchanges()) form.add(cold.lost);
    // Without values, and without a repair that could tell of any, storage changes nothing that a node does.
    const bool repairs = options_->repair_period > Duration{0};
    if (repairs || form.has_commands() || !cold.storage.store().empty()) form.add(cold.storage, cold.clock_offset);
  }
};

}  // namespace peerbed::ring
