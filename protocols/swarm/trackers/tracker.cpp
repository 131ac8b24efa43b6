#include "protocols/swarm/trackers/tracker.h"

#include <algorithm>

#include "protocols/environment/version_notice.h"

namespace peerbed::swarm {

namespace {

// How much a peer that asks for what it missed gets at once; it asks again for the rest.
constexpr std::size_t datagrams_per_query = 4;

// Of a heartbeat to a peer that says that it leaves. Those of members are numbered from 1.
constexpr std::uint32_t farewell = 0;

}  // namespace

Tracker::Tracker(SharedOptions options) : options_(std::move(options)) {
  PEERBED_CONTRACT(options_ != nullptr, "a tracker has options");
  check(*options_);
}

void Tracker::on_start(Environment& environment, Start) { epoch_ = environment.draw(draw_epoch) | 1; }

void Tracker::on_datagram(Environment& environment, Address from, Bytes payload) {
  const bool understood = Messages::dispatch(wire_version, payload, [&]<class Received>(const Received& message) {
    if constexpr (requires { handle(environment, from, message); }) handle(environment, from, message);
  });
  if (!understood) refuse_datagram(environment, from, payload, wire_version, index_of(TraceEvent::datagram_refused));
}

void Tracker::on_timer(Environment& environment, TimerId timer) {
  if (timer == push_timer) return push(environment);
  armed_ = Time::max();
  ask_due_peers(environment);
}

void Tracker::on_command(Environment& environment, std::string_view line) {
  if (line == "quit" || line == "QUIT") return on_leave(environment);
  if (line != "list") return environment.refuse("unknown-command", "Unknown command: list and quit are known");
  environment.print(std::to_string(members_.size()) + " peers");
  for (const auto& [peer, member] : members_) environment.print(to_string(peer));
}

// Peers notice the silence, and go on without.
void Tracker::on_leave(Environment& environment) { environment.exit(); }

// ---------------------------------------------------------------------------------------------------------------------
// The list

void Tracker::note_change(Environment& environment, Address peer, bool listed) {
  if (changes_ == pushed_) environment.set_timer(push_timer, options_->push_period);
  ++changes_;
  remembered_.push_back({peer, listed});
  // What is not pushed yet has to stay, whatever the limit.
  while (remembered_.size() > std::max<std::uint64_t>(options_->remembered_changes, changes_ - pushed_))
    remembered_.pop_front();
}

void Tracker::drop(Environment& environment, Address peer, bool silent) {
  const auto member = members_.find(peer);
  if (member == members_.end()) return;
  due_.erase({member->second.due, peer});
  members_.erase(member);
  note_change(environment, peer, false);
  environment.trace(index_of(TraceEvent::peer_dropped), {peer.value, members_.size(), silent ? 1U : 0U});
}

void Tracker::push(Environment& environment) {
  for (const auto& [peer, member] : members_) send_changes(environment, peer, pushed_, SIZE_MAX);
  pushed_ = changes_;
}

void Tracker::send_changes(Environment& environment, Address to, std::uint64_t from, std::size_t datagrams) const {
  const std::uint64_t oldest = changes_ - remembered_.size();
  do {
    ListChanges message{.from = {epoch_, from}, .changes = {}};
    for (std::size_t room = ListChanges::room; from < changes_ && !message.changes.full(); ++from) {
      const ListChange& change = remembered_[from - oldest];
      if (change.size_on_wire() > room) break;
      room -= change.size_on_wire();
      message.changes.add(change);
    }
    environment.send(to, message);
  } while (from < changes_ && --datagrams > 0);
}

void Tracker::send_page(Environment& environment, Address to, Address after) const {
  ListPage page{.version = version(), .after = after, .last = false, .peers = {}};
  auto member = members_.upper_bound(after);
  for (std::size_t room = ListPage::room; member != members_.end() && !page.peers.full(); ++member) {
    if (encoded_size(member->first) > room) break;
    room -= encoded_size(member->first);
    page.peers.add(member->first);
  }
  page.last = member == members_.end();
  environment.send(to, page);
}

// ---------------------------------------------------------------------------------------------------------------------
// Signs of life

void Tracker::schedule(Environment& environment, Address peer, Member& member, Time due) {
  due_.erase({member.due, peer});
  member.due = due;
  due_.insert({due, peer});
  arm(environment);
}

void Tracker::arm(Environment& environment) {
  if (due_.empty() || due_.begin()->first >= armed_) return;
  armed_ = due_.begin()->first;
  environment.set_timer(heartbeat_timer, armed_ - environment.now());
}

void Tracker::ask_due_peers(Environment& environment) {
  while (!due_.empty() && due_.begin()->first <= environment.now()) {
    const Address peer = due_.begin()->second;
    Member& member = members_.at(peer);
    if (member.asked == options_->missed_heartbeats) {
      drop(environment, peer, true);
      continue;
    }
    ++member.asked;
    environment.send(peer, Heartbeat{{epoch_, pushed_}, ++member.number});
    schedule(environment, peer, member, environment.now() + options_->heartbeat_timeout);
  }
  arm(environment);
}

void Tracker::enlist(Environment& environment, Address peer) {
  auto member = members_.find(peer);
  if (member == members_.end()) {
    if (members_.size() >= options_->maximum_peers) return;
    member = members_.emplace(peer, Member{}).first;
    note_change(environment, peer, true);
    environment.trace(index_of(TraceEvent::peer_listed), {peer.value, members_.size()});
  }
  member->second.asked = 0;
  schedule(environment, peer, member->second, environment.now() + options_->heartbeat_interval);
  send_page(environment, peer, Address{});
}

void Tracker::handle(Environment& environment, Address from, const Enrol&) { enlist(environment, from); }

void Tracker::handle(Environment& environment, Address from, const Alive& alive) {
  if (alive.epoch != epoch_) return;
  const auto member = members_.find(from);
  if (member == members_.end()) {
    if (alive.number == farewell) enlist(environment, from);
    return;
  }
  if (member->second.number - alive.number >= member->second.asked) return;  // an answer to none of them
  member->second.asked = 0;
  schedule(environment, from, member->second, environment.now() + options_->heartbeat_interval);
}

// Who has left does not answer. Who does is another process, started since, and what the former one said came late.
void Tracker::handle(Environment& environment, Address from, const Leaving&) {
  if (!members_.contains(from)) return;
  drop(environment, from, false);
  environment.send(from, Heartbeat{{epoch_, pushed_}, farewell});
}

// Only those who are listed get more than they send.
void Tracker::handle(Environment& environment, Address from, const ListQuery& query) {
  if (!members_.contains(from)) return;
  if (query.after) return send_page(environment, from, query.after);
  const std::uint64_t oldest = changes_ - remembered_.size();
  const bool is_remembered =
      query.held.epoch == epoch_ && query.held.changes >= oldest && query.held.changes <= changes_;
  if (!is_remembered) return send_page(environment, from, Address{});
  send_changes(environment, from, query.held.changes, datagrams_per_query);
}

// One datagram for one, and only between those who are listed. To whom it is not to introduce to anybody it tells where
// it sees them.
void Tracker::handle(Environment& environment, Address from, const Introduce& introduce) {
  if (!introduce.peer) return environment.send(from, Introduced{{}, from, {}});
  if (from == introduce.peer || !members_.contains(from) || !members_.contains(introduce.peer)) return;
  environment.send(introduce.peer, Introduced{from, introduce.peer, introduce.root});
}

}  // namespace peerbed::swarm
