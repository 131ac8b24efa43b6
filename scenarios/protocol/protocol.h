#pragma once
// Makes a protocol available to scenarios. A node type of your own needs an options struct that names its fields, and
// one line: protocol<Gossip, GossipOptions>("gossip", "rumours", make). Traces, commands, faults, churn and the command
// line then need no further code. A protocol with its own checks derives from Protocol.

#include <algorithm>
#include <concepts>
#include <functional>
#include <initializer_list>
#include <limits>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "analysis/statistics/metrics.h"
#include "protocols/environment/command.h"
#include "protocols/environment/node.h"
#include "protocols/environment/timer_type.h"
#include "scenarios/check/names.h"
#include "scenarios/check/node_check_of.h"
#include "scenarios/protocol/population.h"
#include "scenarios/protocol/state_view.h"
#include "scenarios/protocol/tolerance.h"
#include "scenarios/text/field.h"
#include "sim/engine/world.h"

namespace peerbed::scenarios {

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
                                              std::shared_ptr<const std::vector<Address>> /*addresses*/) const {
    return nullptr;
  }
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

// One member of a group, passed to the function that creates its node.
struct Member {
  std::size_t index = 0;  // in the group
  std::size_t count = 0;  // of the group
  Address self;
  std::shared_ptr<const std::vector<Address>> addresses;  // of all members

  Address peer(std::size_t other) const { return addresses->at(other); }
};

// Reads options by name and type: an options struct provides `template <class Reader> void read(Reader& option)` and
// calls option("period", period) for each field.
class OptionReader {
 public:
  explicit OptionReader(MapReader& map) : map_(map) {}

  // For a period, `lowest` is the shortest that leaves a node time for anything else.
  void operator()(std::string_view key, Duration& value, Duration lowest = Duration::zero()) {
    if (const auto field = map_.find(key)) value = field->duration_from(lowest);
  }
  void operator()(std::string_view key, bool& value) {
    if (const auto field = map_.find(key)) value = field->boolean();
  }
  void operator()(std::string_view key, double& value) {
    if (const auto field = map_.find(key)) value = field->number(-1e300, 1e300);
  }
  void operator()(std::string_view key, std::string& value) {
    if (const auto field = map_.find(key)) value = field->text();
  }
  template <std::unsigned_integral Integer>
  void operator()(std::string_view key, Integer& value, std::type_identity_t<Integer> lowest = 0,
                  std::type_identity_t<Integer> highest = std::numeric_limits<Integer>::max()) {
    if (const auto field = map_.find(key)) value = static_cast<Integer>(field->count(lowest, highest));
  }

 private:
  MapReader& map_;
};

// A node whose protocol lists its commands.
template <class N>
concept CommandedNode = Node<N> && requires {
  { N::commands } -> std::convertible_to<std::span<const CommandForm>>;
};

// A running member, passed to the function that checks all of them.
template <Node N>
struct Seen {
  Member member;
  const N& node;
};

// The first thing that checks find wrong in one state, of a system that has settled or has just been disturbed.
class FirstFlaw final : public CheckReport {
 public:
  explicit FirstFlaw(bool settled) : settled_(settled) {}
  const std::string& flaw() const noexcept { return flaw_; }

  void expect(std::string_view property, bool holds, const std::function<std::string()>& violation) override {
    if (!holds && flaw_.empty()) flaw_ = std::string(property) + ": " + violation();
  }
  Duration now() const override { return {}; }
  Duration calm() const override { return settled_ ? Duration::max() : Duration{0}; }
  bool settled() const override { return settled_; }
  Duration longest_cut() const override { return {}; }
  Duration candour() const override { return Duration::max(); }
  bool silence_means_death() const override { return true; }

 private:
  bool settled_;
  std::string flaw_;
};

// A protocol made of a node type, an options struct, a function that creates a member's node, and optionally one that
// checks all running members.
template <Node N, class Options>
class SimpleProtocol final : public Protocol {
 public:
  using Make = std::function<N(const Options&, const Member&)>;
  using Check = std::function<void(std::span<const Seen<N>>, CheckReport&)>;

  SimpleProtocol(std::string name, std::string summary, Make make, Check check = nullptr)
      : name_(std::move(name)), summary_(std::move(summary)), make_(std::move(make)), check_(std::move(check)) {}

