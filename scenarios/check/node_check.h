#pragma once
// An exhaustive check of a scenario's nodes, whatever their type, and what came of it.

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "check/engine/exploration.h"
#include "check/nodes/action.h"
#include "check/nodes/stream_words.h"
#include "host/node_index.h"
#include "scenarios/check/state_space.h"

namespace peerbed::scenarios {

// One action on the way to a state that should not be.
struct CheckStep {
  check::ActionKind kind{};
  NodeIndex node = 0;
  std::string timer{};                 // that fires
  std::optional<NodeIndex> contact{};  // through which a node starts
  std::string command{};
  std::string message{};        // that is delivered, lost or doubled: its kind; empty if a protocol has no name for it
  NodeIndex sender = 0;         // of the message
  check::StreamWords stream{};  // what is heard of a stream
};

struct Refutation {
  enum class Kind : std::uint8_t {
    broken,  // a property that always holds does not, in the last state
    stuck,   // a property that comes to hold does not, and no maintenance changes the last state
    cycle,   // nor does maintenance lead out of a cycle of states, to which the last one belongs
  };
  Kind kind{};
  std::string property{};
  std::string flaw{};              // of the last state, in words
  std::vector<CheckStep> steps{};  // from the beginning
};

struct CheckOutcome {
  check::Exploration exploration{};
  check::Verdict verdict{};
  std::optional<Refutation> refutation{};
  std::optional<std::uint64_t> ideal_states{};  // where all that comes to hold does, if anything was to
  StateSpace space{};                           // as much of it as the settings ask for
};

struct CheckSettings {
  std::size_t jobs = 1;
  std::uint64_t memory = UINT64_MAX;  // the bound on bytes if the plan has none
  // Called now and then; if it returns false, the exploration ends.
  std::function<bool(const check::Progress&)> on_progress{};
  // Where an exploration that a bound or an interruption ended waits, and from which it goes on; removed at its end.
  std::optional<std::filesystem::path> file{};
  StateSpaceChoice shown{};
  std::function<std::string(const CheckStep&)> words{};  // of a step; needed if states are shown
};

class NodeCheck {
 public:
  virtual ~NodeCheck() = default;
  // Once. Throws std::runtime_error if the file of the settings cannot be read or written, or is of another check.
  virtual CheckOutcome explore(const CheckSettings& settings) = 0;

  // The protocol's numbers that a reader of the result has to know, such as "r=2".
  std::vector<std::string> parameters;
  // What holds in the check by assumption, one phrase each.
  std::vector<std::string> assumptions;
  // Options under which the nodes of a run do by themselves only what they do in the check: names and values, empty for
  // those that are not to be given.
  std::vector<std::pair<std::string, std::string>> still_options;
  // The timers that maintain the nodes, by name.
  std::vector<std::string> maintenance;
  // Where the nodes stand on their ring, by node; empty if they form none.
  std::vector<CirclePlace> circle;
  // Of the nodes, by their numbers, as a scenario calls them; empty: as their properties do.
  std::vector<std::string> names;
  // Tells its file from those of other checks.
  std::uint64_t variant = 0;
};

}  // namespace peerbed::scenarios
