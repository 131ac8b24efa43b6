#pragma once
// A scenario in the form in which it is made smaller: each node on its own, and everything that is done to nodes, their
// messages and their surroundings as one list of deeds in order of time.

#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "scenarios/plan/action.h"
#include "scenarios/plan/scenario.h"
#include "scenarios/text/document.h"
#include "scenarios/trial/causes.h"

namespace peerbed::scenarios {

struct Case {
  // What nodes of one group of the original scenario have in common.
  struct Kind {
    std::string name;
    Value settings;                     // the group's entries, except for count, start, bootstrap and `listed`
    std::vector<std::string> listed;    // options that have one element for each node
    Nodes bootstrap;                    // empty: the protocol chooses
    std::uint64_t bootstrap_count = 0;  // how many of them are drawn; 0: all
  };
  struct Node {
    std::size_t kind = 0;
    bool from_the_start = false;  // otherwise only deeds start it
    bool off = false;             // never started; it only keeps the numbers of the others as they are
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

// With other numbers: `numbers` has the new one of each node, or no_node for those that are left out.
Case renumbered(const Case& example, std::vector<NodeIndex> numbers);
// Without the nodes that are off; those after them get lower numbers.
Case renumbered(const Case& example);

// The case without what happens from `end` on.
Case ended_at(Case example, Duration end);

// Nodes that a deed acts on, each with the verb alone; not those of partitions and clogs.
const Nodes* nodes_of(const Action& action);
Nodes* nodes_of(Action& action);

// What makes one case smaller than another; the first number that differs decides, then the text.
struct CaseSize {
  std::size_t nodes = 0;  // that are not off
  std::size_t faults = 0;
  std::size_t drops = 0;  // messages that are lost, doubled or delayed; a share of messages counts as very many
  std::size_t commands = 0;
  std::int64_t duration = 0;  // the next number of the form 1, 2 or 5 times a power of ten, nanoseconds
  std::size_t off = 0;        // nodes that are never started
  std::string text;

  friend bool operator<(const CaseSize& a, const CaseSize& b);
};
CaseSize size_of(const Case& example);

}  // namespace peerbed::scenarios
