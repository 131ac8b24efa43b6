#include "adapter/datagrams/address_validator.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>
#include <iterator>

#include "protocols/environment/contract.h"

namespace peerbed::adapter {

namespace {

constexpr std::size_t cookie_size = 8;
constexpr std::size_t challenge_size = cookie_size;   // after the type: the sender's cookie
constexpr std::size_t answer_size = 2 * cookie_size;  // the peer's cookie, and the sender's own
constexpr std::size_t maximum_amplification = 3;

static_assert(1 + answer_size <= maximum_amplification * (1 + challenge_size));

// An unsealed challenge or answer is recognised by its first byte and its size.
DatagramType type_of(Bytes datagram) noexcept {
  if (datagram.size() != 1 + challenge_size && datagram.size() != 1 + answer_size) return DatagramType::data;
  const auto type = static_cast<DatagramType>(datagram[0]);
  const std::size_t size = datagram.size() - 1;
  const bool is_challenge = type == DatagramType::challenge && size == challenge_size;
  const bool is_answer = type == DatagramType::answer && size == answer_size;
  return is_challenge || is_answer ? type : DatagramType::data;
}

}  // namespace

AddressValidator::AddressValidator(Owner& owner, HostCounters& counters, bool is_on, std::optional<DatagramSeal> seal,
                                   std::size_t known)
    : owner_(owner), counters_(counters), is_on_(is_on), seal_(std::move(seal)), known_(known) {
  static_assert(sizeof secret_ == crypto_shorthash_KEYBYTES && sizeof(Cookie) == crypto_shorthash_BYTES);
  PEERBED_CONTRACT(::sodium_init() >= 0, "libsodium finds randomness");
  ::randombytes_buf(secret_.data(), secret_.size());
}

void AddressValidator::send(Address to, Bytes payload) {
  if (!seal_) return owner_.transmit(to, payload);
  if (const auto endpoint = Endpoint::of(to))
    return owner_.transmit(to, seal_->seal(DatagramType::data, *endpoint, payload));
  ++counters_.dropped_unknown;
}

AddressValidator::Sender AddressValidator::sender_at(const Endpoint& endpoint) noexcept {
  Sender sender{.value = {}, .port = endpoint.port};
  std::memcpy(sender.value.data(), endpoint.host.data(), sizeof endpoint.host);
  return sender;
}

void AddressValidator::arrive(const Endpoint& from, Bytes datagram) {
  if (!seal_ && !is_on_) return owner_.deliver(from, datagram);
  if (!seal_) {
    const DatagramType type = type_of(datagram);
    const Bytes payload = type == DatagramType::data ? datagram : datagram.subspan(1);
    return handle(type, {from, sender_at(from), 0, payload});
  }
  const auto opened = seal_->open(from, datagram);
  if (opened) return handle(opened->type, {from, {opened->session.value, 0}, opened->number, opened->payload});
  ++counters_.dropped_unauthentic;
  owner_.warn(Warning::unauthentic_datagram);
}

void AddressValidator::handle(DatagramType type, const Arrival& arrival) {
  ReplayWindow* const window = known_.find(arrival.sender);
  if (window != nullptr && seal_ && !window->take(arrival.number)) {
    ++counters_.dropped_replayed;
    return owner_.warn(Warning::replayed_datagram);
  }
  const bool is_known = window != nullptr;
  switch (type) {
    case DatagramType::data:
      return is_known ? owner_.deliver(arrival.from, arrival.payload) : let_wait(arrival);
    case DatagramType::challenge:
      if (arrival.payload.size() != challenge_size) return;
      return send_validation(DatagramType::answer, arrival.from,
                             {Reader(arrival.payload).integer<Cookie>(), is_known ? 0 : cookie_for(arrival)});
    case DatagramType::answer:
      if (arrival.payload.size() == answer_size) handle_answer(arrival, is_known);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Unvalidated peers

void AddressValidator::let_wait(const Arrival& arrival) {
  const auto of_sender = [&](const Waiting& waiting) { return waiting.sender == arrival.sender; };
  const bool is_there = seal_ && std::any_of(waiting_.begin(), waiting_.end(), [&](const Waiting& waiting) {
                          return of_sender(waiting) && waiting.number == arrival.number;
                        });
  const bool is_too_small = maximum_amplification * arrival.payload.size() < 1 + challenge_size;
  if (is_there || is_too_small ||
      std::count_if(waiting_.begin(), waiting_.end(), of_sender) >=
          static_cast<std::ptrdiff_t>(maximum_waiting_of_one)) {
    ++counters_.dropped_unvalidated;
  } else {
    if (waiting_.size() == maximum_waiting) {
      ++counters_.dropped_unvalidated;
      waiting_.pop_front();
    }
    waiting_.push_back(
        {arrival.from, arrival.sender, arrival.number, {arrival.payload.begin(), arrival.payload.end()}});
  }
  // Challenge it each time, because a challenge may be lost.
  if (!is_too_small) send_validation(DatagramType::challenge, arrival.from, {cookie_for(arrival)});
}

void AddressValidator::handle_answer(const Arrival& arrival, bool is_known) {
  Reader reader(arrival.payload);
  const auto repeated = reader.integer<Cookie>();
  const auto asked = reader.integer<Cookie>();
  const bool is_admitted = !is_known && repeated == cookie_for(arrival);
  if (is_admitted) known_.insert(arrival.sender, ReplayWindow(arrival.number));
  // Answer first, so that the peer knows this node before its datagrams cause replies.
  if (asked != 0)
    send_validation(DatagramType::answer, arrival.from, {asked, is_known || is_admitted ? 0 : cookie_for(arrival)});
  if (is_admitted) hear_waiting(arrival.sender);
}

void AddressValidator::hear_waiting(const Sender& sender) {
  std::vector<Waiting> heard;
  const auto of_others = std::stable_partition(waiting_.begin(), waiting_.end(),
                                               [&](const Waiting& waiting) { return waiting.sender != sender; });
  std::move(of_others, waiting_.end(), std::back_inserter(heard));
  waiting_.erase(of_others, waiting_.end());
  for (const Waiting& waiting : heard) owner_.deliver(waiting.from, waiting.payload);
}

// No state is kept for an unvalidated peer: the cookie is a keyed hash. It expires when a session is forgotten, so that
// an old answer of a forgotten peer does not validate it again.
AddressValidator::Cookie AddressValidator::cookie_for(const Arrival& arrival) const noexcept {
  const Sender at = sender_at(arrival.from);
  const std::array<std::uint64_t, 6> input{
      arrival.sender.value[0],       arrival.sender.value[1], at.value[0], at.value[1], at.port,
      seal_ ? known_.forgotten() : 0};
  Cookie cookie = 0;
  ::crypto_shorthash(reinterpret_cast<unsigned char*>(&cookie), reinterpret_cast<const unsigned char*>(input.data()),
                     sizeof input, secret_.data());
  return cookie == 0 ? 1 : cookie;
}

void AddressValidator::send_validation(DatagramType type, const Endpoint& to, std::initializer_list<Cookie> cookies) {
  std::array<std::byte, 1 + answer_size> bytes;
  Writer writer(bytes);
  writer.integer(static_cast<std::uint8_t>(type));
  for (const Cookie cookie : cookies) writer.integer(cookie);
  ++counters_.validation_datagrams;
  const Bytes message = writer.written();
  owner_.transmit_to_unvalidated(to, seal_ ? seal_->seal(type, to, message.subspan(1)) : message);
}

}  // namespace peerbed::adapter
