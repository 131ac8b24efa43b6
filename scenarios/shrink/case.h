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
  // What nodes of one group of the original scenario, or of several like it, have in common.
  struct Kind {
    std::string name;
    std::size_t group = 0;              // of the original scenario
    Value settings;                     // the group's entries, except for count, start, bootstrap and `listed`
    std::vector<std::string> listed;    // options that have one element for each node
    Nodes bootstrap;                    // empty: the protocol chooses
    std::uint64_t bootstrap_count = 0;  // how many of them are drawn; 0: all
    bool is_whole = false;              // its nodes know one another by their group, which stays in one piece
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

// What makes one case smaller than another; the first number that differs decides, then the text.
struct CaseSize {
  std::size_t nodes = 0;  // that run
  std::size_t faults = 0;
  std::size_t drops = 0;  // messages that are lost, doubled or delayed; a share of messages counts as very many
  std::size_t commands = 0;
  std::int64_t duration = 0;  // the next number of the form 1, 2 or 5 times a power of ten, nanoseconds
  std::size_t idle = 0;       // nodes that are never started
  std::string text;

  friend bool operator<(const CaseSize& a, const CaseSize& b);
};
CaseSize size_of(const Case& example);

}  // namespace peerbed::scenarios
