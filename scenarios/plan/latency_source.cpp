#include "scenarios/plan/latency_source.h"

#include <array>
#include <filesystem>
#include <memory>

#include "protocols/environment/random.h"
#include "scenarios/plan/built_in.h"
#include "scenarios/plan/load.h"
#include "scenarios/text/source_file.h"
#include "sim/network/cities.h"
#include "sim/network/delay_files.h"
#include "sim/network/topology.h"

namespace peerbed::scenarios {
namespace {

sim::DelayMatrix load_matrix(const std::string& path, std::size_t format, sim::DelayUnit unit,
                             sim::DelayMeasure measure) {
  switch (format) {
    case 0:
      return sim::load_delay_text(path, unit, measure);
    case 1:
      return sim::load_delay_csv(path, unit, measure);
    case 2:
      return sim::load_king(path);
    default:
      return sim::load_wondernetwork(path);
  }
}

sim::LatencyModel read_matrix(const Field& field) {
  std::optional<sim::LatencyModel> model;
  field.map([&](MapReader& map) {
    const Field file = map.require("file");
    const std::size_t format = map.require("format").choice({"text", "csv", "king", "wondernetwork"});
    auto unit = sim::DelayUnit::milliseconds;
    auto measure = sim::DelayMeasure::round_trip;
    if (const auto given = map.find("unit")) {
      const std::array units{sim::DelayUnit::microseconds, sim::DelayUnit::milliseconds, sim::DelayUnit::seconds};
      unit = units[given->choice({"us", "ms", "s"})];
    }
    if (const auto given = map.find("measures"))
      measure =
          given->choice({"round_trip", "one_way"}) == 0 ? sim::DelayMeasure::round_trip : sim::DelayMeasure::one_way;
    constexpr std::size_t first_fixed = 2;  // from this one on, formats have a fixed unit and measure
    for (const char* key : {"unit", "measures"})
      if (const auto given = map.find(key); given && format >= first_fixed)
        given->fail("files of this format have a fixed value for this; remove it");
    model = load_at(file, [&] {
      return sim::LatencyModel::matrix(
          std::make_shared<const sim::DelayMatrix>(load_matrix(path_of(file), format, unit, measure)));
    });
  });
  return *model;
}

// Points drawn uniformly in a square of side `width`; distance costs per_unit.
sim::LatencyModel read_plane(const Field& field) {
  std::optional<sim::LatencyModel> model;
  field.map([&](MapReader& map) {
    auto points = std::make_shared<std::vector<sim::PlanePoint>>();
    if (const auto given = map.find("points")) {
      for (const Field& point : given->elements()) {
        const auto coordinates = point.elements();
        if (coordinates.size() != 2) point.fail_expected("two coordinates, such as [3, 4.5]");
        points->push_back({coordinates[0].number(-1e9, 1e9), coordinates[1].number(-1e9, 1e9)});
      }
    } else {
      const std::uint64_t sites = map.require("sites").count(1, 10'000'000);
      const double width = map.require("width").number(0, 1e9);
      KeyedStream draws(0x91A4E);  // the same plane for every seed
      for (std::uint64_t i = 0; i < sites; ++i) {
        const double x = draws.unit() * width;
        points->push_back({x, draws.unit() * width});
      }
    }
    const auto base = map.find("base");
    const Duration per_unit = map.require("per_unit").duration();
    model = load_at(field, [&] {
      return sim::LatencyModel::plane(std::move(points), base ? base->duration() : Duration::zero(), per_unit);
    });
  });
  return *model;
}

sim::LatencyModel read_cities(const Field* field, NetworkPlan& plan) {
  Duration access = sim::default_access_delay;
  if (field != nullptr)
    field->map([&](MapReader& map) {
      if (const auto given = map.find("access")) access = given->duration();
    });
  for (const sim::City& city : sim::world_cities()) plan.site_weights.push_back(city.population);
  plan.placement = Placement::by_population;
  const auto make = [&] { return std::make_shared<const sim::DelayMatrix>(sim::city_delays(access)); };
  return sim::LatencyModel::matrix(field != nullptr ? load_at(*field, make) : make());
}

sim::LatencyModel read_topology(const Field& field, NetworkPlan& plan) {
  std::optional<sim::LatencyModel> model;
  field.map([&](MapReader& map) {
    const Field file = map.require("file");
    sim::TopologyOptions options;
    if (const auto attribute = map.find("latency_attribute")) options.latency_attribute = attribute->text();
    if (const auto attribute = map.find("rate_attribute")) options.rate_attribute = attribute->text();
    if (const auto attribute = map.find("queue_attribute")) {
      options.queue_attribute = attribute->text();
      if (!map.has("rate_attribute") && !map.has("link"))
        attribute->fail("only a link with a rate has a queue; give `link` or `rate_attribute` too");
    }
    sim::LinkLimit usual{.rate = {}, .queue_bytes = usual_queue};
    if (const auto link = map.find("link")) usual = read_link(*link);
    model = load_at(file, [&] {
      const sim::Topology topology = sim::load_topology(path_of(file), options);
      const auto delays = std::make_shared<const sim::DelayMatrix>(sim::shortest_path_delays(topology));
      plan.backbone = sim::Backbone(topology, delays, usual);
      return sim::LatencyModel::matrix(delays);
    });
  });
  return *model;
}

}  // namespace

std::string path_of(const Field& field) {
  const std::string name = field.text();
  const bool is_marked = name.starts_with(built_in_prefix);
  if (is_marked || field.document().is_built_in)
    if (const BuiltInFile* file = find_built_in(is_marked ? name.substr(built_in_prefix.size()) : name))
      return built_in_path(*file);
  const std::filesystem::path path(name);
  if (path.is_absolute()) return path.string();
  return (std::filesystem::path(field.document().sources[0]).parent_path() / path).string();
}

std::optional<sim::LatencyModel> read_site_latency(const Field& field, NetworkPlan& plan) {
  if (field.is_scalar()) return read_cities(nullptr, plan);
  if (!field.is_map()) return std::nullopt;
  std::optional<sim::LatencyModel> model;
  field.map([&](MapReader& map) {
    if (const auto cities = map.find("cities")) model = read_cities(&*cities, plan);
    if (const auto matrix = map.find("matrix")) model = read_matrix(*matrix);
    if (const auto plane = map.find("plane")) model = read_plane(*plane);
    if (const auto topology = map.find("topology")) model = read_topology(*topology, plan);
  });
  return model;
}

}  // namespace peerbed::scenarios
