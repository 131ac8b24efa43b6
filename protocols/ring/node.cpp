#include "protocols/ring/node.h"

#include <algorithm>
#include <map>
#include <tuple>
#include <utility>

#include "protocols/environment/version_notice.h"

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
  const std::size_t count = std::min(bootstrap.size(), maximum_bootstrap);
  if (count == 0) {
    node.table_.set_stage(Stage::member);
  } else {
    node.cold_state_.get_or_create().entry.bootstrap.assign(bootstrap.begin(), bootstrap.begin() + count);
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
  const std::size_t count = std::min(bootstrap.size(), maximum_bootstrap);
  node.cold_state_.get_or_create().entry.bootstrap.assign(bootstrap.begin(),
                                                          bootstrap.begin() + static_cast<std::ptrdiff_t>(count));
  return node;
}

void Node::on_start(Environment& environment, Start start) {
  ids_ = QuestionIds(environment.draw(draw_first_id));
  begin_incarnation(environment);
  if (!start.stored.empty()) cold_state_.get_or_create().store.unread = static_cast<std::uint32_t>(start.stored.size());
  for (const ContentKey key : start.stored) environment.read_content(key);
  if (table_.stage() == Stage::joining) {
    cold_state_->entry.started = environment.now();
    ask_bootstrap(environment);
  } else if (table_.stage() == Stage::member) {
    start_timers(environment, true);
  }
}

void Node::on_datagram(Environment& environment, Address from, Bytes payload) {
  if (hedges()) {
    pardon_late_peers(environment.now());
    note_heard(from);
  }
  const bool understood = Messages::dispatch(wire_version, payload, [&]<class Received>(const Received& message) {
    if constexpr (requires { handle(environment, from, message); }) {
      if (table_.stage() != Stage::gone) handle(environment, from, message);
    }
  });
  if (!understood) refuse_datagram(environment, from, payload, wire_version, index_of(TraceEvent::datagram_refused));
}

void Node::on_timer(Environment& environment, TimerId timer) {
  if (table_.stage() == Stage::gone) return;
  if (hedges()) pardon_late_peers(environment.now());
  switch (timer) {
    case stabilize_timer:
      set_period(environment, stabilize_timer, options_->stabilize_period);
      return stabilize(environment);
    case fix_finger_timer:
      set_period(environment, fix_finger_timer, options_->fix_finger_period);
      return fix_fingers(environment, options_->fingers_per_run == 0);
    case check_predecessor_timer:
      set_period(environment, check_predecessor_timer, options_->check_predecessor_period);
      return check_predecessor(environment);
    case lookup_timer:
      set_period(environment, lookup_timer, options_->lookup_period);
      return run_workload(environment);
    case deadline_timer:
      return handle_overdue(environment);
    case repair_timer:
      set_period(environment, repair_timer, options_->repair_period);
      return repair(environment);
  }
}

void Node::on_command(Environment& environment, std::string_view line) {
  if (hedges()) pardon_late_peers(environment.now());
  handle_command(environment, line);
}

// In an ideal ring the periods begin anywhere; a newcomer compares notes at once.
void Node::start_timers(Environment& environment, bool settled) {
  const std::pair<Timer, Duration> periods[] = {
      {stabilize_timer, options_->stabilize_period},
      {fix_finger_timer, options_->fix_finger_period},
      {check_predecessor_timer, options_->check_predecessor_period},
      {lookup_timer, options_->lookup_period},
      {repair_timer, options_->repair_period},
  };
  for (const auto& [timer, period] : periods) {
    if (period <= Duration{0}) continue;
    if (timer == repair_timer && is_repair_hastened(environment.now())) continue;
    const auto phase = environment.draw_below(draw_phase, static_cast<std::uint64_t>(period.count()));
    environment.set_timer(timer, Duration{static_cast<std::int64_t>(phase)});
  }
  if (!settled) stabilize(environment);
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
  if (stabilization_.deadline <= now) handle_stabilization_silence(environment);
  handle_silent_hops(environment);
  if (cold_state_) {
    if (cold_state_->predecessor_check.deadline <= now) handle_predecessor_silence(environment);
    if (cold_state_->entry.deadline <= now) ask_bootstrap(environment);
    handle_overdue_puts(environment);
    handle_overdue_comparisons(environment);
    handle_overdue_operations(environment);
    if (cold_state_->store.leave_deadline <= now) finish_leaving(environment);
  }
  handle_overdue_lookups(environment);
  const Time earliest = earliest_deadline();
  if (earliest != never && table_.stage() != Stage::gone) await(environment, earliest);
}

Time Node::earliest_deadline() const noexcept {
  Time earliest = stabilization_.deadline;
  const auto consider = [&earliest](const auto& pending) {
    for (const auto& entry : pending) earliest = std::min(earliest, entry.deadline);
  };
  consider(lookups_);
  consider(relays_);
  if (hedges())
    for (const Relay& relay : relays_) earliest = std::min(earliest, hedge_time(relay));
  if (!cold_state_) return earliest;
  consider(cold_state_->searches);
  consider(cold_state_->store.accepted);
  consider(cold_state_->store.operations);
  for (const Comparison& comparison : cold_state_->store.comparisons) consider(comparison.asked);
  return std::min({earliest, cold_state_->predecessor_check.deadline, cold_state_->entry.deadline,
                   cold_state_->store.leave_deadline});
}

std::optional<Contact> Node::predecessor() const noexcept {
  return table_.predecessor() ? std::optional(table_.predecessor()) : std::nullopt;
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
  std::map<Key, StoredValue>& values = cold_state_.get_or_create().store.values;
  values.clear();
  for (const auto& [key, stamp] : stamps) values[key].state.stamp = stamp;
  return true;
}

}  // namespace peerbed::ring
