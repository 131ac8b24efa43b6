// Nodes of rings in a hostile world.

#include <array>
#include <memory>
#include <string_view>

#include "protocols/coursework/node.h"
#include "protocols/coursework/wire.h"
#include "protocols/ring/node.h"
#include "protocols/ring/wire/wire.h"
#include "tests/fuzz/hostile_world.h"

namespace peerbed::ring {

static void expect_bounded(const ring::Node& node) {
  FUZZ_EXPECT(node.successors().size() <= ring::maximum_successors);
  FUZZ_EXPECT(node.fingers().size() <= 64);
  FUZZ_EXPECT(node.value_count() <= node.options().maximum_values);
  const auto& space = ring::KeySpace(node.options().key_bits);
  for (const ring::Contact& successor : node.successors()) FUZZ_EXPECT(space.contains(successor.key));
}

}  // namespace peerbed::ring

namespace peerbed::coursework {

static void expect_bounded(const coursework::Node& node) {
  FUZZ_EXPECT(node.pending() <= coursework::Letters::maximum_outbox + coursework::Downloads::maximum_requests);
  for (const ring::Contact& successor : node.successors()) FUZZ_EXPECT(coursework::peer_space.contains(successor.key));
}

}  // namespace peerbed::coursework

using namespace peerbed;

namespace {

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

constexpr std::array<std::string_view, 10> commands{"lookup 7",     "put a b",      "get a", "quit", "Store 2067",
                                                    "Request 2067", "Request 9999", "Quit",  "put",  "nonsense"};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(std::as_bytes(std::span(data, size)));
  const std::size_t shape = choices.below(shapes);
  if (is_coursework(shape))
    HostileWorld<coursework::Node>(std::move(choices), make_coursework(shape), coursework::wire_version, commands)
        .run();
  else
    HostileWorld<ring::Node>(std::move(choices), make_ring(shape), ring::wire_version, commands).run();
  return 0;
}
