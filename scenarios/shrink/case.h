#pragma once
// A scenario in the form in which it is made smaller: each node on its own, and everything that is done to nodes, their
// messages and their surroundings as one list of deeds in order of time.

#include <cstdint>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/text/document.h"
#include "scenarios/trial/causes.h"

namespace peerbed::scenarios {

struct Case {
  // What nodes of one group of the original scenario, or of several like it, have in common.
  struct Kind {
    std::string name;
    std::size_t group = 0;              // of the original scenario
    Value settings;                     // the group's entries, except for count, start, bootstrap and `listed`
    std::vector<std::string> listed;    // options that have one element for each node
    Nodes bootstrap;                    // empty: the protocol chooses
    std::uint64_t bootstrap_count = 0;  // how many of them are drawn; 0: all
    std::optional<NodeIndex> founder;   // who begins an overlay that no node runs from the start
    bool is_whole = false;              // its nodes know one another by their group, which is never joined to another
  };
  struct Node {
    std::size_t kind = 0;
    bool from_the_start = false;  // otherwise only deeds start it
    std::vector<Value> listed;    // its element of each of the kind's listed options
  };

  std::shared_ptr<const Scenario> original;
  Value rest;  // all entries of the document but groups, faults, churn and duration; nodes are named by number
  std::vector<Kind> kinds;
  std::vector<Node> nodes;
  std::vector<ScheduledAction> deeds;  // in order of time
  Duration duration{};
};

// The case of a scenario that has run, so that it is known which nodes its workload's commands went to. `actions` are
// its lowered faults and churn.
Case case_of(const Scenario& scenario, const std::vector<ScheduledAction>& actions, const Causes& causes);

// The document that the case stands for.
Value document_of(const Case& example);

// The nodes that run at some time, in ascending order. The others only keep the numbers of these as they are.
Nodes running(const Case& example);
// The case in which these nodes are never started, and nothing is done to them.
Case without_starting(Case example, const Nodes& nodes);

// With other numbers: `numbers` has the new one of each node, or no_node for those that are left out. With
// `in_commands` numbers in commands change as well.
Case renumbered(const Case& example, std::vector<NodeIndex> numbers, bool in_commands);

// Replaces words of a command that are the same as `word`, except for the first, which is its verb.
std::string with_argument(std::string line, const std::string& word, const std::string& by);

// The case without what happens from `end` on.
Case ended_at(Case example, Duration end);

// Nodes that a deed acts on, each with the verb alone; not those of partitions and clogs.
const Nodes* nodes_of(const Action& action);
Nodes* nodes_of(Action& action);

// By how much a deed delays messages or sets a clock; null for other actions.
Duration* length_of(Action& action);

}  // namespace peerbed::scenarios
