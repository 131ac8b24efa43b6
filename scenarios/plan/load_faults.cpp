#include <algorithm>
#include <array>

#include "scenarios/plan/load.h"
#include "scenarios/text/source_file.h"
#include "scenarios/text/units.h"
#include "sim/random/availability_trace.h"

namespace peerbed::scenarios {
namespace {

Disk read_disk(MapReader& map) {
  const auto disk = map.find("disk");
  return disk && disk->choice({"keep", "wipe"}) == 1 ? Disk::wipe : Disk::keep;
}

// Reads a fault's single verb and its arguments. It asks for every verb, so that the error for a misspelt one can
// suggest the nearest.
class FaultReader {
 public:
  FaultReader(MapReader& map, const NodeSelector& selector) : map_(map), selector_(selector) {}

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
    sim::MessageDeed deed{.fate = fate};
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

std::optional<sim::Distribution> find_session(MapReader& map) {
  const auto session = map.find("session");
  return session ? std::optional(read_duration_distribution(*session)) : std::nullopt;
}

void read_churn_form(MapReader& map, const NodeSelector& selector, Churn& churn) {
  const auto arrivals = map.find("arrivals");
  const auto crowd = map.find("flash_crowd");
  const auto trace = map.find("trace");
  const auto nodes = map.find("nodes");
  const int forms = (arrivals ? 1 : 0) + (crowd ? 1 : 0) + (trace ? 1 : 0) + (nodes ? 1 : 0);
  if (forms != 1)
    map.field().fail(
        "missing kind of churn: add `nodes` with session and down times, `arrivals`, `flash_crowd` or `trace`");
  if (arrivals) {
    churn.form = Arrivals{selector.nodes(*arrivals), map.require("rate").frequency(), find_session(map)};
  } else if (crowd) {
    churn.form = FlashCrowd{selector.nodes(*crowd), map.require("within").duration(), find_session(map)};
  } else if (trace) {
    const Field file = map.require("file");
    churn.form =
        ChurnTrace{selector.nodes(*trace), load_at(file, [&] {
                     return std::make_shared<const sim::AvailabilityTrace>(sim::load_availability_trace(path_of(file)));
                   })};
  } else {
    SessionChurn sessions{selector.nodes(*nodes), read_duration_distribution(map.require("session")),
                          read_duration_distribution(map.require("down"))};
    if (const auto begin = map.find("begin")) {
      const std::array begins{sim::ChurnStart::fresh_sessions, sim::ChurnStart::sessions_under_way,
                              sim::ChurnStart::equilibrium};
      sessions.begin = begins[begin->choice({"fresh", "under_way", "equilibrium"})];
    }
    churn.form = sessions;
  }
}

bool never_leaves(const Churn& churn) {
  if (const auto* arrivals = std::get_if<Arrivals>(&churn.form)) return !arrivals->session;
  const auto* crowd = std::get_if<FlashCrowd>(&churn.form);
  return crowd != nullptr && !crowd->session;
}

Churn read_one_churn(const Field& field, const NodeSelector& selector, Duration duration) {
  Churn churn;
  churn.until = duration;
  churn.position = field.position();
  field.map([&](MapReader& map) {
    read_churn_form(map, selector, churn);
    if (const auto from = map.find("from")) churn.from = from->duration();
    if (const auto until = map.find("until")) churn.until = until->duration();
    const auto graceful = map.find("graceful");
    if (graceful) churn.graceful = graceful->probability();
    churn.disk = read_disk(map);
    for (const auto& leaving : {graceful, map.find("disk")})
      if (leaving && never_leaves(churn))
        leaving->fail("these nodes never leave, since there is no `session`; add one, or remove this");
  });
  if (churn.until < churn.from) field.fail("this churn ends before it starts; correct `from` or `until`");
  if (churn.from >= duration)
    field.fail("this churn starts after the end of the run (" + write_duration(duration) +
               "); start it earlier, or extend the run");
  const auto* arrivals = std::get_if<Arrivals>(&churn.form);
  if (arrivals != nullptr && std::min(churn.until, duration) - churn.from < arrivals->mean_interval / 100 * 69)
    field.fail("most likely no node arrives in the " + write_duration(std::min(churn.until, duration) - churn.from) +
               " of this churn; use a higher rate");
  return churn;
}

}  // namespace

std::vector<Fault> read_faults(const Field& field, const NodeSelector& selector, Duration duration) {
  std::vector<Fault> faults;
  for (const Field& element : field.elements()) {
    element.map([&](MapReader& map) { faults.push_back(FaultReader(map, selector).read()); });
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

std::vector<Churn> read_churn(const Field& field, const NodeSelector& selector, Duration duration) {
  std::vector<Churn> churn;
  for (const Field& element : field.elements()) churn.push_back(read_one_churn(element, selector, duration));
  return churn;
}

}  // namespace peerbed::scenarios
