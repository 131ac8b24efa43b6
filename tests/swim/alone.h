#pragma once
// One SWIM member without a world.

#include <algorithm>
#include <array>
#include <memory>
#include <utility>
#include <vector>

#include "protocols/swim/node.h"
#include "tests/environment/round_trip.h"

namespace peerbed::swim {

using namespace std::chrono_literals;

constexpr Address self = Address::ipv4(1, 1);
constexpr Address other = Address::ipv4(2, 1);
constexpr Address stranger(std::uint32_t number) { return Address::ipv4(1000 + number, 1); }

// One member that is fed by hand, and knows one other.
class Alone {
 public:
  explicit Alone(const Options& options = {})
      : node_(Node::converged(std::make_shared<const Options>(options), self, std::array{self, other})) {
    run([&](Environment& environment) { node_.on_start(environment, {}); });
  }

  template <class Sent>
  void hear(Address from, const Sent& message) {
    hear_bytes(from, encoded(message));
  }
  void hear_bytes(Address from, const std::vector<std::byte>& bytes) {
    run([&](Environment& environment) { node_.on_datagram(environment, from, bytes); });
  }
  void say(const Update& update) {
    News news;
    news.updates.add(update);
    hear(other, news);
  }
  void fire(TimerId timer, Duration later = {}) {
    now_ += later;
    run([&](Environment& environment) { node_.on_timer(environment, timer); });
  }

  const Node& node() const noexcept { return node_; }
  template <class Sent>
  std::vector<std::pair<Address, Sent>> sent() {
    std::vector<std::pair<Address, Sent>> all;
    for (const Effect& effect : effects_.all())
      if (effect.kind == EffectKind::send_datagram)
        if (const auto message = decode(effects_.bytes_of(effect)))
          if (const auto* one = std::get_if<Sent>(&*message)) all.emplace_back(Address{effect.argument}, *one);
    return all;
  }
  std::size_t traced(TraceEvent event) const {
    return static_cast<std::size_t>(std::count_if(
        effects_.all().begin(), effects_.all().end(),
        [&](const Effect& effect) { return effect.kind == EffectKind::trace && effect.number == index_of(event); }));
  }

 private:
  template <class Input>
  void run(const Input& input) {
    effects_.clear();
    Environment environment(now_, self, 7, draws_, effects_);
    input(environment);
  }

  Time now_ = time_zero + 1h;
  DrawCounts draws_{};
  Effects effects_;
  Node node_;
};

}  // namespace peerbed::swim
