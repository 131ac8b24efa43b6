#pragma once
// What scenarios ask of a protocol. That of one node type is made from this type and its options in one line: see
// simple_protocol.h.

#include <algorithm>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "analysis/statistics/metrics.h"
#include "host/observer.h"
#include "protocols/environment/command.h"
#include "protocols/environment/timer_type.h"
#include "scenarios/protocol/state_view.h"
#include "scenarios/protocol/tolerance.h"
#include "scenarios/text/field.h"
#include "sim/core/types.h"

namespace peerbed::scenarios {

struct CheckPlan;
struct CheckStep;
class NodeCheck;
class Population;

// Receives the findings of a protocol's checks during a run.
class CheckReport {
 public:
  virtual ~CheckReport() = default;
  // Reports one check of a property that must hold. `violation` describes what was found; it is called only on failure.
  virtual void expect(std::string_view property, bool holds, const std::function<std::string()>& violation) = 0;
  virtual Duration now() const = 0;  // since the start of the run
  // How long nothing has disturbed the nodes: no start, stop, partition or delay. Zero while some node is partitioned
  // or paused, or loses most of what it sends; Duration::max() if nothing ever disturbed them.
  virtual Duration calm() const = 0;
  // Whether calm() has reached the scenario's settle time. Check eventual properties only then, and only after the
  // protocol has had the time that it needs.
  virtual bool settled() const = 0;
  // The longest time so far for which a node was partitioned or paused: the longer a peer is lost, the less often nodes
  // contact it.
  virtual Duration longest_cut() const = 0;
  // How long failure detectors have been reliable: no partition, delay or wrong clock misled them.
  virtual Duration candour() const = 0;
  // Whether candour() has reached the settle time.
  virtual bool silence_means_death() const = 0;
  // Whether the scenario demands this property now, whatever happened before.
  virtual bool demands(std::string_view /*property*/) const { return false; }
};

// The options of one group, as its protocol understood them.
class GroupOptions {
 public:
  virtual ~GroupOptions() = default;
  // A name for the host in addition to its number, such as "peer 8"; empty for none.
  virtual std::string name_of(std::size_t /*index_in_group*/) const { return {}; }
};

enum class StartMode : std::uint8_t {
  converged,  // they run from the start, in the state that they would eventually reach
  joining,    // they start at some time and join
  never,      // only faults and churn start them
};

// The nodes that each process of a group knows at its start: `count` of these, drawn separately for each process.
struct Bootstrap {
  std::vector<NodeIndex> nodes;  // none: the protocol draws among the initial members of its overlay
  std::size_t count = std::numeric_limits<std::size_t>::max();  // as many as the protocol can use
};

// One group of hosts that run the same protocol, before the run starts.
struct GroupPlan {
  std::string name;
  NodeIndex first = 0;
  std::size_t count = 0;
  StartMode start = StartMode::converged;
  std::optional<std::vector<NodeIndex>> established;  // of a converged group: who runs from the start, sorted; or all
  std::optional<NodeIndex> founder;                   // who begins an overlay that no node runs from the start
  std::shared_ptr<const GroupOptions> options;
  bool is_behind_gateway = false;  // a NAT or a firewall, so that others may not reach its nodes
  Bootstrap bootstrap;
  Address address = sim::address_of(0);  // of the scenario's first node; later nodes follow consecutively

