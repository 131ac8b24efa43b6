#include "tests/benchmarks/plain_chord.h"

#include <algorithm>
#include <optional>

namespace peerbed::benchmarks {

namespace {

using namespace std::chrono_literals;

constexpr Duration stabilize_period = 20s;
constexpr Duration fix_finger_period = 120s;
constexpr Duration check_predecessor_period = 120s;
constexpr Duration look_up_period = 10s;

// Whether `id` is in (after, last] on the ring; always if the two are equal.
bool in_half_open(std::uint32_t id, std::uint32_t after, std::uint32_t last) {
  const std::uint32_t span = (last - after) & id_mask;
  const std::uint32_t at = (id - after) & id_mask;
  return span == 0 || (at != 0 && at <= span);
}

// Whether `id` is in (after, before) on the ring; everything but `after` if the two are equal.
bool in_open(std::uint32_t id, std::uint32_t after, std::uint32_t before) {
  const std::uint32_t span = (before - after) & id_mask;
  const std::uint32_t at = (id - after) & id_mask;
  return at != 0 && (span == 0 || at < span);
}

std::optional<PlainChord::Message> decode(Bytes payload) {
  Reader reader(payload);
  PlainChord::Message message;
  std::uint8_t version = 0;
  std::uint8_t kind = 0;
  std::uint8_t purpose = 0;
  reader.integers(version, kind, purpose, message.finger, message.hops, message.asker.id, message.asker.host,
                  message.key, message.answer.id, message.answer.host);
  if (!reader.complete() || version != 1 || kind >= PlainChord::message_kinds.size() || purpose > 1 ||
      message.finger >= id_bits || (message.key | message.asker.id | message.answer.id) > id_mask)
    return std::nullopt;
  message.kind = static_cast<PlainChord::Kind>(kind);
  message.purpose = static_cast<PlainChord::Purpose>(purpose);
  return message;
}

}  // namespace

void PlainChord::Message::encode(Writer& writer) const {
  writer.integers(std::uint8_t{1}, static_cast<std::uint8_t>(kind), static_cast<std::uint8_t>(purpose), finger, hops,
                  asker.id, asker.host, key, answer.id, answer.host);
}

PlainChord::PlainChord(const std::vector<Peer>& ring, std::size_t index)
    : self_(ring[index]), predecessor_(ring[(index + ring.size() - 1) % ring.size()]), random_{ring[index].id} {
  for (int i = 0; i < id_bits; ++i) {
    const std::uint32_t start = (self_.id + (1U << i)) & id_mask;
    const auto owner = std::lower_bound(ring.begin(), ring.end(), start,
                                        [](const Peer& peer, std::uint32_t id) { return peer.id < id; });
    fingers_[static_cast<std::size_t>(i)] = owner == ring.end() ? ring.front() : *owner;
  }
}

void PlainChord::on_start(Environment& environment, Start) {
  const auto phase = [this](Duration period) {
    return Duration(static_cast<std::int64_t>(static_cast<double>(period.count()) * random_.unit()));
  };
  environment.set_timer(stabilize, phase(stabilize_period));
  environment.set_timer(fix_finger, phase(fix_finger_period));
  environment.set_timer(check_predecessor, phase(check_predecessor_period));
  environment.set_timer(look_up, phase(look_up_period));
}

Address PlainChord::address_of(Peer peer, Environment& environment) const {
  return Address::ipv4(peer.host, environment.self().port());
}

Peer PlainChord::closest_preceding_finger(std::uint32_t key) const {
  for (std::size_t i = fingers_.size(); i-- > 0;)
    if (in_open(fingers_[i].id, self_.id, key)) return fingers_[i];
  return self_;
}

void PlainChord::find(Environment& environment, Purpose purpose, std::uint8_t finger, std::uint32_t key) {
  const Message message{
      .kind = Kind::find, .purpose = purpose, .finger = finger, .hops = 1, .asker = self_, .key = key};
  const Peer next = in_half_open(key, self_.id, fingers_[0].id) ? self_ : closest_preceding_finger(key);
  if (next.id != self_.id) return environment.send(address_of(next, environment), message);
  Message answer = message;
  answer.hops = 0;
  answer.answer = fingers_[0];
  finish(environment, answer);
}

void PlainChord::forward(Environment& environment, Message message) {
  const Peer next = in_half_open(message.key, self_.id, fingers_[0].id) ? self_ : closest_preceding_finger(message.key);
  if (next.id == self_.id) {
    message.kind = Kind::found;
    message.answer = fingers_[0];
    return environment.send(address_of(message.asker, environment), message);
  }
  ++message.hops;
  environment.send(address_of(next, environment), message);
}

void PlainChord::finish(Environment& environment, const Message& message) {
  if (message.purpose == Purpose::finger)
    fingers_[message.finger] = message.answer;
  else
    environment.trace(trace_lookup, {message.hops});
}

void PlainChord::on_datagram(Environment& environment, Address from, Bytes payload) {
  const std::optional<Message> decoded = decode(payload);
  if (!decoded) return;
  const Message& message = *decoded;
  switch (message.kind) {
    case Kind::find:
      return forward(environment, message);
    case Kind::found:
      return finish(environment, message);
    case Kind::get_predecessor:
      return environment.send(from, Message{.kind = Kind::predecessor_is, .asker = self_, .answer = predecessor_});
    case Kind::predecessor_is:
      if (message.answer.host != 0 && in_open(message.answer.id, self_.id, fingers_[0].id))
        fingers_[0] = message.answer;
      if (fingers_[0].id != self_.id)
        environment.send(address_of(fingers_[0], environment), Message{.kind = Kind::notify, .asker = self_});
      return;
    case Kind::notify:
      if (predecessor_.host == 0 || in_open(message.asker.id, predecessor_.id, self_.id)) predecessor_ = message.asker;
      return;
    case Kind::ping:
      return environment.send(from, Message{.kind = Kind::pong, .asker = self_});
    case Kind::pong:
      waits_for_pong_ = false;
      return;
  }
}

void PlainChord::on_timer(Environment& environment, TimerId timer) {
  switch (static_cast<Timer>(timer)) {
    case stabilize:
      environment.send(address_of(fingers_[0], environment), Message{.kind = Kind::get_predecessor, .asker = self_});
      return environment.set_timer(stabilize, stabilize_period);
    case fix_finger:
      find(environment, Purpose::finger, next_finger_, (self_.id + (1U << next_finger_)) & id_mask);
      next_finger_ = static_cast<std::uint8_t>((next_finger_ + 1) % id_bits);
      return environment.set_timer(fix_finger, fix_finger_period);
    case check_predecessor:
      if (waits_for_pong_) predecessor_ = {};
      waits_for_pong_ = predecessor_.host != 0;
      if (waits_for_pong_)
        environment.send(address_of(predecessor_, environment), Message{.kind = Kind::ping, .asker = self_});
      return environment.set_timer(check_predecessor, check_predecessor_period);
    case look_up:
      find(environment, Purpose::look_up, 0, static_cast<std::uint32_t>(random_.next()) & id_mask);
      return environment.set_timer(look_up, look_up_period);
    case timer_total:
      return;
  }
}

}  // namespace peerbed::benchmarks
