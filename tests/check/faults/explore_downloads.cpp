// Explores downloads of the shipped peer of the swarm and prints what was found, a line for each: for comparing a
// faulty peer with the right one.
//
// Usage: explore_downloads [CASE...]
//
// A case is "plain", or parts of it joined by commas: sources=N, blocks=N (of each of the two pieces), crash=N,
// start=N, fire=N (timers while something is under way), lie (the last source), disks (that take time), story (the way
// to what is wrong), test (walks through concrete states, and counts those that go on otherwise than their canonical
// form).

#include <chrono>
#include <cstdio>
#include <cstdlib>
#include <string>
#include <string_view>

#include "check/engine/explorer.h"
#include "tests/check/shipped/message_walk.h"
#include "tests/check/shipped/swarm_downloads.h"

using namespace peerbed::check;

namespace {

struct Case {
  SwarmDownload download;
  bool tells_story = false;
  bool tests_form = false;
};

Case read(std::string_view text) {
  Case read;
  while (!text.empty()) {
    const std::size_t end = std::min(text.find(','), text.size());
    const std::string part(text.substr(0, end));
    text.remove_prefix(std::min(end + 1, text.size()));
    const std::size_t mark = part.find('=');
    const std::string name = part.substr(0, mark);
    const int value = mark == std::string::npos ? 1 : std::atoi(part.c_str() + mark + 1);
    SwarmDownload& download = read.download;
    if (name == "sources") download.sources = static_cast<std::size_t>(value);
    if (name == "pieces") download.pieces = static_cast<std::uint64_t>(value);
    if (name == "blocks") download.blocks = static_cast<std::uint32_t>(value);
    if (name == "crash") download.crashes = static_cast<std::uint8_t>(value);
    if (name == "start") download.starts = static_cast<std::uint8_t>(value);
    if (name == "fire") download.fires = static_cast<std::uint8_t>(value);
    if (name == "lie") download.is_last_liar = true;
    if (name == "disks") download.disks_take_time = true;
    if (name == "story") read.tells_story = true;
    if (name == "test") read.tests_form = true;
  }
  return read;
}

void explore(const char* text) {
  const Case wanted = read(text);
  const auto options = options_of(wanted.download);
  const auto begun = std::chrono::steady_clock::now();
  if (wanted.tests_form) {
    std::printf("%s: %zu of 4000 states differ\n", text, states_that_differ(options, download_form(), 4000, 1));
    return;
  }
  const DownloadSystem system(options, download_form());
  Explorer explorer(system,
                    {.at_most_states = 20'000'000, .at_most_memory = std::uint64_t{4} << 30, .records_graph = true});
  const Exploration& found = explorer.run();
  const char* verdict = "proved";
  std::optional<StateNumber> wrong = found.nearest_broken();
  if (wrong) {
    verdict = "wrong bytes";
  } else if (found.verdict() == Verdict::not_exhausted) {
    verdict = "not exhausted";
  } else if (const auto divergence = explorer.graph().divergence()) {
    verdict = divergence->kind == Divergence::Kind::stuck ? "never ends: stuck" : "never ends: a cycle";
    wrong = divergence->states.front();
  }
  const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begun;
  std::printf("%s: %s; depth %u, %llu states, %llu transitions, ended in %zu, %.2f s\n", text, verdict,
              wrong ? explorer.depth_of(*wrong) : found.depth, static_cast<unsigned long long>(found.states),
              static_cast<unsigned long long>(found.transitions), explorer.graph().ideal_states(), took.count());
  if (!wrong || !wanted.tells_story) return;
  const auto path = explorer.path_to(*wrong);
  const auto states = explorer.states_along(path);
  for (std::size_t i = 1; i < path.size(); ++i)
    std::printf("  %zu. %s\n", i, system.describe(states[i - 1], path[i].action).c_str());
}

}  // namespace

int main(int argc, char** argv) {
  for (int i = 1; i < argc; ++i) {
    explore(argv[i]);
    std::fflush(stdout);
  }
}
