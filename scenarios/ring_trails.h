#pragma once
// The ways of lookups over the ring, as one sees them who reads all datagrams. Those of recursive lookups are chains of
// finds, those of iterative ones the nodes that answered, in their order. Memory is fixed: a way that is not over when
// too many others are begun is forgotten.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "protocols/ring/messages.h"
#include "sim/world.h"

namespace peerbed::scenarios {

using NodePath = std::vector<sim::NodeIndex>;

struct LookupTrail {
  NodePath path;  // the asker first, the owner last; empty when it is not known
  std::optional<ring::Key> key;
};

class LookupTrails {
 public:
  // `first` is the address of the scenario's first node; those after it follow one by one.
  explicit LookupTrails(Address first) : first_(first), trails_(slots), queries_(slots), commands_(commands_kept) {}

  void note(const sim::Step& step);
  // Of the lookup that its node says to be over now, after so many hops; called within the step that ended it.
  LookupTrail ended(Time now, sim::NodeIndex asker, std::uint64_t hops, Duration latency, bool success) const;

 private:
  static constexpr std::size_t slots = 4'096;
  static constexpr std::size_t edges_kept = 24;
  static constexpr std::size_t commands_kept = 1'024;

  // A datagram that brought a lookup one step on.
  struct Edge {
    sim::NodeIndex from = sim::no_node;
    sim::NodeIndex to = sim::no_node;
    std::uint32_t hops = 0;
  };
  struct Trail {
    sim::NodeIndex asker = sim::no_node;
    std::uint64_t name = 0;  // the find's number, or the key of an iterative lookup
    ring::Key key;
    std::uint32_t count = 0;
    std::array<Edge, edges_kept> edges{};
  };
  // Of an iterative lookup.
  struct Query {
    sim::NodeIndex asker = sim::no_node;
    std::uint32_t id = 0;
    ring::Key key;
  };
  struct Command {
    sim::NodeIndex node = sim::no_node;
    Time time;
    ring::Key key;
  };
  // The answer that the step under way brings to an asker.
  struct Answer {
    sim::NodeIndex asker = sim::no_node;
    sim::NodeIndex from = sim::no_node;
    std::uint64_t name = 0;
    sim::NodeIndex owner = sim::no_node;
    bool iterative = false;
  };

  static std::size_t slot_of(sim::NodeIndex asker, std::uint64_t name) noexcept;
  sim::NodeIndex node_at(Address address) const noexcept { return address.host() - first_.host(); }
  Trail& trail_of(sim::NodeIndex asker, std::uint64_t name, ring::Key key);
  const Trail* find_trail(sim::NodeIndex asker, std::uint64_t name) const;
  static void add(Trail& trail, Edge edge);
  void note_datagram(const sim::Step& step);
  void note_message(const sim::Step& step, const ring::Find& find);
  void note_message(const sim::Step& step, const ring::Found& found);
  void note_message(const sim::Step& step, const ring::NextHopQuery& query);
  void note_message(const sim::Step& step, const ring::NextHops& hops);
  void note_command(const sim::Step& step);
  std::optional<ring::Key> commanded(sim::NodeIndex node, Time time) const;
  NodePath recursive_path(const Trail& trail, std::uint64_t hops) const;
  static NodePath iterative_path(const Trail& trail, std::uint64_t hops);
  LookupTrail unanswered(sim::NodeIndex asker, ring::Key key) const;

  Address first_;
  std::vector<Trail> trails_;
  std::vector<Query> queries_;
  std::vector<Command> commands_;
  std::size_t next_command_ = 0;
  Answer answer_;
};

}  // namespace peerbed::scenarios
