#pragma once
// What a run over real sockets needs: addresses of this machine, enough descriptors, and a scenario that asks for
// nothing the sockets cannot provide.

#include <cstddef>
#include <vector>

#include "adapter/base/file_descriptor.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// One process of this machine, or one process a node.
enum class Hosting : std::uint8_t { in_process, processes };

constexpr std::size_t most_nodes_in_process = 512;
constexpr std::size_t most_processes = 128;

// A network 127.N.0.0/16 of the loopback that no other run of this machine uses, as long as this lives.
class LoopbackNetwork {
 public:
  // Throws FileError when all are taken.
  LoopbackNetwork();
  Address first() const noexcept { return first_; }

 private:
  adapter::FileDescriptor guard_;
  Address first_;
};

// The same scenario, whose nodes have consecutive addresses from `first` on. Throws ScenarioError when the scenario is
// for addresses of the other family.
Scenario at_addresses(Scenario scenario, Address first);

// Throws ScenarioError for what a scenario asks and sockets cannot do, with its place in the file: a pause in one
// process for example, or more nodes than a machine should be asked to run.
void refuse_what_sockets_lack(const Scenario& scenario, bool uses_streams, Hosting hosting);

// Lets this process open as many files as the nodes need. Throws FileError when it may not.
void allow_descriptors(std::size_t nodes);

}  // namespace peerbed::scenarios
