#pragma once
// Read access to a run's nodes at one instant, in any world. Checks and measurements are built on it.

#include <cstdint>
#include <memory>
#include <typeinfo>

#include "protocols/environment/content.h"
#include "protocols/environment/time.h"
#include "sim/core/types.h"
#include "sim/network/link.h"

namespace peerbed::scenarios {

// Bytes on a host's disk, for comparison with a synthetic file (sim/storage/extent.h).
class StoredBytes {
 public:
  virtual ~StoredBytes() = default;
  virtual std::uint64_t size() const = 0;
  // How far the bytes from `begin` equal the synthetic file's; at most `end`.
  virtual std::uint64_t right_until(std::uint64_t seed, std::uint64_t begin, std::uint64_t end) const = 0;
};

class StateView {
 public:
  virtual ~StateView() = default;

  virtual bool is_up(NodeIndex node) const = 0;
  // Up, and not paused.
  virtual bool runs(NodeIndex node) const { return is_up(node); }
  // Since the start of the run.
  virtual Duration elapsed() const { return {}; }
  // Whether anything may have been altered on the way: a datagram or a stream was damaged, or a node lied.
  virtual bool has_harmed_messages() const { return false; }
  // The state of a node that has been started at least once, by its type; if it is down, its last state. Null if it
  // cannot be read: the node is in another process and does not expose it (InspectableNode), or not in time.
  template <class N>
  const N* node(NodeIndex index) const {
    return static_cast<const N*>(state(index, typeid(N)));
  }
  // The content on the node's disk; null if there never was any, or if it cannot be read now.
  virtual std::unique_ptr<StoredBytes> stored(NodeIndex node, ContentKey key) const = 0;
  // The up-link of the node's host, from the scenario.
  virtual sim::LinkLimit uplink(NodeIndex node) const = 0;
  virtual sim::LinkLimit downlink(NodeIndex node) const = 0;

 private:
  virtual const void* state(NodeIndex node, const std::type_info& type) const = 0;
};

}  // namespace peerbed::scenarios
