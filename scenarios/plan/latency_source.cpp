#include "scenarios/plan/latency_source.h"

#include <array>
#include <filesystem>
#include <memory>
#include <stdexcept>

#include "protocols/environment/random.h"
#include "scenarios/plan/built_in.h"
#include "scenarios/plan/load.h"
#include "scenarios/text/source_file.h"
#include "scenarios/text/units.h"
#include "sim/network/cities.h"
#include "sim/network/delay_files.h"
#include "sim/network/topology.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t csv = 1;  // of the formats, in the order in which read_matrix_file() has them

struct MatrixFile {
  std::size_t format = 0;
  sim::DelayUnit unit = sim::DelayUnit::milliseconds;
  sim::DelayMeasure measure = sim::DelayMeasure::round_trip;
};

sim::DelayMatrix load_matrix(const std::string& path, const MatrixFile& file) {
  switch (file.format) {
    case 0:
      return sim::load_delay_text(path, file.unit, file.measure);
    case csv:
      return sim::load_delay_csv(path, file.unit, file.measure);
    case 2:
      return sim::load_king(path, file.unit);
    default:
      return sim::load_wondernetwork(path);
  }
}

constexpr std::array<const char*, 3> unit_words{"us", "ms", "s"};

MatrixFile read_matrix_file(MapReader& map) {
  constexpr std::size_t king = 2;
  constexpr std::size_t wondernetwork = 3;
  MatrixFile file;
  file.format = map.require("format").choice({"text", "csv", "king", "wondernetwork"});
  if (file.format == king) file.unit = sim::DelayUnit::microseconds;
  if (const auto given = map.find("unit")) {
    if (file.format == wondernetwork) given->fail("files of this format are in microseconds; remove this");
    const std::array units{sim::DelayUnit::microseconds, sim::DelayUnit::milliseconds, sim::DelayUnit::seconds};
    file.unit = units[given->choice({unit_words.begin(), unit_words.end()})];
  }
  if (const auto given = map.find("measures")) {
    if (file.format >= king) given->fail("files of this format hold round trips; remove this");
    file.measure =
        given->choice({"round_trip", "one_way"}) == 0 ? sim::DelayMeasure::round_trip : sim::DelayMeasure::one_way;
  }
  return file;
}

// Remarks on a median delay that is rarely meant: the file is probably in another unit.
void remark_on_unit(const Field& field, const MatrixFile& file, const sim::LatencyModel& model, NetworkPlan& plan) {
  constexpr Duration shortest_usual = std::chrono::microseconds(500);  // one way: 1 ms of round trip
  const auto median = model.median_between_sites();
  if (!median || *median >= shortest_usual) return;
  plan.remarks.push_back(field.text() + ": the median latency is only " +
                         show_duration(static_cast<double>(median->count())) +
                         " one way; check that the numbers in the file are in " +
                         unit_words[static_cast<std::size_t>(file.unit)] + ", or set `unit` of the matrix");
}

sim::LatencyModel read_matrix(const Field& field, NetworkPlan& plan) {
  std::optional<sim::LatencyModel> model;
  field.map([&](MapReader& map) {
    const Field path = map.require("file");
    MatrixFile file = read_matrix_file(map);
    model = load_at(path, [&] {
      if (file.format == csv && !map.has("unit"))
        if (const auto unit = sim::unit_in_csv(path_of(path))) file.unit = *unit;
      return sim::LatencyModel::matrix(std::make_shared<const sim::DelayMatrix>(load_matrix(path_of(path), file)));
    });
    if (!map.has("unit")) remark_on_unit(path, file, *model, plan);
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

// Notes which sites of a topology in several parts can reach one another, and leaves out all but the largest if asked.
void place_in_parts(const Field& file, const sim::Topology& topology, bool only_largest, NetworkPlan& plan) {
  if (topology.parts < 2) return;
  std::string left_out;
  std::size_t count = 0;
  for (sim::SiteIndex site = 0; site < topology.sites.size(); ++site) {
    plan.parts.push_back(topology.sites[site].part);
    if (!only_largest) continue;
    if (topology.sites[site].part == topology.largest_part) {
      plan.eligible.push_back(site);
      continue;
    }
    left_out += (left_out.empty() ? "" : ", ") + topology.sites[site].name;
    ++count;
  }
  if (only_largest)
    plan.remarks.push_back(file.text() + ": no host is placed at " + show_counted(count, "site") +
                           " outside the largest connected part, of " + show_count(topology.sites.size()) + ": " +
                           left_out);
}

void refuse_queue_without_rate(const std::string& path, const sim::Topology& topology) {
  for (const sim::TopologyLink& link : topology.links) {
    const bool has_queue =
        link.queue_bytes > 0 || link.discipline.value_or(sim::Discipline::drop_tail) != sim::Discipline::drop_tail;
    if (link.rate.bits_per_second == 0 && has_queue)
      throw std::runtime_error(path + ": the link between \"" + topology.sites[link.from].name + "\" and \"" +
                               topology.sites[link.to].name +
                               "\" has a queue but no rate; give it one, or one for all such links with `link`");
  }
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
    if (const auto attribute = map.find("discipline_attribute")) {
      options.discipline_attribute = attribute->text();
      if (!map.has("rate_attribute") && !map.has("link"))
        attribute->fail("only a link with a rate has a queue; give `link` or `rate_attribute` too");
    }
    if (const auto attribute = map.find("loss_attribute")) options.loss_attribute = attribute->text();
    if (const auto attribute = map.find("jitter_attribute")) options.jitter_attribute = attribute->text();
    if (const auto attribute = map.find("uplink_attribute")) options.uplink_attribute = attribute->text();
    if (const auto attribute = map.find("downlink_attribute")) options.downlink_attribute = attribute->text();
    sim::LinkLimit usual{.rate = {}, .queue_bytes = usual_queue};
    if (const auto link = map.find("link")) usual = read_link(*link);
    if (const auto unit = map.find("rate_unit")) {
      if (options.rate_attribute.empty() && options.uplink_attribute.empty() && options.downlink_attribute.empty())
        unit->fail("no rates are read; name their attribute with `rate_attribute`");
      options.rate_unit = static_cast<double>(unit->rate().bits_per_second);
    }
    if (const auto latency = map.find("link_latency")) options.usual_latency = latency->positive_duration();
    const auto component = map.find("largest_component");
    const bool only_largest = component && component->boolean();
    model = load_at(file, [&] {
      const sim::Topology topology = sim::load_topology(path_of(file), options);
      const auto delays = std::make_shared<const sim::DelayMatrix>(sim::shortest_path_delays(topology));
      if (topology.has_relations && (usual.is_limited() || usual.traits))
        throw std::runtime_error(path_of(file) + ": links between autonomous systems have no rate; remove `link`");
      if (!usual.is_limited()) refuse_queue_without_rate(path_of(file), topology);
      if (!topology.has_relations) plan.backbone = sim::Backbone(topology, delays, usual);
      for (const sim::TopologySite& site : topology.sites) plan.locations.push_back(site.location);
      place_in_parts(file, topology, only_largest, plan);
      for (const sim::TopologySite& site : topology.sites) plan.site_links.push_back({site.uplink, site.downlink});
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
    if (const auto matrix = map.find("matrix")) model = read_matrix(*matrix, plan);
    if (const auto plane = map.find("plane")) model = read_plane(*plane);
    if (const auto topology = map.find("topology")) model = read_topology(*topology, plan);
  });
  return model;
}

}  // namespace peerbed::scenarios
