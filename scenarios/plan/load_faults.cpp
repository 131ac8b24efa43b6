#include <algorithm>
#include <array>

#include "scenarios/plan/load.h"
#include "scenarios/plan/site_placement.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

// Reads a fault's single verb and its arguments. It asks for every verb, so that the error for a misspelt one can
// suggest the nearest.
class FaultReader {
 public:
  FaultReader(MapReader& map, const NodeSelector& selector, const NetworkPlan& network)
      : map_(map), selector_(selector), network_(network) {}

  Fault read() {
    fault_.at = map_.require("at").duration();
    if (const auto length = map_.find("for")) fault_.length = length->positive_duration();
    read_life();
    read_network();
    read_messages();
    read_mischief();
    if (verbs_ == 0) {
      map_.finish();
      map_.field().fail("missing action: add one of " + joined_words(known_verbs_));
    }
    if (verbs_ > 1) map_.field().fail("an entry has only one action; write a separate entry for the other");
    return fault_;
  }

 private:
  std::optional<Field> verb(std::string_view name) {
    known_verbs_.emplace_back(name);
    const auto found = map_.find(name);
    if (found) ++verbs_;
    return found;
  }
  void act_on(const Field& field, Action action) {
    fault_.selection = selector_.selection(field);
    fault_.action = std::move(action);
  }
  void refuse_length(const Field& field, std::string_view remedy) const {
    if (fault_.length) field.fail("`for` is not allowed here; " + std::string(remedy));
  }

  void read_life() {
    if (const auto field = verb("crash")) act_on(*field, CrashNodes{{}, read_disk(map_)});
    if (const auto field = verb("leave")) act_on(*field, LeaveNodes{});
    if (const auto field = verb("pause")) act_on(*field, PauseNodes{});
    if (const auto field = verb("start")) {
      refuse_length(*field, "crash the nodes in a separate entry");
      act_on(*field, StartNodes{});
    }
    if (const auto field = verb("resume")) {
      refuse_length(*field, "pause the nodes in a separate entry");
      act_on(*field, ResumeNodes{});
    }
    if (const auto field = verb("rolling_restart")) {
      fault_.rolling = true;
      fault_.spacing = map_.require("spacing").duration();
      const auto graceful = map_.find("graceful");
      fault_.graceful = graceful && graceful->boolean();
      if (!fault_.length) field->fail("missing down time of each node; add it, such as `for: 5s`");
      act_on(*field, CrashNodes{{}, read_disk(map_)});
    }
  }

  void read_other_side() {
    if (const auto against = map_.find("against")) fault_.others = selector_.selection(*against);
  }

  // All other nodes form the other side, unless that is given too.
  void refuse_lonely_side(const Field& field) const {
    const bool all = !fault_.selection.number && !fault_.selection.share &&
                     fault_.selection.nodes.size() == selector_.everyone().size();
    if (all && fault_.others.nodes.empty())
      field.fail("these are all nodes, so no node is on the other side; name fewer, or add `against`");
  }

  void read_network() {
    if (const auto field = verb("partition")) {
      Partition partition;
      if (const auto name = map_.find("name")) partition.name = name->text();
      const auto one_way = map_.find("one_way");
      partition.one_way = one_way && one_way->boolean();
      read_other_side();
      act_on(*field, partition);
      refuse_lonely_side(*field);
    }
    if (const auto field = verb("heal")) {
      refuse_length(*field, "partition again in a separate entry");
      fault_.action = Heal{field->text() == "all" ? "" : field->text()};
    }
    if (const auto field = verb("clog")) {
      if (!fault_.length) field->fail("missing length of the delay; add it, such as `for: 5s`");
      read_other_side();
      act_on(*field, Clog{{}, {}, *fault_.length});
      refuse_lonely_side(*field);
    }
    if (const auto field = verb("network")) read_change(*field);
    if (!map_.has("storage"))  // the rate of disks
      if (const auto field = verb("rate")) read_rate(*field);
  }

  void read_rate(const Field& field) {
    const Field to = map_.require("to");
    const bool restores = to.is_scalar() && to.text() == "restored";
    if (restores) refuse_length(to, "change the rate again in a separate entry");
    const auto rate = restores ? std::nullopt : std::optional(to.rate());
    if (field.is_map() && field.value().find("between") != nullptr) return read_link_rate(field, rate);
    ChangeRate change;
    change.rate = rate;
    if (const auto link = map_.find("link")) {
      change.uplink = link->choice({"uplink", "downlink"}) == 0;
      change.downlink = !change.uplink;
    }
    act_on(field, change);
  }

  void read_link_rate(const Field& field, std::optional<sim::Rate> rate) {
    ChangeLinkRate change;
    change.rate = rate;
    if (const auto one_way = map_.find("one_way")) change.one_way = one_way->boolean();
    field.map([&](MapReader& map) {
      const Field between = map.require("between");
      const std::vector<Field> ends = between.elements();
      if (ends.size() != 2) between.fail_expected("two sites that a link joins, such as [Oslo, Bergen]");
      change.from = read_site(ends[0], network_);
      change.to = read_site(ends[1], network_);
      const auto links = network_.backbone.links();
      if (std::none_of(links.begin(), links.end(), [&](const auto& link) { return is_meant(change, link); }))
        between.fail("the topology has no link from " + name_of_site(network_, change.from) + " to " +
                     name_of_site(network_, change.to) + "; name two sites that a link joins");
    });
    fault_.action = change;
  }

