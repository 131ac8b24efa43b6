#pragma once
// Makes a protocol of one node type available to scenarios. The node type needs an options struct that names its
// fields, and one line: protocol<Gossip, GossipOptions>("gossip", "rumours", make). Traces, commands, faults, churn and
// the command line then need no further code. A protocol with more than that derives from Protocol (protocol.h).

#include <concepts>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "protocols/environment/command.h"
#include "protocols/environment/node.h"
#include "protocols/environment/timer_type.h"
#include "scenarios/check/names.h"
#include "scenarios/check/node_check_of.h"
#include "scenarios/protocol/option_reader.h"
#include "scenarios/protocol/population.h"
#include "scenarios/protocol/protocol.h"
#include "scenarios/protocol/state_view.h"
#include "scenarios/text/field.h"

namespace peerbed::scenarios {

// One member of a group, passed to the function that creates its node.
struct Member {
  std::size_t index = 0;  // in the group
  std::size_t count = 0;  // of the group
  Address self;
  std::shared_ptr<const std::vector<Address>> addresses;  // of all members

  Address peer(std::size_t other) const { return addresses->at(other); }
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
