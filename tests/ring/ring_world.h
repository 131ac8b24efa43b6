#pragma once
// A ring in a simulated network, for tests: starts, crashes and checks it, and collects what its nodes report.

#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "protocols/ring/node.h"
#include "sim/engine/world.h"

namespace peerbed::ring {

// What a world's nodes traced and printed.
class Journal : public Observer {
 public:
  struct Entry {
    Time time;
    NodeIndex node = 0;
    TraceValues values{};
  };
  struct Line {
    NodeIndex node = 0;
    std::string text;
  };
  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    entries_[static_cast<TraceEvent>(type)].push_back({time, node, values});
  }
  void on_line(Time, NodeIndex node, std::string_view line) override { lines_.push_back({node, std::string(line)}); }

  const std::vector<Entry>& of(TraceEvent event) { return entries_[event]; }
  const std::vector<Line>& lines() const { return lines_; }
  void clear() {
    entries_.clear();
    lines_.clear();
  }

 private:
  std::map<TraceEvent, std::vector<Entry>> entries_;
  std::vector<Line> lines_;
};

class RingWorld {
 public:
  // `count` hosts of which the first `settled` begin as members of an ideal ring; the others, and all that restart,
  // join through the host `bootstrap_node` says (host 0 unless changed).
  RingWorld(Options options, std::size_t count, std::size_t settled, std::uint64_t seed = 1);

  sim::World& world() noexcept { return world_; }
  Journal& journal() noexcept { return journal_; }
  const Node& node(NodeIndex index) const { return world_.node<Node>(index); }
  Contact contact(NodeIndex index) const { return contacts_[index]; }
  void set_network(Duration latency, double loss = 0);
  void start_all();
  void run_for(Duration duration) {
    *founding_ = false;
    world_.run_until(world_.now() + duration);
  }
  bool lives(NodeIndex index) const { return world_.status(index) == sim::HostStatus::running; }

  std::vector<Contact> live_members() const;  // in the order of keys
  // An empty text when all is ideal; else the first thing that is not.
  std::string flaw() const;
  // Zave's invariant for the members alive: a live best successor each, and more principals than the list is long.
  std::string broken_invariant() const;
  // Where the live copies of a key are: how many nodes hold it.
  std::size_t holders(Key key) const;
  NodeIndex owner(Key key) const;

 private:
  Options options_;
  std::shared_ptr<bool> founding_ = std::make_shared<bool>(true);  // who starts now is a member from the start
  std::vector<Contact> contacts_;
  Journal journal_;
  sim::World world_;
};

Options quick_options();

}  // namespace peerbed::ring
