#pragma once
// The paths of lookups over the ring, as seen by an observer of all datagrams. A recursive lookup's path is a chain of
// finds; an iterative lookup's path is the nodes that answered, in order. Memory is fixed: an unfinished path is
// forgotten when too many others begin.

#include <array>
#include <cstdint>
#include <optional>
#include <vector>

#include "host/step.h"
#include "protocols/environment/random.h"
#include "protocols/ring/wire/messages.h"

namespace peerbed::scenarios {

using NodePath = std::vector<NodeIndex>;

struct LookupTrail {
  NodePath path;  // the asker first, the owner last; empty when it is not known
  std::optional<ring::Key> key;
};

// A table of fixed size, by asker and name: the entry that was unused for the longest time is replaced.
template <class Entry>
class RecentEntries {
 public:
  RecentEntries() : entries_(sets * ways) {}

  // Null if there is none, or no longer.
  const Entry* find(NodeIndex asker, std::uint64_t name) const noexcept {
    const std::size_t index = place_of(asker, name);
    return is_of(entries_[index], asker, name) ? &entries_[index] : nullptr;
  }
  // Its entry, or a new one.
  Entry& made(NodeIndex asker, std::uint64_t name) {
    Entry& entry = entries_[place_of(asker, name)];
    if (!is_of(entry, asker, name)) {
      entry = Entry{};
      entry.asker = asker;
      entry.name = name;
    }
    entry.used = ++uses_;
    return entry;
  }
  const std::vector<Entry>& all() const noexcept { return entries_; }

 private:
  static constexpr std::size_t sets = 256;
  static constexpr std::size_t ways = 4;

  static bool is_of(const Entry& entry, NodeIndex asker, std::uint64_t name) noexcept {
    return entry.asker == asker && entry.name == name;
  }
  // Where it is, or where it would be.
  std::size_t place_of(NodeIndex asker, std::uint64_t name) const noexcept {
    const std::size_t first = static_cast<std::size_t>(key_of(asker, name)) % sets * ways;
    std::size_t oldest = first;
    for (std::size_t i = first; i < first + ways; ++i) {
      if (is_of(entries_[i], asker, name)) return i;
      if (entries_[i].used < entries_[oldest].used) oldest = i;
    }
    return oldest;
  }

  std::vector<Entry> entries_;
  std::uint64_t uses_ = 0;
};

class LookupTrails {
 public:
  // `first` is the address of the scenario's first node; those after it follow one by one. Nodes that look up keys of
  // their own accord, and not by command alone, have all of their lookups followed, those for fingers too.
  LookupTrails(Address first, bool follows_all) : first_(first), follows_all_(follows_all) {}

  void note(const Step& step);
  // The path of the lookup that its node reports as done now, after this many hops; called within the step that ended
  // it.
  LookupTrail ended(Time now, NodeIndex asker, std::uint64_t hops, Duration latency, bool success) const;

 private:
  static constexpr std::size_t edges_kept = 16;

  // A datagram that advanced a lookup by one step.
  struct Edge {
    NodeIndex from = no_node;
    NodeIndex to = no_node;
    std::uint32_t hops = 0;
  };
  struct Trail {
    NodeIndex asker = no_node;
    std::uint64_t name = 0;  // the find's number, or the key of an iterative lookup
    std::uint64_t used = 0;
    ring::Key key;
    std::uint32_t count = 0;  // of edges
    std::array<Edge, edges_kept> edges{};
  };
  // Of an iterative lookup.
  struct Query {
    NodeIndex asker = no_node;
    std::uint64_t name = 0;  // its number
    std::uint64_t used = 0;
    ring::Key key;
  };
  struct Command {
    NodeIndex asker = no_node;
    std::uint64_t name = 0;  // the key
    std::uint64_t used = 0;
    Time time;
  };
  // The answer that the step under way brings to an asker.
  struct Answer {
    NodeIndex asker = no_node;
    NodeIndex from = no_node;
    std::uint64_t name = 0;
    NodeIndex owner = no_node;
    bool iterative = false;
  };

  NodeIndex node_at(Address address) const noexcept { return address.host() - first_.host(); }
  void add(NodeIndex asker, std::uint64_t name, ring::Key key, Edge edge);
  void note_datagram(const Step& step);
  void note_message(const Step& step, const ring::Find& find);
  void note_message(const Step& step, const ring::Found& found);
  void note_message(const Step& step, const ring::NextHopQuery& query);
  void note_message(const Step& step, const ring::NextHops& hops);
  void note_command(const Step& step);
  bool is_followed(NodeIndex asker, ring::Key key) const {
    return follows_all_ || commands_.find(asker, key.value) != nullptr;
  }
  std::optional<ring::Key> commanded(NodeIndex node, Time time) const;
  NodePath recursive_path(const Trail& trail, std::uint64_t hops) const;
  static NodePath iterative_path(const Trail& trail, std::uint64_t hops);
  LookupTrail unanswered(NodeIndex asker, ring::Key key) const;

  Address first_;
  bool follows_all_;
  RecentEntries<Trail> trails_;
  RecentEntries<Query> queries_;
  RecentEntries<Command> commands_;
  Answer answer_;
};

}  // namespace peerbed::scenarios
