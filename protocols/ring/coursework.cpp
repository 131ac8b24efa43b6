#include "protocols/ring/coursework.h"

#include <algorithm>

#include "protocols/environment/version_notice.h"
#include "protocols/ring/node.h"

namespace peerbed::ring::coursework {

namespace {

constexpr TimerId ping_timer = Node::stabilize_timer;
constexpr TimerId overdue_timer = Node::deadline_timer;

std::string name_of(Key key) { return "Peer " + std::to_string(key.value); }

// Whether every key in a message has the 8 bits of a peer's number; in a liar's it may have more.
template <class Message>
bool has_peers_only(const Message& message) noexcept {
  const auto fits = []<class Member>(const Member& member) {
    if constexpr (std::is_same_v<Member, Key>) return KeySpace(8).contains(member);
    if constexpr (std::is_same_v<Member, Contact>) return KeySpace(8).contains(member.key);
    return true;
  };
  return std::apply([&](const auto... member) { return (fits(message.*member) && ...); }, Message::members);
}

}  // namespace

Peer Peer::established(std::shared_ptr<const Options> options, Contact self, Contact first, Contact second) {
  Peer peer(std::move(options), self);
  peer.successors_ = {first, second};
  peer.joined_ = true;
  return peer;
}

Peer Peer::joining(std::shared_ptr<const Options> options, Contact self, Contact known) {
  Peer peer(std::move(options), self);
  peer.known_ = known;
  return peer;
}

void Peer::on_start(Environment& environment, Start start) {
  // Ids begin anywhere, so that those of a former process of this host are not taken for this one's.
  last_id_ = static_cast<std::uint32_t>(environment.draw(0));
  for (const ContentKey key : start.stored)
    if (key.value < 10'000) files_.insert(static_cast<std::uint16_t>(key.value));
  if (joined_) return ping(environment);
  join_deadline_ = environment.now() + patience;
  await(environment, join_deadline_);
  post(environment, known_.address, JoinRequest{.joiner = self_});
}

void Peer::on_datagram(Environment& environment, Address from, Bytes payload) {
  const bool understood = Messages::dispatch(wire_version, payload, [&]<class Received>(const Received& message) {
    if constexpr (requires { receive(environment, from, message); })
      if (has_peers_only(message)) receive(environment, from, message);
  });
  if (!understood) refuse_datagram(environment, from, payload, wire_version, index_of(TraceEvent::datagram_refused));
}

void Peer::on_timer(Environment& environment, TimerId timer) {
  if (timer == ping_timer) {
    count_missed_pings(environment);
    ping(environment);
  } else if (timer == overdue_timer) {
    handle_overdue(environment);
  }
}

// ---- letters -------------------------------------------------------------------------------------------------------

template <class Message>
std::uint32_t Peer::post(Environment& environment, Address to, Message message) {
  message.id = ++last_id_;
  if (outbox_.size() >= maximum_outbox) return message.id;
  std::byte buffer[maximum_datagram_size];
  Writer writer(buffer);
  message.encode(writer);
  const Bytes bytes = writer.written();
  outbox_.push_back({.id = message.id, .to = to, .bytes = {bytes.begin(), bytes.end()}, .deadline = {}});
  deliver(environment, outbox_.back());
  return message.id;
}

template std::uint32_t Peer::post(Environment&, Address, StoreRequest);
template std::uint32_t Peer::post(Environment&, Address, FileRequest);
template std::uint32_t Peer::post(Environment&, Address, FileAnswer);
template std::uint32_t Peer::post(Environment&, Address, FileChunk);

void Peer::deliver(Environment& environment, Letter& letter) {
  ++letter.attempts;
  letter.deadline = environment.now() + options_->rpc_timeout * (1 << std::min(letter.attempts - 1, 2));
  await(environment, letter.deadline);
  environment.send(letter.to ? letter.to : successors_[0].address, Bytes(letter.bytes));
}

// Confirms a letter, and says whether it has not been seen before.
bool Peer::is_new(Address from, std::uint32_t id) {
  const std::pair mark{from, id};
  if (std::find(seen_.begin(), seen_.end(), mark) != seen_.end()) return false;
  if (seen_.size() == maximum_seen) seen_.erase(seen_.begin());
  seen_.push_back(mark);
  return true;
}

void Peer::await(Environment& environment, Time deadline) {
  if (deadline >= armed_) return;
  armed_ = deadline;
  environment.set_timer(overdue_timer, deadline - environment.now());
}

void Peer::handle_overdue(Environment& environment) {
  const Time now = environment.now();
  armed_ = Time::max();
  bool gave_up_on_query = false;
  for (Letter& letter : outbox_) {
    if (letter.deadline > now) continue;
    if (letter.attempts < options_->rpc_attempts) {
      deliver(environment, letter);
    } else {
      gave_up_on_query = gave_up_on_query || letter.id == successors_query_;
      letter.attempts = 0;  // given up
    }
  }
  std::erase_if(outbox_, [](const Letter& letter) { return letter.attempts == 0; });
  if (gave_up_on_query) successors_query_ = 0;  // the next round of pings asks again, or finds the first successor dead
  handle_overdue_downloads(environment);
  if (join_deadline_ <= now) {
    environment.print("Join request has not been answered");
    return environment.exit();
  }
  maybe_exit(environment);
  for (const Letter& letter : outbox_) await(environment, letter.deadline);
  for (const Download& download : downloads_) await(environment, download.deadline);
  await(environment, join_deadline_);
}

void Peer::receive(Environment& environment, Address, const Delivered& delivered) {
  const auto letter =
      std::find_if(outbox_.begin(), outbox_.end(), [&](const Letter& entry) { return entry.id == delivered.id; });
  if (letter == outbox_.end()) return;
  outbox_.erase(letter);
  handle_confirmation(environment, delivered.id);
  maybe_exit(environment);
}

// ---- pings ---------------------------------------------------------------------------------------------------------

void Peer::ping(Environment& environment) {
  environment.set_timer(ping_timer, options_->ping_interval);
  if (!joined_ || cut_off_ || leaving_ || is_alone()) return;
  const bool both = successors_[1] && successors_[1].key != self_.key && successors_[1].key != successors_[0].key;
  std::string line = "Ping requests sent to Peers " + std::to_string(successors_[0].key.value);
  if (both) {
    line += " and " + std::to_string(successors_[1].key.value);
  } else {
    line = "Ping requests sent to " + name_of(successors_[0].key);
  }
  environment.print(line);
  for (std::size_t i = 0; i < (both ? 2u : 1u); ++i) {
    awaiting_[i] = true;
    environment.send(successors_[i].address, SuccessorPing{.id = ++last_id_, .self = self_.key, .second = i == 1});
  }
}

// The sender has this peer among its successors: so predecessors become known.
void Peer::receive(Environment& environment, Address from, const SuccessorPing& ping) {
  if (!joined_ || leaving_) return;
  environment.print("Ping request message received from " + name_of(ping.self));
  environment.send(from, SuccessorPong{.id = ping.id, .self = self_.key});
  predecessors_[ping.second ? 1 : 0] = {ping.self, from};
  if (!ping.second && newcomer_) announce_joiner(environment);
}

void Peer::receive(Environment& environment, Address from, const SuccessorPong& pong) {
  for (std::size_t i = 0; i < 2; ++i) {
    if (successors_[i] != Contact{pong.self, from} || !awaiting_[i]) continue;
    environment.print("Ping response received from " + name_of(pong.self));
    awaiting_[i] = false;
    missed_[i] = 0;
    return;
  }
}

void Peer::count_missed_pings(Environment& environment) {
  if (!joined_ || cut_off_ || is_alone()) return;
  for (std::size_t i = 0; i < 2; ++i) missed_[i] = awaiting_[i] ? missed_[i] + 1 : 0;
  awaiting_ = {};
  const bool first_dead = missed_[0] >= options_->missed_pings;
  const bool second_now_dead = missed_[1] >= options_->missed_pings && !second_dead_;
  if (second_now_dead) {
    environment.print(name_of(successors_[1].key) + " is no longer alive");
    second_dead_ = true;
  }
  if (first_dead) return handle_first_dead(environment);
  if (second_dead_ || !successors_[1]) ask_for_second(environment);
}

void Peer::handle_first_dead(Environment& environment) {
  environment.print(name_of(successors_[0].key) + " is no longer alive");
  if (second_dead_ || !successors_[1]) return report_cut_off(environment);
  departed_ = successors_[0];
  departed_first_ = departed_second_ = {};
  successors_ = {successors_[1], Contact{}};
  missed_ = {missed_[1], 0};
  environment.print("My new first successor is " + name_of(successors_[0].key));
  if (successors_[0] == self_) {
    successors_[1] = self_;
    environment.print("My new second successor is " + name_of(self_.key));
    predecessors_ = {};
    return;
  }
  ask_for_second(environment);
}

// With a list of two, both lost cannot be repaired: it can only be said.
void Peer::report_cut_off(Environment& environment) {
  cut_off_ = true;
  successors_ = {};
  environment.print(name_of(self_.key) + " has lost both successors and is cut off from the ring");
  environment.trace(index_of(TraceEvent::cut_off), {});
}

void Peer::ask_for_second(Environment& environment) {
  if (successors_query_ != 0) return;
  successors_query_ = post(environment, successors_[0].address, SuccessorsQuery{});
}

void Peer::receive(Environment& environment, Address from, const SuccessorsQuery& query) {
  environment.send(from, Delivered{query.id});
  if (!is_new(from, query.id) || !joined_ || leaving_) return;
  post(environment, from,
       Successors{.query = query.id, .self = self_.key, .first = successors_[0], .second = successors_[1]});
}

// If the second successor died, the first one may list it still: then what comes after it is wanted.
void Peer::receive(Environment& environment, Address from, const Successors& answer) {
  environment.send(from, Delivered{answer.id});
  if (!is_new(from, answer.id) || answer.query != successors_query_ || successors_query_ == 0) return;
  successors_query_ = 0;
  if (cut_off_ || from != successors_[0].address || (!second_dead_ && successors_[1])) return;
  const Contact dead = second_dead_ ? successors_[1] : departed_;
  const Contact next = answer.first == dead ? answer.second : answer.first;
  if (!next || next == dead) return;
  const bool first_was_replaced = !successors_[1];
  if (!first_was_replaced) environment.print("My new first successor is " + name_of(successors_[0].key));
  successors_[1] = next;
  second_dead_ = false;
  missed_[1] = 0;
  awaiting_[1] = false;
  environment.print("My new second successor is " + name_of(next.key));
}

// ---- joining and leaving -------------------------------------------------------------------------------------------

void Peer::set_successors(Environment& environment, Contact first, Contact second) {
  if (successors_[0] != first) environment.trace(index_of(TraceEvent::successor_changed), {first.key.value});
  for (std::size_t i = 0; i < 2; ++i) {
    const Contact next = i == 0 ? first : second;
    if (next == successors_[i]) continue;
    missed_[i] = 0;
    awaiting_[i] = false;
    if (i == 1) second_dead_ = false;
  }
  successors_ = {first, second};
}

void Peer::print_successors(Environment& environment) const {
  environment.print("My new first successor is " + name_of(successors_[0].key));
  environment.print("My new second successor is " + name_of(successors_[1].key));
}

void Peer::receive(Environment& environment, Address from, const JoinRequest& request) {
  if (!joined_ || leaving_ || cut_off_ || !request.joiner) return;  // unconfirmed, the sender asks again
  environment.send(from, Delivered{request.id});
  if (!is_new(from, request.id)) return;
  const Contact joiner = request.joiner;
  const std::string name = name_of(joiner.key);
  if (joiner.key == self_.key || joiner.key == successors_[0].key || !KeySpace(8).contains(joiner.key)) {
    environment.print(name + " Join request refused");
    post(environment, joiner.address, JoinAnswer{.accepted = false});
    return;
  }
  if (!between(self_.key, joiner.key, successors_[0].key)) {
    environment.print(name + " Join request forwarded to my successor");
    post(environment, {}, JoinRequest{.joiner = joiner});
    return;
  }
  const Contact old_first = successors_[0];
  const Contact second_of_joiner = is_alone() ? joiner : successors_[1] ? successors_[1] : old_first;
  environment.print(name + " Join request received");
  set_successors(environment, joiner, old_first);
  print_successors(environment);
  post(environment, joiner.address, JoinAnswer{.accepted = true, .first = old_first, .second = second_of_joiner});
  newcomer_ = joiner;
  if (old_first == self_) newcomer_ = {};  // nobody else is there to be told
  if (newcomer_ && predecessors_[0]) announce_joiner(environment);
}

// The predecessor's second successor has changed.
void Peer::announce_joiner(Environment& environment) {
  if (predecessors_[0] != newcomer_)
    post(environment, predecessors_[0].address, SuccessorChange{.first = self_, .second = newcomer_});
  newcomer_ = {};
}

void Peer::receive(Environment& environment, Address from, const JoinAnswer& answer) {
  environment.send(from, Delivered{answer.id});
  if (!is_new(from, answer.id) || joined_) return;
  if (!answer.accepted) {
    environment.print("Join request has been refused: " + name_of(self_.key) + " is already in the network");
    return environment.exit();
  }
  if (!answer.first || !answer.second) return;
  joined_ = true;
  const Duration latency = environment.now() - (join_deadline_ - patience);
  join_deadline_ = Time::max();
  successors_ = {answer.first, answer.second};
  environment.print("Join request has been accepted");
  environment.print("My first successor is " + name_of(successors_[0].key));
  environment.print("My second successor is " + name_of(successors_[1].key));
  environment.trace(index_of(TraceEvent::joined), {static_cast<std::uint64_t>(latency.count())});
  ping(environment);
}

void Peer::receive(Environment& environment, Address from, const SuccessorChange& change) {
  environment.send(from, Delivered{change.id});
  if (!is_new(from, change.id) || !joined_ || cut_off_ || from != successors_[0].address || !change.second) return;
  environment.print("Successor Change request received");
  set_successors(environment, successors_[0], change.second);
  print_successors(environment);
}

// A successor list that names the peer that left just before is older than that news.
Contact Peer::replaced(Contact contact) const {
  return contact && contact == departed_ && departed_first_ ? departed_first_ : contact;
}

void Peer::receive(Environment& environment, Address from, const Departure& departure) {
  environment.send(from, Delivered{departure.id});
  if (!is_new(from, departure.id) || !joined_ || cut_off_) return;
  const Key leaver = departure.leaver;
  const Contact first = replaced(departure.first.key == leaver ? self_ : departure.first);
  Contact second = departure.second.key == leaver ? self_ : departure.second;
  if (first != departure.first) second = departed_second_ ? departed_second_ : second;
  const bool was_first = successors_[0].key == leaver;
  const bool was_second = successors_[1].key == leaver;
  for (Contact& predecessor : predecessors_)
    if (predecessor.key == leaver) predecessor = {};
  if (!was_first && !was_second) return;
  environment.print(name_of(leaver) + " will depart from the network");
  if (was_first) {
    set_successors(environment, first, first == self_ ? self_ : second);
  } else {
    set_successors(environment, successors_[0], first);
  }
  departed_ = {leaver, from};
  departed_first_ = first;
  departed_second_ = second;
  print_successors(environment);
}

// Tells each predecessor once; the process ends when they have confirmed, or are not to be reached.
void Peer::on_leave(Environment& environment) {
  if (leaving_) return;
  leaving_ = true;
  if (joined_ && !cut_off_ && !is_alone()) {
    for (std::size_t i = 0; i < 2; ++i) {
      const Contact predecessor = predecessors_[i];
      if (!predecessor || predecessor == self_ || (i == 1 && predecessor == predecessors_[0])) continue;
      post(environment, predecessor.address,
           Departure{.leaver = self_.key, .first = successors_[0], .second = successors_[1]});
    }
  }
  maybe_exit(environment);
}

void Peer::maybe_exit(Environment& environment) {
  if (!leaving_ || !outbox_.empty()) return;
  leaving_ = false;
  joined_ = false;
  environment.trace(index_of(TraceEvent::left), {});
  environment.exit();
}

void Peer::append_visible_state(std::vector<std::byte>& out) const {
  append_state(out, std::tie(joined_, successors_, predecessors_));
}

bool Peer::take_visible_state(Bytes bytes) {
  auto visible = std::tie(joined_, successors_, predecessors_);
  return read_state(bytes, visible) && bytes.empty();
}

}  // namespace peerbed::ring::coursework
