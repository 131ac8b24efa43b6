// What a scenario says about churn: sessions, arrivals, crowds and traces.

#include <algorithm>
#include <array>
#include <numeric>

#include "protocols/environment/random.h"
#include "scenarios/plan/load.h"
#include "scenarios/text/source_file.h"
#include "scenarios/text/units.h"
#include "sim/random/availability_trace.h"

namespace peerbed::scenarios {

Disk read_disk(MapReader& map) {
  const auto disk = map.find("disk");
  return disk && disk->choice({"keep", "wipe"}) == 1 ? Disk::wipe : Disk::keep;
}

namespace {

constexpr std::uint64_t host_purpose = 0x7057;  // separates these draws from all others of the seed

sim::TraceLayout read_layout(MapReader& map) {
  sim::TraceLayout layout;
  if (const auto format = map.find("format"))
    layout.format = std::array{sim::TraceFormat::avt, sim::TraceFormat::csv,
                               sim::TraceFormat::overnet}[format->choice({"avt", "csv", "overnet"})];
  const bool has_probes = layout.format == sim::TraceFormat::overnet;
  if (const auto unit = map.find("unit")) {
    if (has_probes) unit->fail("the probes of an Overnet trace have no times; remove this, or set `period`");
    layout.unit = unit->positive_duration();
  }
  if (const auto period = map.find("period")) {
    if (!has_probes) period->fail("only an Overnet trace has probes; remove this, or set `format: overnet`");
    layout.period = period->positive_duration();
  }
  return layout;
}

// The part of a trace that nodes follow from `churn.from` on, and which host each of them follows.
class TraceCut {
 public:
  TraceCut(MapReader& map, Field file, const Scenario& scenario, std::size_t index, Churn& churn)
      : map_(map), file_(std::move(file)), scenario_(scenario), index_(index), churn_(churn) {}

  ChurnTrace read(Nodes nodes, const Field& of_nodes) {
    const sim::TraceLayout layout = read_layout(map_);
    const sim::AvailabilityTrace whole =
        load_at(file_, [&] { return sim::load_availability_trace(path_of(file_), layout); });
    const sim::AvailabilityTrace seen = window_of(whole);
    const Duration length = std::min(churn_.until, scenario_.duration) - churn_.from;
    auto chosen = std::make_shared<sim::AvailabilityTrace>();
    bool is_anyone_up = false;
    for (const std::size_t host : hosts_of(seen, length, nodes.size(), of_nodes)) {
      chosen->names.push_back(seen.names[host]);
      chosen->hosts.push_back(seen.hosts[host]);
      is_anyone_up = is_anyone_up || is_up_within(seen.hosts[host], length);
    }
    if (!is_anyone_up)
      of_nodes.fail(
          "none of these hosts is up in the part of the trace that the run follows; choose others, or another "
          "`window`");
    chosen->end = seen.end;
    remark_on(whole, seen, length);
    return {std::move(nodes), std::move(chosen)};
  }

 private:
  sim::AvailabilityTrace window_of(const sim::AvailabilityTrace& whole) {
    Duration from{};
    Duration until = whole.end;
    const auto window = map_.find("window");
    if (window)
      window->map([&](MapReader& ends) {
        if (const auto begin = ends.find("from")) from = begin->duration();
        if (const auto end = ends.find("until")) {
          until = end->duration();
          is_cut_ = true;
        }
      });
    double scale = 1;
    const auto factor = map_.find("time_scale");
    if (factor) scale = factor->number(1e-6, 1e6);
    if (whole.end == Duration::zero()) file_.fail("no host of this trace is ever up; give another trace");
    if (window && from >= until)
      window->fail(is_cut_ ? "the window ends before it begins; correct `from` or `until`"
                           : "the window begins after the end of the trace (" + write_duration(whole.end) +
                                 "); let it begin earlier");
    if (is_cut_) {
      const double length = static_cast<double>((until - from).count()) * scale;
      churn_.until = std::min(churn_.until, churn_.from + sim::round_up(std::min(length, 1e18)));
    }
    return sim::excerpt_of(whole, from, until, scale);
  }

  static bool is_up_within(const std::vector<sim::UpInterval>& intervals, Duration length) {
    return !intervals.empty() && intervals.front().start < length;
  }

  // Which host each of `count` nodes follows.
  std::vector<std::size_t> hosts_of(const sim::AvailabilityTrace& seen, Duration length, std::size_t count,
                                    const Field& of_nodes) {
    std::vector<std::size_t> hosts(seen.hosts.size());
    std::iota(hosts.begin(), hosts.end(), std::size_t{0});
    const auto field = map_.find("hosts");
    const auto active = map_.find("active");
    if (field && (!field->is_scalar() || field->text() != "random")) {
      if (active) active->fail("the hosts are named one by one; remove this");
      return named_hosts(seen, count, *field);
    }
    const bool active_only = active && active->boolean();
    if (active_only) std::erase_if(hosts, [&](std::size_t host) { return !is_up_within(seen.hosts[host], length); });
    if (hosts.size() < count)
      of_nodes.fail("there are " + show_counted(count, "node") + ", but only " + show_counted(hosts.size(), "host") +
                    (active_only ? " up at some time of the run" : " in the trace") + "; use fewer nodes");
    if (field) {
      KeyedStream draws(key_of(scenario_.seed, host_purpose, index_));
      for (std::size_t i = 0; i < count; ++i) std::swap(hosts[i], hosts[i + draws.below(hosts.size() - i)]);
    }
    hosts.resize(count);
    return hosts;
  }