  std::string_view name() const override { return name_; }
  std::string_view summary() const override { return summary_; }
  std::span<const TraceEventType> trace_events() const override { return N::trace_events; }
  std::span<const std::string_view> message_kinds() const override { return N::message_kinds; }
  std::span<const CommandForm> commands(const GroupOptions&) const override {
    if constexpr (CommandedNode<N>) return N::commands;
    return {};
  }
  std::span<const TimerType> timers(const GroupOptions&) const override {
    if constexpr (TimerNamingNode<N>) return N::timers;
    return {};
  }
  // The properties are unknown before the run.
  std::optional<OwnMetrics> own_metrics() const override {
    OwnMetrics own;
    if (!check_) own.properties.emplace();
    return own;
  }
  std::shared_ptr<const GroupOptions> read_options(MapReader& map, std::size_t) const override {
    auto options = std::make_shared<Read>();
    OptionReader reader(map);
    options->options.read(reader);
    return options;
  }
  // All nodes of a group run from the beginning, unless they start later or never. The checks of the protocol hold in
  // every state, and those of a settled system come to hold.
  std::unique_ptr<NodeCheck> check(std::span<const GroupPlan> groups, std::uint64_t,
                                   const CheckPlan& plan) const override {
    if (!check_) throw CheckError("this protocol has no checks, so there is nothing to prove");
    if (!plan.timers.empty()) throw CheckError("the timers of these nodes cannot be chosen; remove `timers`");
    if (!plan.contract.empty()) throw CheckError("this protocol has no contracts; remove `contract`");
    if (!plan.always.empty() || !plan.eventually.empty())
      throw CheckError("all checks of this protocol are made; remove `always` and `eventually`");
    auto nodes = std::make_unique<NodeCheckOf<N>>(plan);
    auto members = std::make_shared<std::vector<Member>>();
    for (const GroupPlan& group : groups) {
      const Group known{group, addresses_of(group)};
      const auto read = std::static_pointer_cast<const Read>(group.options);
      for (std::size_t i = 0; i < group.count; ++i) {
        const auto node = group.first + static_cast<NodeIndex>(i);
        members->push_back(known.member(node));
        nodes->options.nodes.push_back(make_(read->options, members->back()));
        nodes->options.addresses.push_back(members->back().self);
        if (group.start == StartMode::converged) nodes->options.started.push_back(node);
      }
    }
    const auto flaw = [check = check_, members](const check::View<N>& view, bool settled) {
      std::vector<Seen<N>> seen;
      for (NodeIndex node = 0; node < view.size(); ++node)
        if (view.runs(node)) seen.push_back({(*members)[node], view.node(node)});
      FirstFlaw first(settled);
      check(seen, first);
      return first.flaw();
    };
    nodes->always.push_back({"its checks", [flaw](const check::View<N>& view) { return flaw(view, false); }});
    nodes->eventually.push_back(
        {"its checks of a settled system", [flaw](const check::View<N>& view) { return flaw(view, true); }});
    return nodes;
  }
  bool has_members() const override { return true; }
  std::unique_ptr<Population> members(std::shared_ptr<const GroupOptions> options,
                                      std::shared_ptr<const std::vector<Address>> addresses) const override {
    const auto read = std::static_pointer_cast<const Read>(options);
    return population<N>(addresses->size(), [make = make_, read, addresses](NodeIndex node) {
      return make(read->options, Member{node, addresses->size(), (*addresses)[node], addresses});
    });
  }
  std::unique_ptr<ProtocolRun> begin(std::span<const GroupPlan>, std::uint64_t) const override {
    return std::make_unique<Run>(make_, check_);
  }

 private:
  struct Read final : GroupOptions {
    Options options;
  };
  struct Group {
    GroupPlan plan;
    std::shared_ptr<const std::vector<Address>> addresses;
    Member member(NodeIndex node) const { return {node - plan.first, plan.count, plan.address_of(node), addresses}; }
  };
  static std::shared_ptr<const std::vector<Address>> addresses_of(const GroupPlan& group) {
    auto addresses = std::make_shared<std::vector<Address>>();
    for (std::size_t i = 0; i < group.count; ++i)
      addresses->push_back(group.address_of(group.first + static_cast<NodeIndex>(i)));
    return addresses;
  }
  class Run final : public ProtocolRun {
   public:
    Run(Make make, Check check) : make_(std::move(make)), check_(std::move(check)) {}
    std::unique_ptr<Population> populate(const GroupPlan& group) override {
      groups_.push_back({group, addresses_of(group)});
      const auto read = std::static_pointer_cast<const Read>(group.options);
      return population<N>(group.count, [make = make_, read, group = groups_.back()](NodeIndex node) {
        return make(read->options, group.member(node));
      });
    }
    void check(const StateView& states, CheckReport& report) override {
      if (!check_) return;
      std::vector<Seen<N>> seen;
      for (const Group& group : groups_)
        for (std::size_t i = 0; i < group.plan.count; ++i) {
          const auto node = group.plan.first + static_cast<NodeIndex>(i);
          const N* const state = states.runs(node) ? states.template node<N>(node) : nullptr;
          if (state != nullptr) seen.push_back({group.member(node), *state});
        }
      check_(seen, report);
    }

   private:
    Make make_;
    Check check_;
    std::vector<Group> groups_;
  };

  std::string name_;
  std::string summary_;
  Make make_;
  Check check_;
};

template <Node N, class Options>
std::shared_ptr<const Protocol> protocol(std::string name, std::string summary,
                                         typename SimpleProtocol<N, Options>::Make make,
                                         typename SimpleProtocol<N, Options>::Check check = nullptr) {
  return std::make_shared<SimpleProtocol<N, Options>>(std::move(name), std::move(summary), std::move(make),
                                                      std::move(check));
}

}  // namespace peerbed::scenarios
