#pragma once
// The plan of a sweep: one scenario at every combination of some parameters' values, each with every seed. A unit is
// one such run, named by the digest of the scenario at its point and by the seed.

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "scenarios/plan/scenario.h"
#include "scenarios/protocol/protocol.h"
#include "scenarios/text/document.h"

namespace peerbed::scenarios {

constexpr std::size_t maximum_units = 100'000;

// A parameter of the scenario, or a path of keys, and the values that it takes.
struct Axis {
  std::string name;
  std::vector<std::string> values;
};

struct SweepPoint {
  std::vector<std::string> values;  // one per axis
  std::string digest;               // of the scenario at this point, without its seed: sixteen digits
  double effort = 0;                // an estimate of what a run costs: nodes x simulated seconds
};

struct SweepUnit {
  std::size_t point = 0;
  std::uint64_t seed = 0;
  friend bool operator==(const SweepUnit&, const SweepUnit&) = default;
};

struct SweepPlan {
  Document document;                 // as read; workers start from it, whatever happens to the file
  std::vector<Override> settings{};  // apply at every point
  std::vector<Axis> axes{};
  std::vector<std::uint64_t> seeds{};   // ascending
  std::string name{};                   // of the scenario
  std::string digest{};                 // of the scenario with only these settings: sixteen digits
  std::vector<SweepPoint> points{};     // the last axis varies fastest
  std::vector<std::string> expected{};  // metrics named by the scenario's expectations

  std::size_t unit_count() const noexcept { return points.size() * seeds.size(); }
  // Ordered by point, like results.
  SweepUnit unit(std::size_t index) const { return {index / seeds.size(), seeds[index % seeds.size()]}; }
  std::vector<Override> overrides_at(const SweepPoint& point) const;
  Scenario scenario_of(const SweepUnit& unit, const Registry& registry) const;
};

// "1..20", "3", or several with commas; up to 2^63 - 1. Returns them sorted; throws ScenarioError for anything else,
// and for duplicates.
std::vector<std::uint64_t> parse_seeds(const std::string& text, const std::string& source);

// The same text from ascending seeds.
std::string write_seeds(const std::vector<std::uint64_t>& seeds);

// "peers=1,2,4". Commas within brackets, braces and quotes belong to a value.
Axis parse_axis(const std::string& text, const std::string& source);

// Reads the scenario and loads it at every point, so that every error is reported before anything runs.
SweepPlan plan_sweep(Document document, const Registry& registry, std::vector<Override> settings,
                     std::vector<Axis> axes, std::vector<std::uint64_t> seeds);

// The digest of a scenario's contents and of the files that it names, excluding its seed.
std::string scenario_digest(const Document& document);

}  // namespace peerbed::scenarios
