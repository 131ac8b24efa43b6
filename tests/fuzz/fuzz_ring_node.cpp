// Three ring nodes in a hostile world: it delivers their datagrams in any order, damages, forges, repeats and drops
// them, fires any timer at any time, and types any command. A handler must neither crash nor grow without bound.

#include <algorithm>
#include <array>
#include <deque>
#include <memory>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/coursework/node.h"
#include "protocols/environment/environment.h"
#include "protocols/ring/node.h"
#include "protocols/ring/wire/wire.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed;

namespace {

constexpr std::size_t node_count = 3;
constexpr std::size_t most_steps = 2'000;
constexpr std::size_t most_datagrams_under_way = 64;
constexpr std::size_t most_effects_of_one_input = 5'000;

Address address_of(std::size_t node) { return Address::ipv4(0x0A000001 + static_cast<std::uint32_t>(node), 4000); }

struct Datagram {
  Address from;
  Address to;
  std::vector<std::byte> payload;
};

template <class Node>
struct Host {
  Node node;
  DrawCounts draws{};
  bool running = false;
};

template <class Node>
using Hosts = std::array<Host<Node>, node_count>;

// How a world begins: a ring in two ways, a ring of the coursework in two ways, and a ring that hedges in two ways.
constexpr std::size_t hedging_shapes = 4;
constexpr std::size_t shapes = hedging_shapes + 2;

ring::Contact contact(std::size_t node) {
  const std::size_t around = node % node_count;
  return {ring::Key{10 + 20 * around}, address_of(around)};
}

bool is_coursework(std::size_t shape) { return shape == 2 || shape == 3; }

Hosts<ring::Node> make_ring(std::size_t shape) {
  auto options = std::make_shared<ring::Options>();
  options->maximum_values = 64;
  if (shape >= hedging_shapes) {
    options->hedge_after = std::chrono::milliseconds(2);
    options->gets_end_early = true;
    shape -= hedging_shapes;
  }
  const std::array members{contact(0), contact(1), contact(2)};
  const std::array known{address_of(0)};
  const auto make = [&](std::size_t index) -> Host<ring::Node> {
    if (shape == 0) return {ring::Node::converged(options, members, index)};
    const std::size_t count = index == 0 ? 0 : 1;
    return {ring::Node::joining(options, contact(index).key, std::span(known).first(count))};
  };
  return {make(0), make(1), make(2)};
}

Hosts<coursework::Node> make_coursework(std::size_t shape) {
  const auto options = std::make_shared<const coursework::Options>();
  const auto make = [&](std::size_t index) -> Host<coursework::Node> {
    if (index < 2 || shape == 2)
      return {coursework::Node::established(options, contact(index), contact(index + 1), contact(index + 2))};
    return {coursework::Node::joining(options, contact(index), contact(0))};
  };
  return {make(0), make(1), make(2)};
}

void expect_bounded(const ring::Node& node) {
  FUZZ_EXPECT(node.successors().size() <= ring::maximum_successors);
  FUZZ_EXPECT(node.fingers().size() <= 64);
  FUZZ_EXPECT(node.value_count() <= node.options().maximum_values);
  const auto& space = ring::KeySpace(node.options().key_bits);
  for (const ring::Contact& successor : node.successors()) FUZZ_EXPECT(space.contains(successor.key));
}

void expect_bounded(const coursework::Node& node) {
  FUZZ_EXPECT(node.pending() <= coursework::Letters::maximum_outbox + coursework::Downloads::maximum_requests);
  for (const ring::Contact& successor : node.successors()) FUZZ_EXPECT(coursework::peer_space.contains(successor.key));
}

constexpr std::array<std::string_view, 10> commands{"lookup 7",     "put a b",      "get a", "quit", "Store 2067",
                                                    "Request 2067", "Request 9999", "Quit",  "put",  "nonsense"};

template <class Node>
class HostileWorld {
 public:
  HostileWorld(Choices choices, Hosts<Node> hosts) : choices_(std::move(choices)), hosts_(std::move(hosts)) {
    for (std::size_t node = 0; node < node_count; ++node) start(node);
  }

  void run() {
    for (std::size_t step = 0; step < most_steps && !choices_.over(); ++step) {
      now_ += std::chrono::milliseconds(choices_.below(256) * 8);
      take_step();
    }
  }

 private:
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
        return command(node, commands[choices_.below(commands.size())]);
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
  static void seal(std::vector<std::byte>& payload) {
    if (payload.size() < codec::check_size + header_size) return;
    payload[0] = static_cast<std::byte>(ring::wire_version);
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
  std::deque<Datagram> under_way_;
  Effects effects_;
  Time now_ = time_zero;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(std::as_bytes(std::span(data, size)));
  const std::size_t shape = choices.below(shapes);
  if (is_coursework(shape))
    HostileWorld(std::move(choices), make_coursework(shape)).run();
  else
    HostileWorld(std::move(choices), make_ring(shape)).run();
  return 0;
}
