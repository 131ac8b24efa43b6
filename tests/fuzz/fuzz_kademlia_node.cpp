// Nodes of Kademlia in a hostile world.

#include <array>
#include <memory>
#include <string_view>

#include "protocols/kademlia/node.h"
#include "tests/fuzz/hostile_world.h"

namespace peerbed::kademlia {

static void expect_bounded(const Node& node) {
  FUZZ_EXPECT(node.table().buckets().size() <= id_bits);
  for (const Bucket& bucket : node.table().buckets()) {
    FUZZ_EXPECT(bucket.entries().size() <= node.options().bucket_size);
    FUZZ_EXPECT(bucket.replacements().size() <= node.options().replacement_cache);
  }
  FUZZ_EXPECT(node.pending_lookups() <= maximum_lookups);
  FUZZ_EXPECT(node.store().size() <= node.options().maximum_values);
}

}  // namespace peerbed::kademlia

using namespace peerbed;

namespace {

constexpr std::array<std::string_view, 7> commands{"lookup 7", "put a b", "put c d", "get a", "get x", "quit", "put"};

// They know each other from the start, or join through the first; lookups are pipelined or in rounds.
Hosts<kademlia::Node> make_nodes(std::size_t shape) {
  auto options = std::make_shared<kademlia::Options>();
  options->bucket_size = 2;
  options->replacement_cache = 1;
  options->maximum_values = 8;
  if (shape % 2 == 1) options->lookup_mode = kademlia::LookupMode::rounds;
  const auto contact = [](std::size_t index) {
    return kademlia::Contact{kademlia::expanded((index + 1) << 40), address_of(index)};
  };
  const std::array members{contact(0), contact(1), contact(2)};
  const std::array known{address_of(0)};
  const auto make = [&](std::size_t index) -> Host<kademlia::Node> {
    if (shape < 2) return {kademlia::Node::converged(options, members, index, KeyedStream(index))};
    return {kademlia::Node::joining(options, contact(index).id, std::span(known).first(index == 0 ? 0 : 1))};
  };
  return {make(0), make(1), make(2)};
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  Choices choices(std::as_bytes(std::span(data, size)));
  const std::size_t shape = choices.below(4);
  HostileWorld<kademlia::Node>(std::move(choices), make_nodes(shape), kademlia::wire_version, commands).run();
  return 0;
}