  void read_change(const Field& field) {
    ChangeNetwork change;
    if (field.is_scalar()) {
      field.choice({"restored"});
      refuse_length(field, "change the network again in a separate entry");
      change.restore = true;
    } else {
      change.change = read_path_change(field);
      if (field.value().entries.empty()) field.fail("missing change; write one such as {loss: 5%}, or `restored`");
    }
    const auto from = map_.find("from");
    const auto to = map_.find("to");
    if (from.has_value() != to.has_value()) field.fail("name both groups, `from` and `to`, or neither");
    if (from) change.from = selector_.group(*from);
    if (to) change.to = selector_.group(*to);
    fault_.action = change;
  }

  void read_messages() {
    read_message("lose", sim::MessageFate::lost);
    read_message("double", sim::MessageFate::doubled);
    read_message("delay", sim::MessageFate::delayed);
  }

  void read_message(std::string_view name, sim::MessageFate fate) {
    const auto field = verb(name);
    if (!field) return;
    refuse_length(*field, "this happens to one message");
    sim::MessageDeed deed;
    deed.fate = fate;
    const Field from = map_.require("from");
    const Field to = map_.require("to");
    deed.source = selector_.one_node(from);
    deed.destination = selector_.one_node(to);
    if (deed.source == deed.destination) to.fail("messages of a node to itself do not cross the network");
    deed.kind = selector_.message_kind(*field, deed.source);
    if (const auto nth = map_.find("nth")) deed.nth = nth->count(1, UINT64_MAX);
    if (fate == sim::MessageFate::delayed) deed.by = map_.require("by").signed_duration();
    if (fate == sim::MessageFate::doubled)
      if (const auto by = map_.find("by")) deed.by = by->signed_duration();
    fault_.action = ChangeMessage{deed};
  }

  void read_mischief() {
    if (const auto field = verb("clock")) {
      SetClock clock;
      if (const auto offset = map_.find("offset")) clock.offset = offset->signed_duration();
      if (const auto drift = map_.find("drift")) clock.drift_ppb = drift->drift();
      if (!map_.has("offset") && !map_.has("drift"))
        refuse_length(*field, "this sets clocks right; add an `offset` or a `drift`");
      act_on(*field, clock);
    }
    if (const auto field = verb("lie")) {
      const auto share = map_.find("share");
      act_on(*field, Lie{{}, share ? share->probability() : 1});
    }
    if (const auto field = verb("storage")) {
      ChangeStorage change;
      if (const auto restored = map_.find("restored")) change.restore = restored->boolean();
      change.change = read_storage(map_);
      act_on(*field, change);
    }
    if (const auto field = verb("command")) {
      refuse_length(*field, "a command happens once");
      act_on(*field, Command{{}, map_.require("do").text()});
    }
    if (const auto field = verb("fire")) {
      refuse_length(*field, "a timer fires once");
      act_on(*field, FireTimer{{}, map_.require("timer").text()});
    }
  }

  MapReader& map_;
  const NodeSelector& selector_;
  const NetworkPlan& network_;
  Fault fault_;
  int verbs_ = 0;
  std::vector<std::string> known_verbs_;
};

bool says_nothing(const ChangeStorage& change) {
  const StorageChange& said = change.change;
  return !change.restore && !said.rate && !said.latency && !said.capacity && !said.failing;
}

// When the last node of a rolling restart stops.
Duration last_restart(const Fault& fault) {
  if (!fault.rolling) return fault.at;
  const std::size_t all = fault.selection.nodes.size();
  const std::uint64_t number = fault.selection.number.value_or(
      fault.selection.share ? static_cast<std::uint64_t>(*fault.selection.share * static_cast<double>(all)) : all);
  return fault.at + fault.spacing * static_cast<std::int64_t>(std::max<std::uint64_t>(number, 1) - 1);
}

}  // namespace

std::vector<Fault> read_faults(const Field& field, const NodeSelector& selector, const NetworkPlan& network,
                               Duration duration) {
  std::vector<Fault> faults;
  for (const Field& element : field.elements()) {
    element.map([&](MapReader& map) { faults.push_back(FaultReader(map, selector, network).read()); });
    const Fault& fault = faults.back();
    if (const auto* change = std::get_if<ChangeStorage>(&fault.action); change != nullptr && says_nothing(*change))
      element.fail("missing change of the disks: add rate, latency, capacity or failing, or `restored: true`");
    if (fault.at >= duration)
      element.fail("this happens after the end of the run (" + write_duration(duration) + "); use an earlier time");
    if (const Duration last = last_restart(fault); last >= duration)
      element.fail("the last of these restarts would start at " + write_duration(last) +
                   ", after the end of the run (" + write_duration(duration) +
                   "); use a shorter spacing, or extend the run");
  }
  return faults;
}

}  // namespace peerbed::scenarios
