// Explores rings of the shipped node and prints what was found, a line for each: for comparing a faulty node with the
// right one.
//
// Usage: explore_ring NODES...
//
// With a `p` after the number, as in 4p, predecessors are also checked periodically, and lost peers tried again.

#include <chrono>
#include <cstdio>
#include <cstdlib>

#include "check/engine/explorer.h"
#include "tests/check/shipped/shipped_ring.h"

using namespace peerbed::check;

namespace {

void explore(std::size_t nodes, bool checks_predecessor) {
  const auto begun = std::chrono::steady_clock::now();
  const auto system = ring_system({.nodes = nodes, .checks_predecessor = checks_predecessor}, membership_form());
  Explorer explorer(*system, {.at_most_states = 3'000'000, .records_graph = true});
  const Exploration& found = explorer.run();
  const char* verdict = "proved";
  std::uint32_t depth = found.depth;
  if (const auto broken = found.nearest_broken()) {
    verdict = "invariant broken";
    depth = explorer.depth_of(*broken);
  } else if (found.verdict() == Verdict::not_exhausted) {
    verdict = "not exhausted";
  } else if (const auto divergence = explorer.graph().divergence()) {
    verdict = divergence->kind == Divergence::Kind::stuck ? "never ideal: stuck" : "never ideal: a cycle";
    depth = explorer.depth_of(divergence->states.front());
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf("%zu%s nodes: %s; depth %u, %llu states, %llu transitions, ideal in %zu, %.2f s\n", nodes,
              checks_predecessor ? "p" : "", verdict, depth, static_cast<unsigned long long>(found.states),
              static_cast<unsigned long long>(found.transitions), explorer.graph().ideal_states(), took.count());
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    char* end = nullptr;
    const std::size_t nodes = std::strtoul(argv[i], &end, 10);
    explore(nodes, *end == 'p');
  }
}
