#pragma once
// A watch that keeps the history of operations on one register, with which operations had ended before each began, and
// whether it is linearizable (Herlihy and Wing 1990).

#include <array>
#include <cstdint>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "check/nodes/message.h"
#include "check/nodes/watch.h"
#include "tests/check/register_message.h"

namespace peerbed::check {

class RegisterHistory {
 public:
  static constexpr bool watches = true;
  static constexpr std::size_t most_clients = 3;

  explicit RegisterHistory(std::uint8_t servers = 0) : servers_(servers) {}

  void on_send(const Message& message) {
    const auto sent = RegisterMessage::decode(message.bytes);
    using Kind = RegisterMessage::Kind;
    if (sent.kind != Kind::put && sent.kind != Kind::get) return;
    Operation operation{sent.kind == Kind::put, sent.value, {}};
    for (std::size_t client = 0; client < most_clients; ++client)
      if (client != client_at(message.from))
        operation.ended_before[client] = static_cast<std::uint8_t>(ended_[client].size());
    under_way_[client_at(message.from)] = operation;
  }
  void on_delivery(const Message& message) {
    const auto received = RegisterMessage::decode(message.bytes);
    using Kind = RegisterMessage::Kind;
    if (received.kind != Kind::put_done && received.kind != Kind::get_done) return;
    auto& operation = under_way_[client_at(message.to)];
    if (received.kind == Kind::get_done) operation->value = received.value;
    ended_[client_at(message.to)].push_back(*operation);
    operation.reset();
  }
  void on_trace(NodeIndex, std::uint16_t, const TraceValues&) {}
  auto fields() const { return std::tie(ended_, under_way_); }

  static constexpr std::string_view promise = "linearizable";
  bool holds() const { return can_continue({}, 0); }

 private:
  struct Operation {
    bool is_put = false;
    std::uint8_t value = 0;
    std::array<std::uint8_t, most_clients> ended_before{};  // for each other client
    auto fields() const { return std::tie(is_put, value, ended_before); }
  };
  using Places = std::array<std::uint8_t, most_clients>;

  std::size_t client_at(NodeIndex node) const { return node - servers_; }

  // Whether the operations that have ended, and perhaps some that have not, can follow in some order if the first ones
  // of each client have taken effect.
  bool can_continue(const Places& taken, std::uint8_t value) const {
    bool all_taken = true;
    for (std::size_t client = 0; client < most_clients; ++client) {
      const std::vector<Operation>& ended = ended_[client];
      all_taken = all_taken && taken[client] >= ended.size();
      const bool is_open = taken[client] == ended.size() && under_way_[client].has_value();
      if (taken[client] >= ended.size() && !is_open) continue;
      const Operation& next = is_open ? *under_way_[client] : ended[taken[client]];
      bool is_next = is_open || next.is_put || next.value == value;
      for (std::size_t other = 0; other < most_clients; ++other)
        is_next = is_next && next.ended_before[other] <= taken[other];
      if (!is_next) continue;
      Places after = taken;
      ++after[client];
      if (can_continue(after, next.is_put ? next.value : value)) return true;
    }
    return all_taken;
  }

  std::uint8_t servers_ = 0;  // never changes
  std::array<std::vector<Operation>, most_clients> ended_{};
  std::array<std::optional<Operation>, most_clients> under_way_{};
};

}  // namespace peerbed::check
