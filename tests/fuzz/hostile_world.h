#pragma once
// Three nodes of a protocol in a hostile world: it delivers their datagrams in any order, damages, forges, repeats and
// drops them, fires any timer at any time, and types any command. A handler must neither crash nor grow without bound:
// expect_bounded(node), found by the node's type, says what its bounds are.

#include <algorithm>
#include <array>
#include <deque>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/environment/environment.h"
#include "protocols/environment/message_codec.h"
#include "protocols/environment/node.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/fuzz_target.h"

namespace peerbed {

constexpr std::size_t node_count = 3;
constexpr std::size_t most_steps = 2'000;
constexpr std::size_t most_datagrams_under_way = 64;
constexpr std::size_t most_effects_of_one_input = 5'000;

inline Address address_of(std::size_t node) {
  return Address::ipv4(0x0A000001 + static_cast<std::uint32_t>(node), 4000);
}

template <class Node>
struct Host {
  Node node;
  DrawCounts draws{};
  bool running = false;
};

template <class Node>
using Hosts = std::array<Host<Node>, node_count>;

using Commands = std::span<const std::string_view>;

template <class Node>
class HostileWorld {
 public:
  HostileWorld(Choices choices, Hosts<Node> hosts, std::uint8_t wire_version, Commands commands)
      : choices_(std::move(choices)), hosts_(std::move(hosts)), wire_version_(wire_version), commands_(commands) {
    for (std::size_t node = 0; node < node_count; ++node) start(node);
  }

  void run() {
    for (std::size_t step = 0; step < most_steps && !choices_.over(); ++step) {
      now_ += std::chrono::milliseconds(choices_.below(256) * 8);
      take_step();
    }
  }

 private:
  struct Datagram {
    Address from;
    Address to;
    std::vector<std::byte> payload;
  };

  void take_step() {
    const std::size_t node = choices_.below(node_count);
    switch (choices_.below(8)) {
      case 0:
      case 1:
        return deliver(false);
      case 2:
        return deliver(true);
      case 3:
        return forge(node);
      case 4:
        return fire(node, static_cast<TimerId>(choices_.below(Node::timer_count)));
      case 5:
        return command(node, commands_[choices_.below(commands_.size())]);
      case 6: {
        const Bytes typed = choices_.bytes();
        return command(node, {reinterpret_cast<const char*>(typed.data()), typed.size()});
      }
      default:
        return choices_.below(4) == 0 ? leave(node) : start(node);
    }
  }

  template <class Handler>
  void handle(std::size_t index, Handler&& handler) {
    Host<Node>& host = hosts_[index];
    if (!host.running) return;
    effects_.clear();
    Environment environment(now_, address_of(index), key_of(1, index), host.draws, effects_);
    handler(host.node, environment);
    FUZZ_EXPECT(effects_.all().size() < most_effects_of_one_input);
    apply(index);
    expect_bounded(host.node);
  }

  void apply(std::size_t index) {
    std::vector<ContentKey> asked;
    for (const Effect& effect : effects_.all()) {
      const Bytes bytes = effects_.bytes_of(effect);
      if (effect.kind == EffectKind::send_datagram) {
        if (under_way_.size() == most_datagrams_under_way) under_way_.pop_front();
        under_way_.push_back({address_of(index), Address{effect.argument}, {bytes.begin(), bytes.end()}});
      }
      if (effect.kind == EffectKind::set_timer) FUZZ_EXPECT(effect.number < Node::timer_count);
      if (effect.kind == EffectKind::exit_process) hosts_[index].running = false;
      if (effect.kind == EffectKind::read_content) asked.push_back({effect.argument});
    }
    if constexpr (ContentNode<Node>)
      for (const ContentKey key : asked) answer_content(index, key);
  }

  // The disk answers with whatever the input contains.
  void answer_content(std::size_t index, ContentKey key) {
    const Bytes bytes = choices_.bytes();
    handle(index, [&](Node& node, Environment& environment) {
      node.on_content(environment, {key, bytes, !bytes.empty()});
    });
  }

  void start(std::size_t index) {
    if (hosts_[index].running) return;
    hosts_[index].running = true;
    const std::array stored{ContentKey{7}, ContentKey{2067}};
    handle(index, [&](Node& node, Environment& environment) {
      node.on_start(environment, Start{std::span(stored).first(choices_.below(3))});
    });
  }

  void deliver(bool damage) {
    if (under_way_.empty()) return;
    const std::size_t which = choices_.below(under_way_.size());
    Datagram datagram = under_way_[which];
    const std::size_t fate = choices_.below(4);
    if (fate != 0)
      under_way_.erase(under_way_.begin() + static_cast<std::ptrdiff_t>(which));  // 0: it will arrive again
    if (damage && !datagram.payload.empty()) {
      datagram.payload[choices_.below(datagram.payload.size())] = static_cast<std::byte>(choices_.below(256));
      if (fate > 1) seal(datagram.payload);
    }
    receive(datagram);
  }

  void forge(std::size_t to) {
    const Bytes bytes = choices_.bytes();
    Datagram datagram{address_of(choices_.below(node_count + 1)), address_of(to), {bytes.begin(), bytes.end()}};
    datagram.payload.resize(datagram.payload.size() + codec::check_size);
    seal(datagram.payload);
    receive(datagram);
  }

  // Sets a correct version and checksum, as an attacker would.
  void seal(std::vector<std::byte>& payload) const {
    if (payload.size() < codec::check_size + header_size) return;
    payload[0] = static_cast<std::byte>(wire_version_);
    const std::size_t size = payload.size() - codec::check_size;
    Writer check(std::span<std::byte>(payload).subspan(size));
    check.integer(codec::check_of(Bytes(payload).first(size)));
  }

  void receive(const Datagram& datagram) {
    for (std::size_t index = 0; index < node_count; ++index)
      if (datagram.to == address_of(index))
        handle(index, [&](Node& node, Environment& environment) {
          node.on_datagram(environment, datagram.from, datagram.payload);
        });
  }

  void fire(std::size_t index, TimerId timer) {
    handle(index, [&](Node& node, Environment& environment) { node.on_timer(environment, timer); });
  }
  void command(std::size_t index, std::string_view line) {
    handle(index, [&](Node& node, Environment& environment) { node.on_command(environment, line); });
  }
  void leave(std::size_t index) {
    handle(index, [&](Node& node, Environment& environment) { node.on_leave(environment); });
  }

  Choices choices_;
  Hosts<Node> hosts_;
  std::uint8_t wire_version_;
  Commands commands_;
  std::deque<Datagram> under_way_;
  Effects effects_;
  Time now_ = time_zero;
};

}  // namespace peerbed
