#pragma once
// The nodes of one group, as their protocol creates them, for any world: the simulated one, or hosts with real sockets.
// The same type, in the same object code, runs in each.

#include <cstdint>
#include <functional>
#include <memory>
#include <string>
#include <typeinfo>
#include <utility>
#include <vector>

#include "adapter/host.h"
#include "protocols/environment/node.h"
#include "sim/engine/world.h"

namespace peerbed::scenarios {

// A file that each host of a group has from the start; its bytes are a function of the seed (sim/storage/extent.h).
struct GivenFile {
  std::string name;
  std::uint64_t seed = 0;  // not 0
  std::uint64_t size = 0;  // bytes
};

class Population {
 public:
  explicit Population(std::vector<GivenFile> files) : files_(std::move(files)) {}
  virtual ~Population() = default;

  const std::vector<GivenFile>& files() const noexcept { return files_; }
  virtual bool uses_streams() const noexcept = 0;
  // Adds all nodes to a world, down.
  virtual void enter(sim::World& world) const = 0;
  // Adds one node to a host, down. Its first process is the node's `incarnation`-th, counted from 0.
  virtual adapter::HostedNode& enter(adapter::Host& host, const adapter::NodeOptions& node_options, NodeIndex node,
                                     std::uint32_t incarnation) const = 0;
  // The state of a node of this population, of the given type; if it is down, its last state.
  virtual const void* state(const sim::World& world, NodeIndex node, const std::type_info& type) const = 0;
  virtual const void* state(const adapter::HostedNode& process, const std::type_info& type) const = 0;

  // Whether nodes in another process can be mirrored here, which their type must support (InspectableNode).
  virtual bool is_visible() const noexcept = 0;
  virtual std::vector<std::byte> visible_state(const adapter::HostedNode& process) const = 0;
  // A mirror of the node as its `incarnation`-th process starts, without any state.
  virtual std::shared_ptr<void> mirror(NodeIndex node, std::uint32_t incarnation) const = 0;
  // Gives a mirror the state that a process reported. Returns false if the bytes do not decode.
  virtual bool complete(void* mirror, Bytes visible_state) const = 0;
  virtual const void* state(const void* mirror, const std::type_info& type) const = 0;

 private:
  std::vector<GivenFile> files_;
};

template <Node N>
class PopulationOf final : public Population {
 public:
  // Makes a node for its next process; called again for each process.
  using Make = std::function<N(NodeIndex)>;

  PopulationOf(std::size_t count, Make make, std::vector<GivenFile> files)
      : Population(std::move(files)), count_(count), make_(std::move(make)) {}

  bool uses_streams() const noexcept override { return StreamNode<N>; }
  void enter(sim::World& world) const override {
    const NodeIndex first = world.add_population<N>(count_, make_);
    for (std::size_t i = 0; i < count_; ++i)
      for (const GivenFile& file : files())
        world.put_file(first + static_cast<NodeIndex>(i), file.name, file.seed, file.size);
  }
  adapter::HostedNode& enter(adapter::Host& host, const adapter::NodeOptions& node_options, NodeIndex node,
                             std::uint32_t incarnation) const override {
    return host.add<N>(node_options, [make = make_after(node, incarnation), node](Address) { return make(node); });
  }
  const void* state(const sim::World& world, NodeIndex node, const std::type_info& type) const override {
    PEERBED_CONTRACT(type == typeid(N), "a node is asked for by its own type");
    return &world.node<N>(node);
  }
  const void* state(const adapter::HostedNode& process, const std::type_info& type) const override {
    PEERBED_CONTRACT(type == typeid(N), "a node is asked for by its own type");
    return &static_cast<const adapter::HostedNodeOf<N>&>(process).node();
  }

  bool is_visible() const noexcept override { return InspectableNode<N>; }
  std::vector<std::byte> visible_state(const adapter::HostedNode& process) const override {
    std::vector<std::byte> bytes;
    if constexpr (InspectableNode<N>)
      static_cast<const adapter::HostedNodeOf<N>&>(process).node().append_visible_state(bytes);
    return bytes;
  }
  std::shared_ptr<void> mirror(NodeIndex node, std::uint32_t incarnation) const override {
    return std::make_shared<N>(make_after(node, incarnation)(node));
  }
  bool complete(void* mirror, Bytes visible_state) const override {
    if constexpr (InspectableNode<N>) return static_cast<N*>(mirror)->take_visible_state(visible_state);
    return false;
  }
  const void* state(const void* mirror, const std::type_info& type) const override {
    PEERBED_CONTRACT(type == typeid(N), "a node is asked for by its own type");
    return mirror;
  }

 private:
  // `make` may count the processes that it has made; `incarnation` of them were made elsewhere.
  Make make_after(NodeIndex node, std::uint32_t incarnation) const {
    Make make = make_;
    for (std::uint32_t i = 0; i < incarnation; ++i) make(node);
    return make;
  }

  std::size_t count_;
  Make make_;
};

template <Node N>
std::unique_ptr<Population> population(std::size_t count, typename PopulationOf<N>::Make make,
                                       std::vector<GivenFile> files = {}) {
  return std::make_unique<PopulationOf<N>>(count, std::move(make), std::move(files));
}

}  // namespace peerbed::scenarios
