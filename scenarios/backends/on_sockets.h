#pragma once
// What a run over real sockets needs: addresses of this machine, enough descriptors, and a scenario that asks for
// nothing the sockets cannot provide.

#include <cstddef>
#include <vector>

#include "adapter/base/file_descriptor.h"
#include "scenarios/plan/scenario.h"

namespace peerbed::scenarios {

// All nodes in one process, or one process per node.
enum class Hosting : std::uint8_t { in_process, processes };

constexpr std::size_t most_nodes_in_process = 512;
constexpr std::size_t most_processes = 128;

// A loopback network 127.N.0.0/16 that no other run on this machine uses while this object lives.
class LoopbackNetwork {
 public:
  // Throws FileError when all are taken.
  LoopbackNetwork();
  Address first() const noexcept { return first_; }

 private:
  adapter::FileDescriptor guard_;
  Address first_;
};

// The same scenario with consecutive node addresses from `first` on. Throws ScenarioError if the scenario is for the
// other address family.
Scenario at_addresses(Scenario scenario, Address first);

// Throws ScenarioError, with the position in the file, for what a scenario asks and sockets cannot do: a pause in one
// process for example, or more nodes than a machine should run.
void refuse_what_sockets_lack(const Scenario& scenario, bool uses_streams, Hosting hosting);

// Lets this process open as many files as the nodes need. Throws FileError when it may not.
void allow_descriptors(std::size_t nodes);

}  // namespace peerbed::scenarios