  static std::vector<std::size_t> named_hosts(const sim::AvailabilityTrace& seen, std::size_t count,
                                              const Field& field) {
    const std::vector<Field> names = field.elements();
    if (names.size() != count)
      field.fail("these are " + show_counted(names.size(), "host") + " for " + show_counted(count, "node") +
                 "; name one for each node");
    std::vector<std::size_t> hosts;
    for (const Field& name : names) {
      const auto found = std::find(seen.names.begin(), seen.names.end(), name.text());
      if (found == seen.names.end()) {
        const std::string nearest = nearest_word(name.text(), seen.names);
        name.fail("the trace has no host '" + name.text() + "'" +
                  (nearest.empty() ? "; name another" : "; did you mean '" + nearest + "'?"));
      }
      hosts.push_back(static_cast<std::size_t>(found - seen.names.begin()));
    }
    return hosts;
  }

  void remark_on(const sim::AvailabilityTrace& whole, const sim::AvailabilityTrace& seen, Duration length) {
    const auto remark = [this](const std::string& text) { churn_.remarks.push_back(file_.text() + ": " + text); };
    if (whole.epoch)
      remark("its times count from 1970, so the trace begins at its earliest start, " +
             show_count(static_cast<std::uint64_t>(*whole.epoch / std::chrono::seconds(1))) + " s");
    if (whole.joined > 0)
      remark(show_counted(whole.joined, "session") +
             " that overlapped or met an earlier one of the same host joined it");
    if (whole.empty > 0) remark(show_counted(whole.empty, "session") + " of no length left out");
    if (!is_cut_ && seen.end < length)
      remark("the trace ends at " + write_duration(churn_.from + seen.end) +
             " of the run; from then on its nodes are down");
  }

  MapReader& map_;
  Field file_;
  const Scenario& scenario_;
  std::size_t index_;
  Churn& churn_;
  bool is_cut_ = false;
};

std::optional<sim::Distribution> find_session(MapReader& map) {
  const auto session = map.find("session");
  return session ? std::optional(read_duration_distribution(*session)) : std::nullopt;
}

void read_churn_form(MapReader& map, const NodeSelector& selector, const Scenario& scenario, std::size_t index,
                     Churn& churn) {
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
    churn.form = TraceCut(map, map.require("file"), scenario, index, churn).read(selector.nodes(*trace), *trace);
  } else {
    SessionChurn sessions{selector.nodes(*nodes), read_duration_distribution(map.require("session")),
                          read_duration_distribution(map.require("down"))};
    if (const auto begin = map.find("begin")) {
      const std::array begins{sim::ChurnStart::fresh_sessions, sim::ChurnStart::sessions_under_way,
                              sim::ChurnStart::equilibrium};
      sessions.begin = begins[begin->choice({"fresh", "under_way", "equilibrium"})];
    }
    if (const auto individual = map.find("individual"); individual && individual->boolean())
      sessions.means = sim::ChurnMeans::individual;
    churn.form = sessions;
  }
}

bool never_leaves(const Churn& churn) {
  if (const auto* arrivals = std::get_if<Arrivals>(&churn.form)) return !arrivals->session;
  const auto* crowd = std::get_if<FlashCrowd>(&churn.form);
  return crowd != nullptr && !crowd->session;
}

Churn read_one_churn(const Field& field, const NodeSelector& selector, const Scenario& scenario, std::size_t index) {
  Churn churn;
  churn.until = scenario.duration;
  churn.position = field.position();
  field.map([&](MapReader& map) {
    if (const auto from = map.find("from")) churn.from = from->duration();
    if (const auto until = map.find("until")) churn.until = until->duration();
    if (churn.until < churn.from) field.fail("this churn ends before it starts; correct `from` or `until`");
    if (churn.from >= scenario.duration)
      field.fail("this churn starts after the end of the run (" + write_duration(scenario.duration) +
                 "); start it earlier, or extend the run");
    read_churn_form(map, selector, scenario, index, churn);
    const auto graceful = map.find("graceful");
    if (graceful) churn.graceful = graceful->probability();
    churn.disk = read_disk(map);
    for (const auto& leaving : {graceful, map.find("disk")})
      if (leaving && never_leaves(churn))
        leaving->fail("these nodes never leave, since there is no `session`; add one, or remove this");
  });
  const auto* arrivals = std::get_if<Arrivals>(&churn.form);
  const Duration length = std::min(churn.until, scenario.duration) - churn.from;
  if (arrivals != nullptr && length < arrivals->mean_interval / 100 * 69)
    field.fail("most likely no node arrives in the " + write_duration(length) + " of this churn; use a higher rate");
  return churn;
}

}  // namespace

std::vector<Churn> read_churn(const Field& field, const NodeSelector& selector, const Scenario& scenario) {
  std::vector<Churn> churn;
  for (const Field& element : field.elements())
    churn.push_back(read_one_churn(element, selector, scenario, churn.size()));
  return churn;
}

}  // namespace peerbed::scenarios
