// Members of a SWIM group in a hostile world.

#include <array>
#include <memory>
#include <string_view>

#include "protocols/swim/node.h"
#include "tests/fuzz/hostile_world.h"

namespace peerbed::swim {

static void expect_bounded(const Node& node) {
  FUZZ_EXPECT(node.members().all().size() <= node.options().maximum_members);
  FUZZ_EXPECT(node.members().living() <= node.members().all().size());
  FUZZ_EXPECT(node.lists(node.self()));
  FUZZ_EXPECT(node.local_health() <= node.options().local_health_limit);
}

}  // namespace peerbed::swim

using namespace peerbed;

namespace {

constexpr std::array<std::string_view, 3> commands{"members", "quit", "nonsense"};

// They know each other from the start, or join through the first; with Lifeguard or without.
Hosts<swim::Node> make_nodes(std::size_t shape) {
  auto options = std::make_shared<swim::Options>();
  options->maximum_members = 8;
  if (shape % 2 == 1) {
    options->suspicion_spread = 1;
    options->local_health_limit = 0;
    options->buddy_system = false;
    options->probe_order = swim::ProbeOrder::random;
  }
  const std::array members{address_of(0), address_of(1), address_of(2)};
  const auto make = [&](std::size_t index) -> Host<swim::Node> {
    if (shape < 2) return {swim::Node::converged(options, members[index], members)};
    return {swim::Node::joining(options, members[index], std::span(members).first(index == 0 ? 0 : 1))};
  };
  return {make(0), make(1), make(2)};
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(std::as_bytes(std::span(data, size)));
  const std::size_t shape = choices.below(4);
  HostileWorld<swim::Node>(std::move(choices), make_nodes(shape), swim::wire_version, commands).run();
  return 0;
}