  Address address_of(NodeIndex node) const noexcept { return address.plus(node); }
  // Whether the node runs from the start, in the state that it would eventually reach.
  bool is_established(NodeIndex node) const noexcept {
    return start == StartMode::converged &&
           (!established || std::binary_search(established->begin(), established->end(), node));
  }
  bool is_any_established() const noexcept {
    return start == StartMode::converged && (!established || !established->empty());
  }
};

class ProtocolRecorder;

// One protocol's part in a run. It observes what its nodes trace and print, and their exits; of the steps, only starts
// and crashes.
class ProtocolRun : public Observer {
 public:
  // Returns the group's nodes. Called once per group, in order.
  virtual std::unique_ptr<Population> populate(const GroupPlan& group) = 0;
  // Checks the state of the protocol's nodes. Called from time to time and at the end; twice each time if states cannot
  // be read at a single instant.
  virtual void check(const StateView& /*states*/, CheckReport& /*report*/) {}
  // What a search for failures distinguishes of a running node's state, as a number: states that differ only in names
  // and times are to have the same. 0: nothing, and the search goes by messages and traces alone.
  virtual std::uint64_t abstract_state(const StateView& /*states*/, NodeIndex /*node*/) const { return 0; }
  // Discards all measurements so far: the scenario's measure_from has been reached.
  virtual void begin_measuring() {}
  // Adds the protocol's own metrics at the end.
  virtual void measure(const StateView& /*states*/, analysis::Metrics& /*metrics*/) {}
  // The recorder of what the protocol's nodes do over time, for recorded runs of this length; null if there is nothing
  // to record. Called once, before anything happens.
  virtual std::unique_ptr<ProtocolRecorder> recorder(Duration length) const;
};

// A group together with the position of its options in the file.
struct GroupInFile {
  const GroupPlan* plan = nullptr;
  Field options;
};

// A command that a scenario gives to nodes of a protocol, with its position in the file. `*` stands for text filled in
// during the run.
struct CommandInFile {
  std::string line;
  Field field;
};

// The metrics and properties of a protocol, so that expectations about them can be checked before a run.
struct OwnMetrics {
  std::vector<std::pair<std::string, Unit>> names;     // metrics that ProtocolRun::measure may set
  std::optional<std::vector<std::string>> properties;  // that ProtocolRun::check may report; nothing: unknown
};

class Protocol {
 public:
  virtual ~Protocol() = default;
  virtual std::string_view name() const = 0;
  virtual std::string_view summary() const = 0;  // one line for `list`
  virtual std::span<const TraceEventType> trace_events() const = 0;
  virtual std::span<const std::string_view> message_kinds() const = 0;  // by Header::kind
  // The commands that the group's nodes understand. If the list is empty, no command is refused.
  virtual std::span<const CommandForm> commands(const GroupOptions& /*group*/) const { return {}; }
  // Of the group's nodes, by TimerId, for scenarios that name them and for traces; empty if they have no names.
  virtual std::span<const TimerType> timers(const GroupOptions& /*group*/) const { return {}; }
  // What is wrong with a command for the group's nodes, as a phrase; empty if nothing is.
  virtual std::string fault_of_command(const GroupOptions& group, std::string_view line) const;
  // Nothing if they are unknown; then any metric may be expected.
  virtual std::optional<OwnMetrics> own_metrics() const { return std::nullopt; }
  // The properties that a scenario may demand of any state of the nodes (CheckReport::demands), whatever happened.
  virtual std::vector<std::string> demands() const { return {}; }
  // An exhaustive check of nodes of these groups, which are all of this protocol; null if they cannot be checked.
  // Throws CheckError if the plan asks for what they do not have.
  virtual std::unique_ptr<NodeCheck> check(std::span<const GroupPlan> groups, std::uint64_t seed,
                                           const CheckPlan& plan) const;
  // Whether each process of such a check that starts through a contact would know that one first in a run with this
  // seed.
  virtual bool starts_through(std::span<const GroupPlan> /*groups*/, std::uint64_t /*seed*/,
                              std::span<const CheckStep> /*steps*/) const {
    return true;
  }
  // Whether its nodes run until they are stopped, asked to leave or given a command.
  virtual bool runs_until_told() const { return false; }
  // Whether its nodes use a group's Bootstrap.
  virtual bool knows_bootstrap() const { return false; }
  // Reads a group's `options:`. Must ask for every key that it knows.
  virtual std::shared_ptr<const GroupOptions> read_options(MapReader& options, std::size_t count) const = 0;
  // The options of a group of a scenario in which some nodes are behind NATs or firewalls: what its author left open
  // may depend on that.
  virtual std::shared_ptr<const GroupOptions> among_gateways(std::shared_ptr<const GroupOptions> options) const {
    return options;
  }
  // Creates real nodes at addresses that all of them know from the start; null if its nodes need more than that.
  virtual bool has_members() const { return false; }
  virtual std::unique_ptr<Population> members(std::shared_ptr<const GroupOptions> /*options*/,
                                              std::shared_ptr<const std::vector<Address>> /*addresses*/) const;
  // Refuses groups that cannot be combined; `groups` are all groups of this protocol.
  virtual void check_together(std::span<const GroupInFile> /*groups*/) const {}
  // Refuses commands that ask for something that no group has. Groups and commands are all those of this protocol, and
  // each command is understood.
  virtual void check_commands(std::span<const GroupPlan> /*groups*/,
                              std::span<const CommandInFile> /*commands*/) const {}
  // What nodes of these groups, which are all of this protocol, are promised to bear while they are given these
  // commands.
  virtual Tolerance tolerance(std::span<const GroupPlan> /*groups*/, std::span<const std::string> /*commands*/) const {
    return {};
  }
  // `groups` are all groups of this protocol.
  virtual std::unique_ptr<ProtocolRun> begin(std::span<const GroupPlan> groups, std::uint64_t seed) const = 0;
};

// The protocols that scenarios may name.
class Registry {
 public:
  Registry() = default;
  Registry(std::initializer_list<std::shared_ptr<const Protocol>> protocols) : protocols_(protocols) {}
  void add(std::shared_ptr<const Protocol> protocol) { protocols_.push_back(std::move(protocol)); }
  // Null if there is none with that name.
  std::shared_ptr<const Protocol> find(std::string_view name) const noexcept;
  std::span<const std::shared_ptr<const Protocol>> all() const noexcept { return protocols_; }

 private:
  std::vector<std::shared_ptr<const Protocol>> protocols_;
};

}  // namespace peerbed::scenarios
