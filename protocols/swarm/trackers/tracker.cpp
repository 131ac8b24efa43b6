#include "protocols/swarm/trackers/tracker.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "protocols/environment/version_notice.h"
#include "protocols/swarm/trackers/peer_list.h"

namespace peerbed::swarm {

namespace {

// How much a peer that asks for what it missed gets at once; it asks again for the rest.
constexpr std::size_t datagrams_per_query = 4;
// A push to more is made in several steps, so that not all of it waits in this host's memory at once.
constexpr std::size_t datagrams_per_step = 16'384;
constexpr Duration between_steps = std::chrono::milliseconds(1);
constexpr std::uint32_t reaches_all = UINT32_MAX;

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

// Of long lists so much that maximum_listed peers and a margin are told of, on average: chance leaves nobody with
// fewer.
std::uint32_t Tracker::reach() const noexcept {
  const std::uint64_t kept = options_->maximum_listed;
  if (members_.size() <= kept) return reaches_all;
  const std::uint64_t told = kept + kept / 4 + 32;
  return told >= members_.size() ? reaches_all : static_cast<std::uint32_t>((told << 32) / members_.size());
}

bool Tracker::concerns(const Change& change, Address peer) noexcept {
  return change.reach == reaches_all || weight_to(peer, change.change.peer) <= change.reach;
}

std::uint64_t Tracker::count_from(std::uint64_t from, Address peer) const noexcept {
  const std::uint64_t oldest = changes_ - remembered_.size();
  PEERBED_CONTRACT(from >= oldest, "what has not been pushed is remembered");
  const auto first = remembered_.begin() + static_cast<std::ptrdiff_t>(from - oldest);
  return static_cast<std::uint64_t>(
      std::count_if(first, remembered_.end(), [peer](const Change& change) { return concerns(change, peer); }));
}

std::uint64_t Tracker::update(Address peer, Member& member) const noexcept {
  member.version += count_from(member.counted, peer);
  member.counted = changes_;
  return member.version;
}

void Tracker::update(Address peer, Member& member, std::uint64_t from, std::vector<ListChange>& news) const {
  news.clear();
  std::uint64_t number = changes_ - remembered_.size();
  PEERBED_CONTRACT(from >= number && from <= member.counted, "what is counted anew follows what was pushed");
  auto change = remembered_.begin() + static_cast<std::ptrdiff_t>(from - number);
  for (number = from; change != remembered_.end(); ++change, ++number) {
    if (!concerns(*change, peer)) continue;
    if (number >= member.counted) ++member.version;
    news.push_back(change->change);
  }
  member.counted = changes_;
}

// A peer may hold whoever was told to it when the list was shorter: so all are told who leaves.
void Tracker::note_change(Environment& environment, Address peer, bool listed) {
  if (changes_ == pushed_) environment.set_timer(push_timer, options_->push_period);
  ++changes_;
  remembered_.push_back({{peer, listed}, listed ? reach() : reaches_all});
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

// In the order of addresses. Who is listed meanwhile is told by pages. One look at each change for each member.
void Tracker::push(Environment& environment) {
  if (pushing_ == 0) {
    pushing_ = changes_;
    push_cursor_ = Address{};
  }
  std::vector<ListChange> news;
  std::size_t datagrams = 0;
  for (auto member = members_.upper_bound(push_cursor_); member != members_.end(); ++member) {
    if (datagrams >= datagrams_per_step) return environment.set_timer(push_timer, between_steps);
    update(member->first, member->second, pushed_, news);
    if (!news.empty()) datagrams += send_changes(environment, *member, news, SIZE_MAX);
    push_cursor_ = member->first;
  }
  pushed_ = std::exchange(pushing_, 0);
  if (changes_ != pushed_) environment.set_timer(push_timer, options_->push_period);
}

std::size_t Tracker::send_changes(Environment& environment, const Members::value_type& to,
                                  std::span<const ListChange> news, std::size_t datagrams) const {
  std::size_t sent = 0;
  do {
    ListChanges message{.from = {epoch_, to.second.version - news.size()}, .changes = {}};
    std::size_t taken = 0;
    for (std::size_t room = ListChanges::room; taken < news.size() && !message.changes.full(); ++taken) {
      if (news[taken].size_on_wire() > room) break;
      room -= news[taken].size_on_wire();
      message.changes.add(news[taken]);
    }
    news = news.subspan(taken);
    environment.send(to.first, message);
    ++sent;
  } while (!news.empty() && sent < datagrams);
  return sent;
}

void Tracker::send_page(Environment& environment, Members::value_type& to, Address after) const {
  ListPage page{.version = {epoch_, update(to.first, to.second)}, .after = after, .last = false, .peers = {}};
  auto member = members_.upper_bound(after);
  const std::uint32_t bound = reach();
  for (std::size_t room = ListPage::room; member != members_.end() && !page.peers.full(); ++member) {
    if (bound != reaches_all && weight_to(to.first, member->first) > bound) continue;
    if (encoded_size(member->first) > room) break;
    room -= encoded_size(member->first);
    page.peers.add(member->first);
  }
  page.last = member == members_.end();
  environment.send(to.first, page);
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
    const std::uint64_t told = update(peer, member) - count_from(pushed_, peer);
    environment.send(peer, Heartbeat{{epoch_, told}, ++member.number});
    schedule(environment, peer, member, environment.now() + options_->heartbeat_timeout);
  }
  arm(environment);
}

void Tracker::enlist(Environment& environment, Address peer) {
  auto member = members_.find(peer);
  if (member == members_.end()) {
    if (members_.size() >= options_->maximum_peers) return;
    member = members_.emplace(peer, Member{.counted = changes_, .version = changes_}).first;
    note_change(environment, peer, true);
    environment.trace(index_of(TraceEvent::peer_listed), {peer.value, members_.size()});
  }
  member->second.asked = 0;
  schedule(environment, peer, member->second, environment.now() + options_->heartbeat_interval);
  send_page(environment, *member, Address{});
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
  const auto member = members_.find(from);
  if (member == members_.end()) return;
  if (query.after) return send_page(environment, *member, query.after);
  const std::uint64_t version = update(from, member->second);
  const bool is_known = query.held.epoch == epoch_ && query.held.changes <= version;
  const std::uint64_t missed = is_known ? version - query.held.changes : UINT64_MAX;
  std::vector<ListChange> news;
  for (auto change = remembered_.rbegin(); change != remembered_.rend() && news.size() < missed; ++change)
    if (concerns(*change, from)) news.push_back(change->change);
  if (news.size() < missed) return send_page(environment, *member, Address{});
  std::reverse(news.begin(), news.end());
  send_changes(environment, *member, news, datagrams_per_query);
}

// One datagram for one, and only between those who are listed. To whom it is not to introduce to anybody it tells where
// it sees them.
void Tracker::handle(Environment& environment, Address from, const Introduce& introduce) {
  if (!introduce.peer) return environment.send(from, Introduced{{}, from, {}});
  if (from == introduce.peer || !members_.contains(from) || !members_.contains(introduce.peer)) return;
  environment.send(introduce.peer, Introduced{from, introduce.peer, introduce.root});
}

}  // namespace peerbed::swarm
