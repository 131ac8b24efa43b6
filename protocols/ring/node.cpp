#include "protocols/ring/node.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "protocols/environment/version_notice.h"
#include "protocols/ring/base/words.h"
#include "protocols/ring/commands.h"

namespace peerbed::ring {

Node::Node(SharedOptions options, Key self) : options_(std::move(options)), table_(self) {
  PEERBED_CONTRACT(options_ != nullptr, "a node has options");
  PEERBED_CONTRACT(options_->key_bits >= 8 && options_->key_bits <= 64, "keys have 8 to 64 bits");
  PEERBED_CONTRACT(options_->successor_list_length >= 1 && options_->successor_list_length <= maximum_successors,
                   "a successor list has 1 to 32 entries");
  PEERBED_CONTRACT(options_->replicas >= 1 && options_->replicas <= maximum_replicas, "a value has 1 to 31 holders");
  PEERBED_CONTRACT(space().contains(table_.self()), "a node's key lies on the ring");
}

Node Node::joining(SharedOptions options, Key self, std::span<const Address> bootstrap) {
  Node node(std::move(options), self);
  if (bootstrap.empty()) {
    node.table_.set_stage(Stage::member);
  } else {
    node.cold_state_.get_or_create().bootstrap = Bootstrap(bootstrap);
  }
  return node;
}

Node Node::converged(SharedOptions options, std::span<const Contact> members, std::size_t own_index) {
  Node node(std::move(options), members[own_index].key);
  node.table_ = RoutingTable::converged(*node.options_, members, own_index);
  return node;
}

Node Node::guest(SharedOptions options, std::span<const Address> bootstrap) {
  PEERBED_CONTRACT(!bootstrap.empty(), "a guest knows a member");
  Node node(std::move(options), Key{});
  node.table_.set_stage(Stage::guest);
  node.cold_state_.get_or_create().bootstrap = Bootstrap(bootstrap);
  return node;
}

void Node::on_start(Environment& environment, Start start) {
  ids_ = QuestionIds(environment.draw(draw_first_id));
  const bool is_of_ideal_ring = table_.is_member() && !table_.successors().empty();
  if (!is_of_ideal_ring) incarnation_ = incarnation_begun_at(clock(environment));
  if (!start.stored.empty()) storage().store().expect(start.stored.size());
  for (const ContentKey key : start.stored) environment.read_content(key);
  if (table_.stage() == Stage::joining) {
    cold_state_->bootstrap.begin(environment.now());
    seek_place(environment);
  } else if (table_.stage() == Stage::member) {
    Membership::begin_periods(overlay_context(environment));
  } else if (table_.stage() == Stage::guest) {
    Membership::begin_lookups(overlay_context(environment));
  }
}

void Node::on_datagram(Environment& environment, Address from, Bytes payload) {
  if (cold_state_ && cold_state_->punctuality) {
    cold_state_->punctuality->late.pardon(environment.now());
    cold_state_->punctuality->late.note_heard(from);
    cold_state_->punctuality->along.note_heard(from);
  }
  const bool understood = Messages::dispatch(wire_version, payload, [&]<class Received>(const Received& message) {
    if (table_.stage() == Stage::gone) return;
    if constexpr (requires { handle(environment, from, message); }) {
      handle(environment, from, message);
    } else if constexpr (requires { membership_.take(overlay_context(environment), from, message); }) {
      membership_.take(overlay_context(environment), from, message);
    } else if constexpr (requires { finder_.take(overlay_context(environment), from, message); }) {
      finder_.take(overlay_context(environment), from, message);
    }
  });
  if (!understood) refuse_datagram(environment, from, payload, wire_version, index_of(TraceEvent::datagram_refused));
}

void Node::on_timer(Environment& environment, TimerId timer) {
  if (table_.stage() == Stage::gone) return;
  pardon_late_peers(environment.now());
  switch (timer) {
    case stabilize_timer:
      set_period(environment, stabilize_timer, options_->stabilize_period);
      return membership_.stabilize(overlay_context(environment));
    case fix_finger_timer:
      set_period(environment, fix_finger_timer, options_->fix_finger_period);
      return finder_.fix_fingers(overlay_context(environment), options_->fingers_per_run == 0);
    case check_predecessor_timer:
      set_period(environment, check_predecessor_timer, options_->check_predecessor_period);
      return membership_.check_predecessor(overlay_context(environment));
    case lookup_timer:
      set_period(environment, lookup_timer, options_->lookup_period);
      if (!table_.is_member() && !is_guest()) return;
      return start_lookup(environment, space().wrap(environment.draw(draw_workload)), LookupReason::workload, 0);
    case deadline_timer:
      return handle_overdue(environment);
    case repair_timer:
      set_period(environment, repair_timer, options_->repair_period);
      return repair(environment);
  }
}

void Node::on_command(Environment& environment, std::string_view line) {
  pardon_late_peers(environment.now());
  if (const std::string fault = fault_of_command(line, space()); !fault.empty())
    return environment.refuse("usage", fault);
  Words words(line);
  const std::string verb = words.next()->text;
  if (verb == "lookup") return start_lookup(environment, Key{*to_number(words.rest())}, LookupReason::command, 0);
  if (verb == "quit" || verb == "Quit") return on_leave(environment);
  if (verb == "put") {
    const PutWords put_words = read_put(words.rest());
    const std::string& value = put_words.value.text;
    put(environment, put_words.name, std::as_bytes(std::span(value.data(), value.size())), put_words.lifetime);
    return;
  }
  const std::string name = words.next()->text;
  if (verb == "remove") return static_cast<void>(remove(environment, name));
  get(environment, name);
}

void Node::set_period(Environment& environment, Timer timer, Duration period) {
  const std::int64_t spread = period.count() / 100 * options_->period_jitter_percent;
  std::int64_t delay = period.count();
  if (spread > 0) {
    delay += static_cast<std::int64_t>(environment.draw_below(draw_jitter, static_cast<std::uint64_t>(2 * spread + 1)));
    delay -= spread;
  }
  environment.set_timer(timer, Duration{delay});
}

void Node::handle_overdue(Environment& environment) {
  const Time now = environment.now();
  deadlines_.disarm();
  const OverlayContext context = overlay_context(environment);
  if (membership_.stabilization().deadline() <= now && membership_.handle_stabilization_silence(context))
    seek_place(environment);
  for (std::size_t i = 0; const auto ended = finder_.handle_overdue_hops(context, i);) follow(environment, ended);
  if (cold_state_) {
    if (cold_state_->predecessor_check.deadline() <= now) membership_.handle_predecessor_silence(context);
    if (cold_state_->bootstrap.deadline() <= now) seek_place(environment);
    Storage& storage = cold_state_->storage;
    for (const Contact peer : storage.handle_overdue(storage_context(environment)))
      seek_owner(environment, storage.abandon(storage_context(environment), peer));
    handle_overdue_requests(environment);
    if (storage.leave_deadline() <= now) membership_.finish_leaving(context);
  }
  for (std::size_t i = 0; const auto ended = finder_.handle_overdue_lookups(context, i);) follow(environment, ended);
  for (std::size_t i = 0; const auto ended = finder_.handle_overdue_searches(context, i);) follow(environment, ended);
  const Time earliest = earliest_deadline();
  if (earliest != never && table_.stage() != Stage::gone) deadlines_.await(environment, earliest);
}

Time Node::earliest_deadline() const noexcept {
  Time earliest = std::min(membership_.stabilization().deadline(), finder_.earliest_deadline(*options_));
  if (!cold_state_) return earliest;
  if (cold_state_->requests) earliest = std::min(earliest, cold_state_->requests->earliest_deadline());
  return std::min({earliest, cold_state_->searches.earliest_deadline(), cold_state_->predecessor_check.deadline(),
                   cold_state_->bootstrap.deadline(), cold_state_->storage.earliest_deadline()});
}

std::optional<Contact> Node::predecessor() const noexcept {
  return table_.predecessor() ? std::optional(table_.predecessor()) : std::nullopt;
}

std::optional<ValueStamp> Node::holds(Key key) const {
  const StoredValue* value = cold_state_ ? cold_state_->storage.store().find(key) : nullptr;
  return value == nullptr ? std::nullopt : std::optional(value->state.stamp);
}

void Node::for_each_value(const std::function<void(Key, ValueStamp)>& visit) const {
  if (!cold_state_) return;
  for (const auto& [key, value] : cold_state_->storage.store().values()) visit(key, value.state.stamp);
}

std::size_t Node::value_count() const noexcept { return cold_state_ ? cold_state_->storage.store().size() : 0; }

void Node::on_content(Environment& environment, const ContentReady& ready) {
  if (cold_state_ || ready.found) storage().store().take_content(storage_context(environment), ready);
}

void Node::handle(Environment& environment, Address from, const Put& put) {
  if (!table_.is_member() || !space().contains(put.key) || !put.copy.is_intact(put.key)) return;
  if (!table_.owns_key(put.key))
    return environment.send(from, PutDone{.id = put.id, .outcome = PutDone::Outcome::not_owner, .stamp = {}});
  if (storage().accept(storage_context(environment), from, put)) discard_superseded(environment);
}

void Node::handle(Environment& environment, Address from, const Get& get) {
  if (!table_.is_member()) return;
  const Storage none;
  const Storage& storage = cold_state_ ? cold_state_->storage : none;
  storage.answer(storage_context(environment), from, get);
}

void Node::handle(Environment& environment, Address from, const Replicate& copy) {
  if (!table_.is_member() || !space().contains(copy.key) || !copy.copy.is_intact(copy.key)) return;
  storage().take(storage_context(environment), from, copy);
}

void Node::handle(Environment& environment, Address from, const Replicated& done) {
  if (!cold_state_ || !table_.is_member()) return;
  Storage& storage = cold_state_->storage;
  if (storage.note_holder(storage_context(environment), from, done)) discard_superseded(environment);
  seek_owner(environment, storage.note_delivery(storage_context(environment), from, done));
}

void Node::handle(Environment& environment, Address from, const Compare& compare) {
  if (!table_.is_member() || !space().contains(compare.begin) || !space().contains(compare.owner) || !from ||
      compare.parts.empty())
    return;
  // Who owns the keys just before this node's precedes it, as it would say in a notification.
  const Contact predecessor = table_.predecessor();
  const bool precedes = predecessor && between(predecessor.key, compare.owner, table_.self());
  if (compare.owner != table_.self() && precedes)
    membership_.take(overlay_context(environment), from, Notify{compare.owner});
  Storage none;
  Storage& storage = cold_state_ ? cold_state_->storage : none;
  storage.answer(storage_context(environment), from, compare);
}

void Node::handle(Environment& environment, Address from, const Offer& offer) {
  if (!table_.is_member() || !space().contains(offer.begin) || !space().contains(offer.end)) return;
  Storage none;
  Storage& storage = cold_state_ || Storage::may_keep(offer, table_) ? this->storage() : none;
  storage.answer(storage_context(environment), from, offer);
}

template <class Answer>
void Node::take_answer(Environment& environment, Address from, const Answer& answer) {
  if (!cold_state_ || !table_.is_member()) return;
  seek_owner(environment, cold_state_->storage.take(storage_context(environment), from, answer));
}

void Node::seek_owner(Environment& environment, std::optional<Key> orphan) {
  if (orphan) start_lookup(environment, *orphan, LookupReason::hand_off, 0);
}

void Node::repair(Environment& environment) {
  if (!table_.is_member() || !cold_state_) return;
  Storage& storage = cold_state_->storage;
  if (!storage.begin_repair(storage_context(environment))) return;
  discard_superseded(environment);
  const Storage::HandedOver handed_over = storage.hand_over(storage_context(environment));
  seek_owner(environment, handed_over.orphan);
  storage.end_repair(storage_context(environment), handed_over.is_any);
}

std::uint32_t Node::put(Environment& environment, std::string_view name, Bytes value, Duration lifetime) {
  if (!Requests::may_put(context(environment), name, value)) return 0;
  const std::uint32_t id = requests().put(request_context(environment), name, value, lifetime);
  pursue_requests(environment);
  return id;
}

std::uint32_t Node::remove(Environment& environment, std::string_view name) {
  const std::uint32_t id = requests().remove(request_context(environment), name);
  pursue_requests(environment);
  return id;
}

std::uint32_t Node::get(Environment& environment, std::string_view name) {
  const std::uint32_t id = requests().get(request_context(environment), name);
  pursue_requests(environment);
  return id;
}

std::uint32_t Node::fetch(Environment& environment, std::string_view name) {
  const std::uint32_t id = requests().fetch(request_context(environment), name);
  pursue_requests(environment);
  return id;
}

bool Node::is_pending(std::uint32_t id) const noexcept {
  return cold_state_ && cold_state_->requests && cold_state_->requests->is_pending(id);
}

std::optional<std::vector<std::byte>> Node::take_fetched(std::uint32_t id) {
  return cold_state_ && cold_state_->requests ? cold_state_->requests->take_fetched(id) : std::nullopt;
}

std::size_t Node::pending_operations() const noexcept {
  return cold_state_ && cold_state_->requests ? cold_state_->requests->operation_count() : 0;
}

std::uint64_t Node::progress() const noexcept {
  return cold_state_ && cold_state_->requests ? cold_state_->requests->progress() : 0;
}

// Looks up the owners that requests seek, one after the other. What a lookup that ends at once leads to is among them.
void Node::pursue_requests(Environment& environment) {
  Requests& requests = *cold_state_->requests;
  if (!requests.begin_pursuit()) return;
  Store& store = cold_state_->storage.store();
  while (const auto sought = requests.next_sought(request_context(environment), storage_context(environment), store))
    start_lookup(environment, sought->key, LookupReason::operation, sought->operation);
}

// A lookup for a request ended. Late holders have the last turn.
void Node::continue_request(Environment& environment, std::uint32_t id, std::span<const Contact> holders) {
  std::vector<Contact> in_turn(holders.begin(), holders.end());
  std::stable_partition(in_turn.begin(), in_turn.end(), [this](Contact holder) { return !is_late(holder); });
  const Contact owner = holders.empty() ? Contact{} : holders.front();
  cold_state_->requests->found(request_context(environment), id, owner, in_turn);
  pursue_requests(environment);
}

template <class Answer>
void Node::take_answer_to_request(Environment& environment, Address from, const Answer& answer) {
  if (!cold_state_ || !cold_state_->requests) return;
  cold_state_->requests->take(request_context(environment), from, answer);
  pursue_requests(environment);
}

void Node::handle_overdue_requests(Environment& environment) {
  if (!cold_state_->requests) return;
  Requests& requests = *cold_state_->requests;
  for (const std::uint32_t id : requests.overdue(environment.now())) {
    for (const Contact holder : requests.late_holders(request_context(environment), id))
      overlay_context(environment).punctuality().late.note(context(environment), holder.address, false);
    requests.handle_overdue(request_context(environment), id);
    pursue_requests(environment);
  }
}

void Node::discard_superseded(Environment& environment) {
  if (!cold_state_->storage.store().has_superseded()) return;
  requests().discard_superseded();
  pursue_requests(environment);
}

void Node::on_leave(Environment& environment) { membership_.begin_leaving(overlay_context(environment)); }

void Node::hear_of(Environment& environment, Address member) {
  membership_.hear_of(overlay_context(environment), member);
}

void Node::seek_place(Environment& environment) {
  membership_.seek_place(overlay_context(environment), place_patience());
}

Duration Node::place_patience() const noexcept {
  return rtt_.known() ? finder_.lookups().patience(*options_, rtt_, table_) : options_->lookup_timeout;
}

// Each of those it knows is asked twice, the second time for twice as long.
Duration Node::longest_search() const noexcept {
  const std::size_t known = cold_state_ ? cold_state_->bootstrap.nodes().size() : 0;
  return place_patience() * static_cast<std::int64_t>(3 * known);
}

void Node::handle(Environment& environment, Address, const Welcome& welcome) {
  const OverlayContext context = overlay_context(environment);
  if (membership_.take(context, welcome)) finder_.fix_fingers(context, true);
}

void Node::handle(Environment& environment, Address from, const Called& called) {
  if (membership_.take(overlay_context(environment), from, called)) seek_place(environment);
}

void Node::handle(Environment& environment, Address from, const Pong& pong) {
  const OverlayContext context = overlay_context(environment);
  if (!membership_.take(context, from, pong)) return;
  const Contact stranger = finder_.introduce(context, {pong.self, from});
  if (stranger) membership_.ask_candidate(context, stranger);
}

void Node::handle(Environment& environment, Address from, const Find& find) {
  const OverlayContext context = overlay_context(environment);
  const Finder::Arrival arrival = finder_.take(context, from, find);
  follow(environment, arrival.ended);
  if (arrival.stranger) membership_.ask_candidate(context, arrival.stranger);
}

void Node::start_lookup(Environment& environment, Key key, LookupReason reason, std::uint32_t subject) {
  follow(environment, finder_.start_lookup(overlay_context(environment), key, reason, subject));
}

// A lookup for values has ended.
void Node::follow(Environment& environment, const std::optional<Finder::Ended>& ended) {
  if (!ended) return;
  const auto holders = ended->found.holders.all();
  if (ended->lookup.reason == LookupReason::operation)
    return continue_request(environment, ended->lookup.subject, holders);
  const Contact owner = holders.empty() ? Contact{} : holders.front();
  seek_owner(environment, cold_state_->storage.end_search(storage_context(environment), ended->lookup.key, owner));
}

void Node::append_visible_state(std::vector<std::byte>& out) const {
  std::map<Key, ValueStamp> stamps;
  for_each_value([&stamps](Key key, ValueStamp stamp) { stamps.emplace_hint(stamps.end(), key, stamp); });
  table_.append_visible_state(out);
  append_state(out, stamps);
}

bool Node::take_visible_state(Bytes bytes) {
  std::map<Key, ValueStamp> stamps;
  if (!table_.take_visible_state(bytes) || !read_state(bytes, stamps) || !bytes.empty()) return false;
  storage().store().show(stamps);
  return true;
}

}  // namespace peerbed::ring
