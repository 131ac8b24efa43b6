#pragma once
// A tracker of the swarm and its peers as a system to explore: the peers share nothing, so that all that happens are
// their sessions with the tracker.

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string_view>
#include <tuple>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "check/nodes/node_form.h"
#include "check/nodes/node_system.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/trackers/tracker.h"

namespace peerbed::check {

// Either of the two: a check has nodes of one type.
class SwarmNode {
 public:
  static constexpr std::size_t timer_count = swarm::Peer::timer_count;
  static_assert(swarm::Tracker::timer_count <= timer_count);
  static constexpr std::span<const TraceEventType> trace_events{swarm::trace_table};
  static constexpr std::span<const std::string_view> message_kinds{swarm::Messages::names};

  explicit SwarmNode(swarm::Tracker tracker) : role_(std::move(tracker)) {}
  explicit SwarmNode(swarm::Peer peer) : role_(std::move(peer)) {}

  void on_start(Environment& environment, Start start) {
    std::visit([&](auto& node) { node.on_start(environment, start); }, role_);
  }
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    std::visit([&](auto& node) { node.on_datagram(environment, from, payload); }, role_);
  }
  void on_timer(Environment& environment, TimerId timer) {
    std::visit([&](auto& node) { node.on_timer(environment, timer); }, role_);
  }
  void on_command(Environment& environment, std::string_view line) {
    std::visit([&](auto& node) { node.on_command(environment, line); }, role_);
  }
  void on_leave(Environment& environment) {
    std::visit([&](auto& node) { node.on_leave(environment); }, role_);
  }

  const swarm::Tracker* tracker() const noexcept { return std::get_if<swarm::Tracker>(&role_); }
  const swarm::Peer* peer() const noexcept { return std::get_if<swarm::Peer>(&role_); }

  auto fields() const { return std::tie(role_); }

  // Heartbeats are numbered questions of the tracker.
  static constexpr std::uint32_t copies_per_question = 1;
  static constexpr std::array<std::uint64_t, 0> marks_of_question(Address, std::uint32_t) noexcept { return {}; }
  template <class Visitor>
  void visit_questions(Visitor& visitor) {
    if (auto* const tracker = std::get_if<swarm::Tracker>(&role_)) tracker->visit_questions(visitor);
  }
  template <class Visitor>
  static void visit_questions(Address from, Address to, std::vector<std::byte>& datagram, Visitor& visitor) {
    const std::vector<std::byte> received = datagram;
    swarm::Messages::dispatch(swarm::wire_version, received, [&]<class Received>(Received message) {
      if constexpr (std::is_same_v<Received, swarm::Heartbeat>)
        visitor.question(message.number, from);
      else if constexpr (std::is_same_v<Received, swarm::Alive>)
        visitor.question(message.number, to);
      else
        return;
      std::byte buffer[maximum_datagram_size];
      Writer writer(buffer);
      message.encode(writer);
      const Bytes written = writer.written();
      datagram.assign(written.begin(), written.end());
    });
  }

 private:
  std::variant<swarm::Tracker, swarm::Peer> role_;
};

struct SwarmSessions {
  std::size_t peers = 2;  // besides the tracker, which is node 0
  std::uint8_t crashes = 0;
  std::uint8_t starts = 0;
  std::uint8_t drops = 0;
  std::uint8_t duplicates = 0;
};

NodeOptions<SwarmNode> options_of(const SwarmSessions& sessions);

inline NodeForm<SwarmNode> session_form() {
  return {{.commands = false,
           .between_exchanges = false,
           .named_questions = true,
           .timed = false,
           .horizon = std::chrono::hours(12)}};
}

}  // namespace peerbed::check
