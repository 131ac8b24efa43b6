#include "protocols/swim/node.h"

#include <algorithm>
#include <bit>
#include <string>
#include <utility>

#include "protocols/environment/version_notice.h"
#include "protocols/swim/commands.h"
#include "protocols/swim/purpose.h"

namespace peerbed::swim {
namespace {

constexpr std::size_t most_lines = 100;  // of a list of members

std::uint32_t drawn_number(Environment& environment) {
  return static_cast<std::uint32_t>(environment.draw(draw_number));
}

Duration drawn_phase(Environment& environment, Duration period) {
  return Duration(
      static_cast<std::int64_t>(environment.draw_below(draw_phase, static_cast<std::uint64_t>(period.count()))));
}

}  // namespace

Node Node::joining(SharedOptions options, Address self, std::span<const Address> bootstrap) {
  Node node(std::move(options), self, MemberList({{.address = self}}));
  for (const Address address : bootstrap)
    if (address != self && node.bootstrap_.size() < maximum_bootstrap) node.bootstrap_.push_back(address);
  if (node.bootstrap_.empty()) node.stage_ = Stage::member;
  return node;
}

Node Node::converged(SharedOptions options, Address self, std::span<const Address> members) {
  std::vector<Member> all;
  all.reserve(members.size());
  for (const Address member : members) all.push_back({.address = member});
  Node node(std::move(options), self, MemberList(std::move(all)));
  node.stage_ = Stage::member;
  return node;
}

void Node::on_start(Environment& environment, Start) {
  started_ = environment.now();
  for (const Member& member : members_.all())
    if (member.address != self_) turns_.add(environment, member.address);
  environment.set_timer(period_timer, drawn_phase(environment, options_->probe_period));
  if (stage_ == Stage::joining) return sync(environment);
  if (options_->sync_period > Duration::zero())
    environment.set_timer(sync_timer, drawn_phase(environment, options_->sync_period));
}

void Node::on_datagram(Environment& environment, Address from, Bytes payload) {
  const bool understood = Messages::dispatch(wire_version, payload, [&](const auto& message) {
    if (stage_ == Stage::gone) return;
    for (const Update& update : message.updates.all()) learn(environment, update);
    handle(environment, from, message);
  });
  if (!understood) refuse_datagram(environment, from, payload, wire_version, index_of(TraceEvent::datagram_refused));
}

void Node::on_timer(Environment& environment, TimerId timer) {
  if (stage_ == Stage::gone) return;
  switch (timer) {
    case period_timer:
      return probe_next(environment);
    case patience_timer:
      return ask_proxies(environment);
    case suspicion_timer:
      return bury_overdue(environment);
    case relay_timer:
      return handle_due_relays(environment);
    case sync_timer:
      return sync(environment);
  }
}

void Node::on_command(Environment& environment, std::string_view line) {
  if (line == "members") return print_members(environment);
  if (line == "quit" || line == "Quit") return on_leave(environment);
  environment.refuse("usage", "Unknown command: members and quit are known");
}

void Node::on_leave(Environment& environment) {
  const Update farewell{self_, members_.find(self_)->incarnation, Standing::dead, self_};
  gossip_.add(farewell);
  for (unsigned i = 0; i < repeats(); ++i)
    if (const auto member = turns_.any(environment)) environment.send(*member, News{updates_for(*member)});
  stage_ = Stage::gone;
  environment.trace(index_of(TraceEvent::left), {});
  environment.exit();
}

bool Node::lists(Address member) const noexcept {
  const Member* const known = members_.find(member);
  return known != nullptr && known->standing != Standing::dead;
}

void Node::probe_next(Environment& environment) {
  end_probe(environment);
  members_.forget_dead(environment.now() - options_->remember_dead);
  environment.set_timer(period_timer, scaled(options_->probe_period));
  const bool is_in_turn = options_->probe_order == ProbeOrder::round_robin;
  const auto target = is_in_turn ? turns_.next(environment) : turns_.any(environment);
  if (!target) return;
  probe_ = Probe{*target, drawn_number(environment), {}};
  environment.send(*target, Ping{probe_->number, updates_for(*target)});
  environment.set_timer(patience_timer, scaled(options_->probe_timeout));
}

void Node::ask_proxies(Environment& environment) {
  if (!probe_ || probe_->is_answered) return;
  probe_->proxies = turns_.some(environment, options_->proxies, probe_->target);
  for (const Address proxy : probe_->proxies.all())
    environment.send(proxy, PingRequest{probe_->number, probe_->target, updates_for(proxy)});
}

// A proxy that says nothing at all may be a sign that this node is slow. If it is the only one to notice nothing, it is
// the one to doubt (Lifeguard, section IV.A; what counts how much is as in memberlist).
void Node::end_probe(Environment& environment) {
  if (!probe_) return;
  const Probe probe = *std::exchange(probe_, std::nullopt);
  environment.trace(index_of(TraceEvent::probe_done), {probe.is_answered, !probe.proxies.empty()});
  if (probe.is_answered) return;
  change_health(environment, probe.proxies.empty() ? 1 : static_cast<int>(probe.proxies.size()) - probe.nacks);
  const Member* const target = members_.find(probe.target);
  if (target != nullptr) learn(environment, {target->address, target->incarnation, Standing::suspect, self_});
}

void Node::handle_due_relays(Environment& environment) {
  while (const auto relay = relays_.take_due(environment.now(), options_->probe_period))
    if (!relay->is_told) environment.send(relay->asker, Nack{relay->asked, updates_for(relay->asker)});
  if (const Time due = relays_.earliest_due(); due != never)
    environment.set_timer(relay_timer, due - environment.now());
}

void Node::change_health(Environment& environment, int change) {
  const int limit = static_cast<int>(options_->local_health_limit);
  const int health = std::clamp(health_ + change, 0, limit);
  if (health == health_) return;
  health_ = static_cast<std::uint8_t>(health);
  environment.trace(index_of(TraceEvent::health_changed), {health_});
}

// To whom is not alive here, that is said first, so that it objects. The dead must always hear of it, or else the
// halves of a group would never meet again.
Updates Node::updates_for(Address to) {
  Updates updates;
  const Member* const known = members_.find(to);
  const bool is_dead = known != nullptr && known->standing == Standing::dead;
  const bool is_suspect = known != nullptr && known->standing == Standing::suspect;
  if (is_dead || (is_suspect && options_->buddy_system)) updates.add({to, known->incarnation, known->standing, self_});
  gossip_.take(updates, options_->piggyback, repeats());
  return updates;
}

void Node::handle(Environment& environment, Address from, const Ping& ping) {
  environment.send(from, Ack{ping.number, updates_for(from)});
}

void Node::handle(Environment& environment, Address from, const Ack& ack) {
  if (probe_ && probe_->number == ack.number && (probe_->target == from || probe_->has_asked(from))) {
    if (!std::exchange(probe_->is_answered, true)) change_health(environment, -1);
  } else if (const auto relay = relays_.take_answered(ack.number, from)) {
    environment.send(relay->asker, Ack{relay->asked, updates_for(relay->asker)});
  }
}

// Only who is known is pinged, so that nobody can have others pinged at will.
void Node::handle(Environment& environment, Address from, const PingRequest& request) {
  if (request.target == self_) return environment.send(from, Ack{request.number, updates_for(from)});
  const std::uint32_t number = drawn_number(environment);
  const Time due = environment.now() + options_->probe_timeout / 5 * 4;
  if (members_.find(request.target) == nullptr ||
      !relays_.add({.asker = from, .target = request.target, .asked = request.number, .number = number, .due = due}))
    return environment.send(from, Nack{request.number, updates_for(from)});
  environment.send(request.target, Ping{number, updates_for(request.target)});
  environment.set_timer(relay_timer, relays_.earliest_due() - environment.now());
}

void Node::handle(Environment&, Address from, const Nack& nack) {
  if (probe_ && probe_->number == nack.number && probe_->has_asked(from) && probe_->nacks < probe_->proxies.size())
    ++probe_->nacks;
}

void Node::handle(Environment& environment, Address from, const ListRequest& request) {
  const bool is_same = !request.after && request.digest == members_.digest();
  environment.send(from, ListPage{request.number, is_same ? Updates{} : members_.page_after(request.after)});
  if (!lists(from) && members_.find(from) != nullptr) environment.send(from, News{updates_for(from)});
}

// Somebody who is alive there and dead here is told so, and objects if it can.
void Node::handle(Environment& environment, Address from, const ListPage& page) {
  if (from != partner_ || page.number != page_number_) return;
  for (const Update& update : page.updates.all())
    if (members_.find(update.member) != nullptr && !lists(update.member))
      environment.send(update.member, Ping{drawn_number(environment), updates_for(update.member)});
  if (page.updates.full()) return ask_for_list(environment, page.updates.all().back().member);
  if (stage_ == Stage::joining) {
    stage_ = Stage::member;
    environment.trace(index_of(TraceEvent::joined),
                      {static_cast<std::uint64_t>((environment.now() - started_).count())});
    await_suspects(environment);
  }
  end_sync(environment);
}

void Node::learn(Environment& environment, const Update& update) {
  if (!update.is_valid()) return;
  if (update.member == self_) return object(environment, update);
  const Member* const known = members_.find(update.member);
  const bool was_listed = lists(update.member);
  const bool is_current = known != nullptr && known->incarnation == update.incarnation;
  const Time now = environment.now();
  const Duration suspected = known != nullptr && known->standing == Standing::suspect ? now - known->since : Duration{};
  const MemberList::Change change = members_.apply(update, now, options_->maximum_members);
  if (change == MemberList::Change::refused)
    return environment.trace(index_of(TraceEvent::member_refused), {update.member.value});
  const bool is_confirmed = change == MemberList::Change::none && is_current && update.standing == Standing::suspect &&
                            suspicions_.confirm(patience(), update.member, update.accuser);
  if (change == MemberList::Change::none && !is_confirmed) return;
  // A newcomer has no news: what it hears is what all others know.
  if (stage_ == Stage::member) gossip_.add(update);
  if (!is_confirmed) {
    report(environment, update, change, suspected);
    suspicions_.end(update.member);
    if (update.standing == Standing::suspect) suspicions_.begin(update.member, update.accuser, now);
    if (was_listed && !lists(update.member)) turns_.erase(update.member);
    if (!was_listed && lists(update.member)) turns_.add(environment, update.member);
  }
  await_suspects(environment);
}

void Node::report(Environment& environment, const Update& update, MemberList::Change change, Duration suspected) const {
  const auto trace = [&](TraceEvent event, const TraceValues& values = {}) {
    environment.trace(index_of(event), {update.member.value, update.accuser == self_, values[0], values[1]});
  };
  switch (change) {
    case MemberList::Change::joined:
      return trace(TraceEvent::member_joined);
    case MemberList::Change::cleared:
      return trace(TraceEvent::member_cleared);
    case MemberList::Change::suspected:
      return trace(TraceEvent::member_suspected);
    case MemberList::Change::died:
      return trace(TraceEvent::member_dead,
                   {static_cast<std::uint64_t>(suspected.count()), update.accuser == update.member});
    case MemberList::Change::none:
    case MemberList::Change::renewed:
    case MemberList::Change::refused:
      return;
  }
}

// Whatever is said of this node that it did not say itself gives it a later incarnation. An earlier process of it may
// have been in one that it does not know.
void Node::object(Environment& environment, const Update& update) {
  const std::uint32_t own = members_.find(self_)->incarnation;
  const bool is_alive = update.standing == Standing::alive;
  if (update.incarnation < own || (is_alive && update.incarnation == own)) return;
  const Update objection{self_, std::max(update.incarnation, update.incarnation + 1), Standing::alive, {}};
  members_.apply(objection, environment.now(), options_->maximum_members);
  gossip_.add(objection);
  if (is_alive) return;
  environment.trace(index_of(TraceEvent::suspicion_refuted), {objection.incarnation});
  change_health(environment, 1);
}

// Nobody is buried by a newcomer, which does not know yet how large the group is.
void Node::bury_overdue(Environment& environment) {
  if (stage_ == Stage::joining) return;
  while (const auto overdue = suspicions_.take_overdue(patience(), environment.now()))
    if (const Member* const member = members_.find(*overdue))
      learn(environment, {member->address, member->incarnation, Standing::dead, self_});
  await_suspects(environment);
}

void Node::await_suspects(Environment& environment) {
  if (const Time earliest = suspicions_.earliest_deadline(patience()); earliest != never)
    environment.set_timer(suspicion_timer, earliest - environment.now());
}

unsigned Node::repeats() const noexcept {
  return options_->repeat_factor * static_cast<unsigned>(std::bit_width(members_.living()));
}

void Node::sync(Environment& environment) {
  if (stage_ == Stage::member && partner_) return end_sync(environment);  // it did not answer
  partner_ = drawn_partner(environment);
  if (!partner_) return end_sync(environment);
  if (stage_ == Stage::joining) gossip_.add({self_, members_.find(self_)->incarnation, Standing::alive, {}});
  ask_for_list(environment, {});
}

void Node::ask_for_list(Environment& environment, Address after) {
  page_number_ = drawn_number(environment);
  environment.send(partner_, ListRequest{page_number_, after, members_.digest(), updates_for(partner_)});
  environment.set_timer(sync_timer, 2 * scaled(options_->probe_timeout));
}

// A newcomer asks those that it was told of, a member anybody that it remembers: the dead may be alive again.
Address Node::drawn_partner(Environment& environment) const {
  const std::size_t known = stage_ == Stage::joining ? 0 : members_.all().size();
  const std::size_t count = known + bootstrap_.size();
  if (count == 0) return {};
  const auto drawn = static_cast<std::size_t>(environment.draw_below(draw_partner, count));
  const Address partner = drawn < known ? members_.all()[drawn].address : bootstrap_[drawn - known];
  return partner == self_ ? Address{} : partner;
}

void Node::end_sync(Environment& environment) {
  partner_ = {};
  if (options_->sync_period > Duration::zero()) environment.set_timer(sync_timer, options_->sync_period);
}

void Node::print_members(Environment& environment) const {
  const auto all = members_.all();
  environment.print(std::to_string(members_.living()) + (members_.living() == 1 ? " member" : " members"));
  std::size_t lines = 0;
  for (const Member& member : all) {
    if (member.standing == Standing::dead) continue;
    if (++lines > most_lines) return environment.print("and others");
    environment.print(to_string(member.address) + (member.standing == Standing::suspect ? ", suspected" : ""));
  }
}

void Node::append_visible_state(std::vector<std::byte>& out) const {
  append_state(out, members_);
  append_state(out, stage_);
  append_state(out, health_);
}

bool Node::take_visible_state(Bytes bytes) {
  if (!read_state(bytes, members_) || !read_state(bytes, stage_) || !read_state(bytes, health_)) return false;
  members_.note_all();
  return bytes.empty();
}

}  // namespace peerbed::swim
