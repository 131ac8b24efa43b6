#pragma once
// Nodes that offer a register, and clients that put a value and then get one. The servers are the two of stateright's
// examples: the register of Attiya, Bar-Noy and Dolev (1995), and single-decree Paxos (Lamport 1998).

#include <array>
#include <cstdint>
#include <map>
#include <optional>
#include <set>
#include <span>
#include <string_view>
#include <tuple>
#include <variant>

#include "protocols/environment/node.h"
#include "tests/check/register_message.h"

namespace peerbed::check {

// What all of these nodes know.
struct RegisterNetwork {
  std::uint8_t servers = 0;
  std::uint8_t self = 0;

  std::size_t majority() const { return servers / 2u + 1; }
  void send_to_others(Environment& environment, const RegisterMessage& message) const {
    for (std::uint8_t server = 0; server < servers; ++server)
      if (server != self) environment.send(address_of(server), message);
  }
};

// Puts a value of its own at one server; then gets at the next one.
class RegisterClient {
 public:
  void start(Environment& environment, const RegisterNetwork& network) {
    const auto value = static_cast<std::uint8_t>('A' + network.self - network.servers);
    ask(environment, network, {RegisterMessage::Kind::put, network.self, value, {}, {}});
  }
  void receive(Environment& environment, const RegisterNetwork& network, std::uint8_t, const RegisterMessage& message) {
    using Kind = RegisterMessage::Kind;
    if (awaited_ != message.request) return;
    if (message.kind == Kind::put_done)
      ask(environment, network, {Kind::get, static_cast<std::uint8_t>((operations_ + 1) * network.self), 0, {}, {}});
    if (message.kind != Kind::get_done) return;
    awaited_.reset();
    ++operations_;
  }
  auto fields() const { return std::tie(awaited_, operations_); }

 private:
  void ask(Environment& environment, const RegisterNetwork& network, const RegisterMessage& message) {
    environment.send(address_of(static_cast<std::uint8_t>((network.self + operations_) % network.servers)), message);
    awaited_ = message.request;
    ++operations_;
  }

  std::optional<std::uint8_t> awaited_;
  std::uint8_t operations_ = 0;
};

// An operation asks a majority for the latest value, and makes sure that a majority has what it read or writes.
class AbdServer {
 public:
  void start(Environment&, const RegisterNetwork& network) { stamp_.node = network.self; }
  void receive(Environment& environment, const RegisterNetwork& network, std::uint8_t from,
               const RegisterMessage& message);
  auto fields() const { return std::tie(stamp_, value_, phase_); }

 private:
  using Kind = RegisterMessage::Kind;
  struct Ask {
    std::uint8_t request = 0;
    std::uint8_t client = 0;
    std::optional<std::uint8_t> write;
    std::map<std::uint8_t, std::pair<Stamp, std::uint8_t>> answers;
    auto fields() const { return std::tie(request, client, write, answers); }
  };
  struct Tell {
    std::uint8_t request = 0;
    std::uint8_t client = 0;
    std::optional<std::uint8_t> read;
    std::set<std::uint8_t> done;
    auto fields() const { return std::tie(request, client, read, done); }
  };

  void begin(Environment& environment, const RegisterNetwork& network, std::uint8_t client,
             const RegisterMessage& message);
  void tell(Environment& environment, const RegisterNetwork& network, const Ask& ask);
  void take(Stamp stamp, std::uint8_t value);

  Stamp stamp_;
  std::uint8_t value_ = 0;
  std::variant<std::monostate, Ask, Tell> phase_;
};

// Each put begins a ballot. A server that has decided answers gets; one that has not stays silent.
class PaxosServer {
 public:
  void start(Environment&, const RegisterNetwork&) {}
  void receive(Environment& environment, const RegisterNetwork& network, std::uint8_t from,
               const RegisterMessage& message);
  auto fields() const { return std::tie(ballot_, proposal_, promises_, accepts_, accepted_, is_decided_); }

 private:
  using Kind = RegisterMessage::Kind;

  void propose(Environment& environment, const RegisterNetwork& network, Proposal proposal);
  void take_promise(Environment& environment, const RegisterNetwork& network, std::uint8_t from,
                    const std::optional<Accepted>& last);
  void take_accept(Environment& environment, const RegisterNetwork& network, std::uint8_t from);

  Stamp ballot_;
  std::optional<Proposal> proposal_;
  std::map<std::uint8_t, std::optional<Accepted>> promises_;
  std::set<std::uint8_t> accepts_;
  std::optional<Accepted> accepted_;
  bool is_decided_ = false;
};

// One of these, as a node.
template <class Server>
class RegisterNode {
 public:
  static constexpr std::size_t timer_count = 0;
  static constexpr std::array<TraceEventType, 0> trace_events{};
  static constexpr std::array<std::string_view, 13> message_kinds = {
      "put",         "get",     "put_done", "get_done", "query",    "query_answer", "record",
      "record_done", "prepare", "prepared", "accept",   "accepted", "decided"};

  explicit RegisterNode(const RegisterNetwork& network) : network_(network) {
    if (network.self >= network.servers) part_ = RegisterClient{};
  }

  void on_start(Environment& environment, Start) {
    std::visit([&](auto& part) { part.start(environment, network_); }, part_);
  }
  void on_datagram(Environment& environment, Address from, Bytes bytes) {
    std::visit([&](auto& part) { part.receive(environment, network_, index_of(from), RegisterMessage::decode(bytes)); },
               part_);
  }
  void on_timer(Environment&, TimerId) {}
  void on_command(Environment&, std::string_view) {}
  void on_leave(Environment&) {}
  auto fields() const { return std::tie(part_); }

 private:
  RegisterNetwork network_;  // never changes
  std::variant<Server, RegisterClient> part_;
};

}  // namespace peerbed::check
