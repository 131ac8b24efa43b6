#pragma once
// Explores automata in the plainest way: it copies whole worlds, compares all their bytes, and knows nothing of the
// engine. What it finds, the engine must find.

#include <algorithm>
#include <cstdint>
#include <set>
#include <utility>
#include <vector>

#include "check/nodes/node_options.h"
#include "host/dispatch_effects.h"
#include "tests/check/automaton.h"

namespace peerbed::check {

class PlainExplorer {
 public:
  explicit PlainExplorer(const NodeOptions<Automaton>& options) : options_(options) {
    World world;
    for (const Automaton& node : options.nodes) world.nodes.push_back({node});
    world.drops = options.budget.drop;
    world.duplicates = options.budget.duplicate;
    world.crashes = options.budget.crash;
    world.starts = options.budget.start;
    for (const NodeIndex node : options.started) start(world, node);
    enter(world);
    while (!open_.empty()) {
      const World next = open_.back();
      open_.pop_back();
      expand(next);
    }
  }

  std::size_t states() const { return seen_.size(); }
  std::size_t transitions() const { return transitions_; }
  // What a property of nodes can see: the state of each automaton, or 9 if it does not run.
  using Shape = std::vector<std::uint8_t>;
  const std::set<Shape>& shapes() const { return shapes_; }

 private:
  struct Member {
    Automaton node;
    bool runs = false;
    bool left = false;
    std::array<bool, 2> timers{};
  };
  struct Letter {
    NodeIndex from;
    NodeIndex to;
    std::byte kind;
    friend auto operator<=>(const Letter&, const Letter&) = default;
  };
  struct World {
    std::vector<Member> nodes;
    std::vector<Letter> letters;  // sorted
    int drops = 0;
    int duplicates = 0;
    int crashes = 0;
    int starts = 0;
  };

  struct Executor {
    World& world;
    NodeIndex node;
    void send_datagram(Address to, Bytes bytes) {
      world.letters.push_back({node, to.host() - automaton_base.host(), bytes[0]});
    }
    void set_timer(TimerId timer, std::uint64_t) { world.nodes[node].timers[timer] = true; }
    void cancel_timer(TimerId timer) { world.nodes[node].timers[timer] = false; }
    void trace(std::uint16_t, const TraceValues&) {}
    void print(std::string_view) {}
    void refuse(std::string_view, std::string_view) {}
    void apply_content_effect(const Effect&, Bytes) {}
    void apply_stream_effect(const Effect&, Bytes) {}
  };

  template <class Call>
  void handle(World& world, NodeIndex node, Call call) {
    Effects effects;
    DrawCounts draws{};
    Environment environment(time_zero, automaton_base.plus(node), 0, draws, effects);
    call(world.nodes[node].node, environment);
    Executor executor{world, node};
    if (dispatch_effects(effects, executor)) world.nodes[node] = {.node = options_.nodes[node], .left = true};
    std::sort(world.letters.begin(), world.letters.end());
  }
  void start(World& world, NodeIndex node) {
    world.nodes[node].runs = true;
    world.nodes[node].left = false;
    handle(world, node, [](Automaton& automaton, Environment& environment) { automaton.on_start(environment, {}); });
  }

  void expand(const World& world) {
    for (std::size_t i = 0; i < world.letters.size(); ++i) {
      const Letter letter = world.letters[i];
      if (i > 0 && letter == world.letters[i - 1]) continue;
      World next = world;
      next.letters.erase(next.letters.begin() + static_cast<std::ptrdiff_t>(i));
      if (world.drops > 0) {
        World lost = next;
        --lost.drops;
        enter(lost);
        ++transitions_;
      }
      if (world.duplicates > 0) {
        World doubled = world;
        --doubled.duplicates;
        doubled.letters.insert(doubled.letters.begin() + static_cast<std::ptrdiff_t>(i), letter);
        enter(doubled);
        ++transitions_;
      }
      if (next.nodes[letter.to].runs)
        handle(next, letter.to, [&](Automaton& automaton, Environment& environment) {
          automaton.on_datagram(environment, automaton_base.plus(letter.from), Bytes(&letter.kind, 1));
        });
      enter(next);
      ++transitions_;
    }
    for (NodeIndex node = 0; node < world.nodes.size(); ++node) {
      const Member& member = world.nodes[node];
      for (TimerId timer = 0; timer < 2 && member.runs; ++timer) {
        const bool is_quiet = world.letters.empty() || !options_.is_deadline[timer];
        if (!member.timers[timer] || (options_.clock == Clock::patient && !is_quiet)) continue;
        World next = world;
        next.nodes[node].timers[timer] = false;
        handle(next, node,
               [timer](Automaton& automaton, Environment& environment) { automaton.on_timer(environment, timer); });
        enter(next);
        ++transitions_;
      }
      if (member.runs && world.crashes > 0) {
        World next = world;
        --next.crashes;
        next.nodes[node] = {.node = options_.nodes[node]};
        enter(next);
        ++transitions_;
      }
      if (!member.runs && world.starts > 0) {
        World next = world;
        --next.starts;
        start(next, node);
        enter(next);
        ++transitions_;
      }
    }
  }

  void enter(const World& world) {
    std::vector<std::byte> bytes;
    Shape shape;
    for (const Member& member : world.nodes) {
      append_state(bytes, member.node);
      append_state(bytes, std::tuple(member.runs, member.left, member.timers));
      shape.push_back(member.runs ? member.node.state() : std::uint8_t{9});
    }
    for (const Letter& letter : world.letters) append_state(bytes, std::tuple(letter.from, letter.to, letter.kind));
    append_state(bytes, std::tuple(world.drops, world.duplicates, world.crashes, world.starts));
    if (!seen_.insert(std::move(bytes)).second) return;
    shapes_.insert(std::move(shape));
    open_.push_back(world);
  }

  const NodeOptions<Automaton>& options_;
  std::set<std::vector<std::byte>> seen_;
  std::vector<World> open_;
  std::set<Shape> shapes_;
  std::size_t transitions_ = 0;
};

}  // namespace peerbed::check
