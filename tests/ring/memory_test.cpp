#include "tests/catch.h"
#include "tests/ring/ring_world.h"

using namespace peerbed;
using namespace peerbed::ring;

TEST_CASE("a node of a converged ring of a million costs at most 750 bytes") {
  STATIC_REQUIRE(sizeof(ring::Node) <= 224);
  constexpr std::size_t count = 1'000'000;
  constexpr std::size_t block_overhead = 24;  // what a table and, at the most, an allocator add to each block
  std::vector<Contact> members(count);
  for (std::size_t i = 0; i < count; ++i) members[i] = {Key{key_of(1, i)}, sim::address_of(static_cast<NodeIndex>(i))};
  std::sort(members.begin(), members.end());
  const auto options = std::make_shared<const Options>();
  std::size_t bytes = 0;
  constexpr std::size_t samples = 1000;
  for (std::size_t i = 0; i < samples; ++i) {
    const ring::Node node = ring::Node::converged(options, members, i * (count / samples));
    bytes +=
        sizeof(ring::Node) + 2 * block_overhead + (node.successors().size() + node.fingers().size()) * sizeof(Contact);
  }
  INFO(sizeof(ring::Node) << " bytes of node, " << bytes / samples << " in all");
  CHECK(bytes / samples <= 750);
}
