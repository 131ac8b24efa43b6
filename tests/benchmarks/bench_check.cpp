// How fast the checker explores: single-decree Paxos with messages one by one, on one and more threads, and the models
// of Chord, whose steps cost next to nothing. With a number of millions, also what so many states cost in memory.
//
// Usage: bench_check [CLIENTS [MILLIONS]]

#include <sys/resource.h>

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <ctime>

#include "check/engine/explorer.h"
#include "check/nodes/node_system.h"
#include "tests/check/event_system.h"
#include "tests/check/register_nodes.h"
#include "tests/ring/zave_corrected.h"

using namespace peerbed;
using namespace peerbed::check;

namespace {

using Steady = std::chrono::steady_clock;

double seconds_since(Steady::time_point begin) { return std::chrono::duration<double>(Steady::now() - begin).count(); }

double processor_seconds() {
  timespec time{};
  clock_gettime(CLOCK_PROCESS_CPUTIME_ID, &time);
  return static_cast<double>(time.tv_sec) + static_cast<double>(time.tv_nsec) * 1e-9;
}

double resident_megabytes() {
  rusage usage{};
  getrusage(RUSAGE_SELF, &usage);
  return static_cast<double>(usage.ru_maxrss) / 1024;
}

template <class S>
void explore(const char* name, const S& system, std::size_t jobs, bool records_graph) {
  Explorer explorer(system, {.jobs = jobs, .records_graph = records_graph});
  const auto begin = Steady::now();
  const double processor_begin = processor_seconds();
  const Exploration& found = explorer.run();
  const double seconds = seconds_since(begin);
  const double processor = processor_seconds() - processor_begin;
  std::printf(
      "%-34s %zu thread%s %9llu states %10llu transitions %6.2f s %5.2f M/s (%5.2f M a second of "
      "processor time) %5.1f bytes/state\n",
      name, jobs, jobs == 1 ? " " : "s", static_cast<unsigned long long>(found.states),
      static_cast<unsigned long long>(found.transitions), seconds,
      static_cast<double>(found.transitions) / seconds / 1e6, static_cast<double>(found.transitions) / processor / 1e6,
      static_cast<double>(explorer.visited().memory()) / static_cast<double>(found.states));
}

void explore_paxos(std::uint8_t clients) {
  using Paxos = RegisterNode<PaxosServer>;
  for (const std::size_t jobs : {1, 2}) {
    NodeOptions<Paxos> options;
    for (std::uint8_t node = 0; node < 3 + clients; ++node) {
      options.nodes.emplace_back(RegisterNetwork{3, node});
      options.started.push_back(node);
    }
    options.clock = Clock::hasty;
    options.budget.start = 0;
    options.leaves_ineffective = true;
    const NodeSystem<Paxos> system(std::move(options));
    explore("Paxos, messages", system, jobs, false);
  }
}

struct Invariant {
  using Corrected = ring::zave::Corrected;
  static std::vector<std::string> property_names() { return {"invariant"}; }
  static Properties broken(const Corrected& model, const Corrected::State& state) {
    return model.keeps_invariant(state) ? 0 : 1;
  }
  static bool is_ideal(const Corrected& model, const Corrected::State& state) { return model.is_ideal(state); }
  static std::uint32_t duty_number(const Corrected::State&, ring::zave::Event) { return 0; }
};

void explore_chord() {
  const EventSystem<ring::zave::Corrected, Invariant> system({.nodes = 5, .interleaved = true});
  for (const std::size_t jobs : {1, 2}) explore("corrected Chord, 5 nodes, a model", system, jobs, false);
  explore("the same with its graph", system, 1, true);
}

void fill(std::uint64_t millions) {
  VisitedStates visited;
  const auto begin = Steady::now();
  for (std::uint64_t i = 0; i < millions * 1'000'000; ++i)
    visited.insert({{key_of(1, i), key_of(2, i)}, static_cast<StateNumber>(i), 0});
  std::printf("%llu million states: %.2f GiB counted, at most %.2f GiB resident, %.0f ns each\n",
              static_cast<unsigned long long>(millions), static_cast<double>(visited.memory()) / (1 << 30),
              resident_megabytes() / 1024, seconds_since(begin) * 1e3 / static_cast<double>(millions));
}

}  // namespace

int main(int count, char** arguments) {
  explore_paxos(count > 1 ? static_cast<std::uint8_t>(std::atoi(arguments[1])) : 3);
  explore_chord();
  if (count > 2) fill(std::strtoull(arguments[2], nullptr, 10));
  return 0;
}
