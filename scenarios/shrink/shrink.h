#pragma once
// Turns a scenario that fails into the smallest one that still fails for the same reason, by trying smaller ones until
// none is left. In order of weight: fewer nodes, faults, lost messages, commands, a shorter time, a shorter text.

#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/shrink/workbench.h"

namespace peerbed::scenarios {

struct ShrinkResult {
  std::optional<Failure> first;  // of the scenario as it was; nothing: it does not fail
  Value document;                // the smallest that fails in the same way, as a scenario that expects the opposite
  Failure failure;               // its failure
  Signature signature;
  std::vector<SliceStep> decisive;           // messages without any one of which it would not have failed
  std::shared_ptr<const Scenario> scenario;  // the document's
  std::size_t nodes = 0;
  std::size_t deeds = 0;     // faults, messages and commands
  bool is_complete = false;  // nothing smaller was left to try
  bool is_same_run = false;  // written out in full, the scenario had the same digest
  std::uint64_t runs = 0;
  std::vector<Slip> slips;
};

ShrinkResult shrink(const Scenario& scenario, const Registry& registry, const ShrinkLimits& limits);

// What happened, in one sentence: "Node 1 crashes, node 2 joins; then node 0 has no live successor in its list."
std::string sentence_of(const ShrinkResult& result);
// How the sentence calls a node.
std::string name_in_sentence(NodeIndex node, const ShrinkResult& result);
// A name of a message kind as words: "neighbours query".
std::string readable(std::string_view kind);

}  // namespace peerbed::scenarios
