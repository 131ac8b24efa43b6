// What a scenario says about hosts: their disks and how their streams behave.

#include <algorithm>
#include <array>

#include "scenarios/plan/load.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {

StorageChange read_storage(MapReader& map) {
  StorageChange change;
  if (const auto field = map.find("rate")) change.rate = field->rate();
  if (const auto field = map.find("latency")) change.latency = field->duration();
  if (const auto field = map.find("capacity")) change.capacity = field->size();
  if (const auto field = map.find("failing")) change.failing = field->probability();
  return change;
}

namespace {

const std::vector<std::string_view> dependence_words{"endpoint_independent", "address_dependent",
                                                     "address_and_port_dependent"};
constexpr std::array dependences{sim::Dependence::endpoint_independent, sim::Dependence::address_dependent,
                                 sim::Dependence::address_and_port_dependent};

// The customary names (RFC 3489) and what they mean.
void take_kind(const Field& field, sim::NatBehaviour& nat) {
  const std::size_t kind = field.choice({"full_cone", "restricted_cone", "port_restricted_cone", "symmetric"});
  nat.mapping = kind == 3 ? sim::Dependence::address_and_port_dependent : sim::Dependence::endpoint_independent;
  nat.filtering = dependences[std::min<std::size_t>(kind, 2)];
}

sim::NatBehaviour read_behaviour(MapReader& map) {
  sim::NatBehaviour nat;
  const auto kind = map.find("kind");
  if (kind) take_kind(*kind, nat);
  const auto take = [&](std::string_view key, sim::Dependence& dependence) {
    const auto field = map.find(key);
    if (field && kind) field->fail("the kind says it already; remove one of them");
    if (field) dependence = dependences[field->choice(dependence_words)];
  };
  take("mapping", nat.mapping);
  take("filtering", nat.filtering);
  if (const auto lifetime = map.find("lifetime")) nat.lifetime = lifetime->period();
  if (const auto lifetime = map.find("stream_lifetime")) nat.stream_lifetime = lifetime->period();
  if (const auto hairpin = map.find("hairpin")) nat.hairpin = hairpin->boolean();
  return nat;
}

}  // namespace

// A kind, or a map that describes it.
sim::NatPlan read_nat(const Field& field) {
  sim::NatPlan plan;
  if (field.is_scalar()) {
    take_kind(field, plan.behaviour);
    return plan;
  }
  field.map([&](MapReader& map) {
    plan.behaviour = read_behaviour(map);
    if (const auto hosts = map.find("hosts")) plan.hosts = hosts->count(1, maximum_nodes);
    const auto carrier = map.find("carrier");
    if (!carrier) return;
    plan.carrier.emplace();
    if (carrier->is_scalar()) return take_kind(*carrier, *plan.carrier);
    carrier->map([&](MapReader& outer) {
      plan.carrier = read_behaviour(outer);
      if (const auto subscribers = outer.find("subscribers")) plan.subscribers = subscribers->count(1, maximum_nodes);
    });
  });
  return plan;
}

sim::StreamOptions read_streams(const Field& field) {
  sim::StreamOptions options;
  field.map([&](MapReader& map) {
    if (const auto control = map.find("congestion"))
      options.congestion =
          std::array{sim::CongestionControl::cubic, sim::CongestionControl::reno}[control->choice({"cubic", "reno"})];
    if (const auto ecn = map.find("ecn")) options.ecn = ecn->boolean();
    if (const auto segment = map.find("segment")) {
      const std::uint64_t size = segment->size();
      if (size < sim::Congestion::packet || size > 65'536) segment->fail_expected("a size from 1460B to 64KiB");
      options.segment_size = static_cast<std::uint32_t>(size);
    }
    if (const auto buffer = map.find("receive_buffer")) {
      options.receive_buffer = buffer->size();
      if (options.receive_buffer < 65'536 || options.receive_buffer > std::uint64_t{1} << 30)
        buffer->fail_expected("a size from 64KiB to 1GiB");
    }
    if (const auto window = map.find("initial_window"))
      options.initial_window = static_cast<std::uint32_t>(window->count(1, 1000));
    if (const auto every = map.find("acknowledge_every"))
      options.acknowledge_every = static_cast<std::uint32_t>(every->count(1, 1000));
    if (const auto timeout = map.find("minimum_timeout")) options.minimum_timeout = timeout->period();
    if (const auto timeout = map.find("connect_timeout")) options.connect_timeout = timeout->period();
    if (const auto timeout = map.find("user_timeout")) options.user_timeout = timeout->period();
  });
  return options;
}

}  // namespace peerbed::scenarios
