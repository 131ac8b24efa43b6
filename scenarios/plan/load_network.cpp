#include <algorithm>
#include <array>
#include <functional>
#include <set>
#include <stdexcept>

#include "scenarios/plan/latency_source.h"
#include "scenarios/plan/load.h"
#include "scenarios/text/source_file.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

double nanoseconds(const Field& field) { return static_cast<double>(field.duration().count()); }

// Models check their parameters without knowing the file; this adds the position to what they throw.
template <class Make>
auto made_at(const Field& field, Make&& make) {
  try {
    return make();
  } catch (const std::invalid_argument& exception) {
    field.fail(exception.what());
  }
}

// A map with a single key that names a form: {uniform: ...}.
std::pair<std::string, Field> single_form(const Field& field, const std::vector<std::string>& forms) {
  MapReader map(field);
  if (field.value().entries.size() != 1) field.fail_expected("a map with one of the keys " + joined_words(forms));
  for (const std::string& form : forms)
    if (const auto found = map.find(form)) return {form, *found};
  map.finish();
  field.fail_expected(joined_words(forms));
}

// A distribution with a shape, and either its second parameter, of this name, or its mean.
using TwoParameters = sim::Distribution (*)(double, double);
sim::Distribution read_shaped(MapReader& map, std::string_view second, TwoParameters make, TwoParameters of_mean) {
  const double shape = map.require("shape").number(0.05, 100);
  const auto mean = map.find("mean");
  const auto given = map.find(second);
  if (mean && given)
    mean->fail("the mean follows from the shape and the " + std::string(second) + "; remove one of them");
  return mean ? of_mean(shape, nanoseconds(*mean)) : make(shape, nanoseconds(map.require(second)));
}

sim::Distribution read_form(const std::string& form, const Field& parameters) {
  sim::Distribution distribution;
  if (form == "constant") return sim::Distribution::constant(nanoseconds(parameters));
  if (form == "exponential" && parameters.is_scalar())
    return made_at(parameters, [&] { return sim::Distribution::exponential(nanoseconds(parameters)); });
  parameters.map([&](MapReader& map) {
    distribution = made_at(parameters, [&] {
      if (form == "exponential") return sim::Distribution::exponential(nanoseconds(map.require("mean")));
      if (form == "uniform")
        return sim::Distribution::uniform(nanoseconds(map.require("from")), nanoseconds(map.require("to")));
      if (form == "weibull")
        return read_shaped(map, "scale", sim::Distribution::weibull, sim::Distribution::weibull_of_mean);
      if (form == "pareto")
        return read_shaped(map, "minimum", sim::Distribution::pareto, sim::Distribution::pareto_of_mean);
      if (form == "lomax") return read_shaped(map, "scale", sim::Distribution::lomax, sim::Distribution::lomax_of_mean);
      if (form == "log_normal")
        return sim::Distribution::log_normal(nanoseconds(map.require("median")), map.require("sigma").number(0, 10));
      const auto minimum = map.find("minimum");
      return sim::Distribution::normal(nanoseconds(map.require("mean")), nanoseconds(map.require("deviation")),
                                       minimum ? nanoseconds(*minimum) : 0);
    });
  });
  return distribution;
}

const std::vector<std::string> distribution_forms{"constant", "uniform", "exponential", "weibull",
                                                  "pareto",   "lomax",   "log_normal",  "normal"};

sim::LossModel read_loss(const Field& field) {
  if (field.is_scalar()) return sim::LossModel::independent(field.probability());
  sim::GilbertElliott burst;
  field.map([&](MapReader& map) {
    burst.to_bad = map.require("to_bad").probability();
    burst.to_good = map.require("to_good").probability();
    if (const auto good = map.find("loss_in_good")) burst.loss_in_good = good->probability();
    if (const auto bad = map.find("loss_in_bad")) burst.loss_in_bad = bad->probability();
  });
  return made_at(field, [&] { return sim::LossModel::gilbert_elliott(burst); });
}

