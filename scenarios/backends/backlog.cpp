#include "scenarios/backends/backlog.h"

#include <algorithm>
#include <array>
#include <vector>

#include "protocols/environment/codec.h"
#include "scenarios/text/units.h"
#include "sim/engine/world.h"

namespace peerbed::scenarios {
namespace {

// An event's kind, or the kind of message that it carries.
struct Kind {
  const Protocol* protocol = nullptr;  // of a datagram's sender
  std::uint16_t number = 0;            // of the message, or of the event
  friend bool operator==(const Kind&, const Kind&) = default;
};

Kind kind_of(const Scenario& scenario, const sim::Event& event, Bytes datagram) {
  if (event.kind() > sim::EventKind::datagram_at_link) return {nullptr, static_cast<std::uint16_t>(event.kind())};
  return {scenario.group_of(event.source).protocol.get(), message_kind(datagram)};
}

std::string name_of(const Kind& kind) {
  if (kind.protocol != nullptr) {
    const auto names = kind.protocol->message_kinds();
    const bool named = kind.number < names.size() && !names[kind.number].empty();
    return "`" + (named ? std::string(names[kind.number]) : "kind-" + std::to_string(kind.number)) + "`";
  }
  switch (static_cast<sim::EventKind>(kind.number)) {
    case sim::EventKind::timer:
      return "timers";
    case sim::EventKind::link_turn:
      return "turns of links";
    case sim::EventKind::content:
      return "answers of disks";
    default:
      return "of streams";
  }
}

// The value that is in most of what is visited, as far as there is one in more than half of it (Boyer and Moore, 1981):
// so that there is no table where there may be no memory for one.
template <class Value>
class Majority {
 public:
  void add(const Value& value) {
    if (weight_ == 0) candidate_ = value;
    weight_ += candidate_ == value ? 1 : -1;
  }
  const Value& candidate() const noexcept { return candidate_; }

 private:
  Value candidate_{};
  std::int64_t weight_ = 0;
};

}  // namespace

Backlog backlog_of(const Scenario& scenario, const sim::World& world) {
  std::uint64_t all = 0;
  Majority<Kind> kinds;
  world.for_each_under_way([&](const sim::Event& event, Bytes datagram) {
    ++all;
    kinds.add(kind_of(scenario, event, datagram));
  });
  if (all == 0) return {"nothing is pending", std::nullopt};
  std::uint64_t alike = 0;
  std::vector<std::uint32_t> sent(world.size());
  world.for_each_under_way([&](const sim::Event& event, Bytes datagram) {
    if (!(kind_of(scenario, event, datagram) == kinds.candidate())) return;
    ++alike;
    if (event.source < sent.size()) ++sent[event.source];
  });
  const auto most = std::max_element(sent.begin(), sent.end());
  const auto sender = static_cast<NodeIndex>(most - sent.begin());
  const auto share = [](std::uint64_t part, std::uint64_t whole) { return std::to_string(part * 100 / whole) + "%"; };
  return {show_count(all) + (all == 1 ? " event is" : " events are") + " pending, " + share(alike, all) +
              (all == 1 ? " of it " : " of them ") + name_of(kinds.candidate()) + ", mostly from " +
              scenario.name_of(sender) + " (" + share(*most, alike) + ")",
          sender};
}

}  // namespace peerbed::scenarios
