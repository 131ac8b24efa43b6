// What a scenario says about hosts: their disks and how their streams behave.

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