// A latency given as a number: constant or drawn from a distribution.
std::optional<sim::LatencyModel> read_plain_latency(const Field& field) {
  if (field.is_scalar() && field.text() != "cities")
    return made_at(field, [&] { return sim::LatencyModel::constant(field.positive_duration()); });
  if (!field.is_map()) return std::nullopt;
  for (const std::string& form : distribution_forms)
    if (field.value().find(form) != nullptr) {
      const auto [name, parameters] = single_form(field, distribution_forms);
      return made_at(field, [&, form_name = name, from = parameters] {
        return sim::LatencyModel::distributed(read_form(form_name, from));
      });
    }
  return std::nullopt;
}

void read_reorder(const Field& field, PathChange& path) {
  if (field.is_scalar()) {
    path.reorder = field.probability();
    path.reorder_delay = std::chrono::milliseconds(50);
    return;
  }
  field.map([&](MapReader& map) {
    path.reorder = map.require("share").probability();
    path.reorder_delay = map.require("delay").positive_duration();
  });
}

sim::Distribution read_jitter(const Field& field) {
  if (field.is_scalar()) return sim::Distribution::uniform(0, nanoseconds(field));
  return read_duration_distribution(field);
}

}  // namespace

sim::Distribution read_duration_distribution(const Field& field) {
  if (field.is_scalar()) return sim::Distribution::constant(nanoseconds(field));
  const auto [form, parameters] = single_form(field, distribution_forms);
  return read_form(form, parameters);
}

namespace {

// The rates of a map such as {0s: 10Mbit/s, 30s: 2Mbit/s}; a rate of 0bit/s sends nothing.
std::vector<sim::RateSchedule::Step> read_steps(const Field& field) {
  std::vector<sim::RateSchedule::Step> steps;
  field.map([&](MapReader& map) {
    for (const auto& [time, rate] : map.all()) {
      const auto from = parse_duration(time);
      if (!from) rate.fail("'" + time + "' is not a time; write " + std::string(expected_duration));
      steps.push_back({*from, is_no_rate(rate.text()) ? sim::Rate{} : rate.rate()});
    }
  });
  return steps;
}

std::shared_ptr<const sim::RateSchedule> read_rate_trace(MapReader& map, const Field& file) {
  const auto format = map.find("format");
  const bool is_table = format && format->choice({"mahimahi", "csv"}) == 1;
  std::optional<double> unit;
  if (const auto given = map.find("rate_unit")) {
    if (!is_table) given->fail("a mahimahi trace counts packets; remove this, or set `format: csv`");
    unit = static_cast<double>(given->rate().bits_per_second);
  }
  return load_at(file, [&] {
    const std::string path = path_of(file);
    return std::make_shared<const sim::RateSchedule>(is_table ? sim::load_rate_table(path, unit)
                                                              : sim::load_mahimahi(path));
  });
}

std::shared_ptr<const sim::RateSchedule> read_schedule(MapReader& map) {
  if (const auto trace = map.find("trace")) {
    if (const auto rate = map.find("rate")) rate->fail("the rate is that of the trace; remove one of them");
    return read_rate_trace(map, *trace);
  }
  const Field rate = map.require("rate");
  const auto repeat = map.find("repeat");
  if (!rate.is_map()) {
    if (repeat) repeat->fail("a constant rate repeats nothing; remove this");
    return nullptr;
  }
  return made_at(rate, [&] {
    return std::make_shared<const sim::RateSchedule>(read_steps(rate),
                                                     repeat ? repeat->positive_duration() : Duration{});
  });
}

sim::QueueDiscipline read_discipline(const Field& field) {
  sim::QueueDiscipline discipline;
  const std::vector<std::string_view> words{"drop_tail", "red", "codel", "fq_codel"};
  if (field.is_scalar()) {
    discipline.kind = static_cast<sim::Discipline>(field.choice(words));
    return discipline;
  }
  const auto [form, parameters] = single_form(field, {"red", "codel", "fq_codel"});
  discipline.kind = *sim::parse_discipline(form);
  parameters.map([&](MapReader& map) {
    if (const auto ecn = map.find("ecn")) discipline.ecn = ecn->boolean();
    if (discipline.kind == sim::Discipline::red) {
      if (const auto minimum = map.find("minimum")) discipline.minimum = minimum->size();
      if (const auto maximum = map.find("maximum")) discipline.maximum = maximum->size();
      if (const auto probability = map.find("probability")) discipline.probability = probability->probability();
      if (const auto weight = map.find("weight")) discipline.weight = weight->number(1e-9, 1);
      if (map.has("minimum") != map.has("maximum") || discipline.minimum > discipline.maximum ||
          (map.has("minimum") && discipline.minimum == discipline.maximum))
        map.field().fail("give both `minimum` and a larger `maximum`, or neither");
      return;
    }
    if (const auto target = map.find("target")) discipline.target = target->positive_duration();
    if (const auto interval = map.find("interval")) discipline.interval = interval->positive_duration();
    if (discipline.target >= discipline.interval)
      map.field().fail("`target` is a small part of `interval`, but " + write_duration(discipline.target) +
                       " is not below " + write_duration(discipline.interval));
    if (discipline.kind != sim::Discipline::fq_codel) return;
    if (const auto flows = map.find("flows")) discipline.flows = static_cast<std::uint32_t>(flows->count(1, 65'536));
    if (const auto quantum = map.find("quantum"))
      discipline.quantum = static_cast<std::uint32_t>(std::clamp<std::uint64_t>(quantum->size(), 1, 1U << 30));
  });
  return discipline;
}

// What a link has besides rate and queue; null if there is nothing.
std::shared_ptr<const sim::LinkTraits> read_traits(MapReader& map, bool is_limited) {
  sim::LinkTraits traits;
  if (const auto loss = map.find("loss")) traits.loss = loss->probability();
  if (const auto jitter = map.find("jitter")) traits.jitter = jitter->positive_duration();
  if (const auto discipline = map.find("discipline")) {
    traits.discipline = read_discipline(*discipline);
    if (!is_limited) discipline->fail("only a link with a rate has a queue; give a `rate` too");
  }
  return traits == sim::LinkTraits{} ? nullptr : std::make_shared<const sim::LinkTraits>(traits);
}

}  // namespace

sim::LinkLimit read_link(const Field& field) {
  sim::LinkLimit limit;
  limit.queue_bytes = usual_queue;
  if (field.is_scalar()) {
    limit.rate = field.rate();
    return limit;
  }
  field.map([&](MapReader& map) {
    const bool is_unlimited = !map.has("rate") && !map.has("trace") && (map.has("loss") || map.has("jitter"));
    if (!is_unlimited) {
      limit.schedule = read_schedule(map);
      limit.rate = limit.schedule ? limit.schedule->mean() : map.require("rate").rate();
    }
    if (const auto queue = map.find("queue")) {
      limit.queue_bytes = queue->size();
      if (is_unlimited) queue->fail("only a link with a rate has a queue; give a `rate` too");
    }
    limit.traits = read_traits(map, !is_unlimited);
  });
  return limit;
}

namespace {

// Reads a path's conditions; the caller reads the map's other keys. With a plan, the latency may have sites.
PathChange read_path(MapReader& map, NetworkPlan* plan = nullptr) {
  PathChange path;
  path.written = map.field().value();
  if (const auto field = map.find("latency")) {
    path.latency = read_plain_latency(*field);
    if (!path.latency && plan != nullptr) path.latency = read_site_latency(*field, *plan);
    if (!path.latency)
      field->fail_expected(
          "a latency such as 40ms or {normal: {mean: 40ms, deviation: 5ms}}; places belong to network.latency");
  }
  if (const auto field = map.find("jitter")) path.jitter = read_jitter(*field);
  if (const auto field = map.find("loss")) path.loss = read_loss(*field);
  if (const auto field = map.find("duplicate")) path.duplicate = field->probability();
  if (const auto field = map.find("reorder")) read_reorder(*field, path);
  if (const auto field = map.find("corrupt")) path.corrupt = field->probability();
  return path;
}

constexpr const char* said_twice = "an entry above already describes this path; merge the two";

// Reads an entry that must set at least one condition.
PathChange read_conditions(MapReader& map) {
  PathChange change = read_path(map);
  const bool says =
      change.latency || change.jitter || change.loss || change.duplicate || change.reorder || change.corrupt;
  map.finish();
  if (!says) map.field().fail("no condition given for this path; add one, such as `loss: 5%`");
  return change;
}

// Reads conditions of paths between two ends; a path may be described only once.
template <class End, class Add>
void read_paths(const Field& list, const std::function<End(const Field&)>& read_end, const Add& add) {
  std::set<std::pair<End, End>> seen;
  for (const Field& element : list.elements())
    element.map([&](MapReader& entry) {
      const End from = read_end(entry.require("from"));
      const End to = read_end(entry.require("to"));
      const auto both = entry.find("both_ways");
      const PathChange change = read_conditions(entry);
      if (!seen.emplace(from, to).second) element.fail(said_twice);
      add(from, to, change, element);
      if (!both || !both->boolean() || from == to) return;
      if (!seen.emplace(to, from).second) both->fail("an entry above already describes the way back; remove one");
      add(to, from, change, element);
    });
}

void read_between(const Field& list, const NodeSelector& selector, NetworkPlan& plan) {
  read_paths<sim::GroupIndex>(
      list, [&](const Field& end) { return selector.group(end); },
      [&](sim::GroupIndex from, sim::GroupIndex to, const PathChange& change, const Field&) {
        plan.between.push_back({from, to, change});
      });
}

void read_pairs(const Field& list, const NodeSelector& selector, NetworkPlan& plan) {
  read_paths<NodeIndex>(
      list, [&](const Field& end) { return selector.one_node(end); },
      [&](NodeIndex from, NodeIndex to, const PathChange& change, const Field& entry) {
        if (from == to) entry.fail("both ends are the same node, so there is no path; name two nodes");
        plan.pairs.push_back({from, to, change});
      });
}

}  // namespace

PathChange read_path_change(const Field& field) {
  PathChange path;
  field.map([&](MapReader& map) { path = read_path(map); });
  return path;
}

NetworkPlan read_network(const Field& field, const NodeSelector& selector) {
  NetworkPlan plan;
  field.map([&](MapReader& map) {
    plan.path = read_path(map, &plan);
    if (const auto placement = map.find("placement")) {
      const std::array<Placement, 3> placements{Placement::in_turn, Placement::random, Placement::by_population};
      plan.placement = placements[placement->choice({"in_turn", "random", "by_population"})];
      if (!plan.path.latency || plan.path.latency->site_count() == 0)
        placement->fail("the network's latency does not use places; remove this, or use a latency that does");
      if (plan.placement == Placement::by_population && plan.site_weights.empty())
        placement->fail("only cities have a population; write `latency: cities`, or place in_turn or random");
    }
    if (const auto family = map.find("family"))
      plan.family = std::array{AddressFamily::ipv4, AddressFamily::ipv6}[family->choice({"ipv4", "ipv6"})];
    if (const auto streams = map.find("streams")) plan.streams = read_streams(*streams);
    if (const auto traffic = map.find("cross_traffic"))
      plan.cross_traffic = read_cross_traffic(*traffic, selector, plan);
    if (const auto between = map.find("between")) read_between(*between, selector, plan);
    if (const auto pairs = map.find("pairs")) read_pairs(*pairs, selector, plan);
  });
  return plan;
}

}  // namespace peerbed::scenarios
