#include <algorithm>
#include <chrono>

#include "scenarios/plan/command_template.h"
#include "scenarios/plan/load.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t maximum_search_commands = 64;

SearchFaults read_search_faults(const Field& field) {
  SearchFaults faults;
  const std::vector<std::string_view> names(search_fault_names.begin(), search_fault_names.end());
  for (const Field& element : field.elements()) faults.insert(static_cast<SearchFault>(element.choice(names)));
  if (faults.empty()) field.fail("name at least one kind of fault, or remove this");
  return faults;
}

// {from: 1s, to: 5s}; the ends may be equal.
template <class Read>
auto read_range(const Field& field, Read&& read) {
  Range<decltype(read(field))> range;
  field.map([&](MapReader& map) {
    range.least = read(map.require("from"));
    range.most = read(map.require("to"));
  });
  if (range.most < range.least) field.fail("this range ends before it begins; exchange `from` and `to`");
  return range;
}

std::vector<std::string> read_search_commands(const Field& field) {
  std::vector<std::string> commands;
  for (const Field& element : field.elements()) {
    commands.push_back(element.text());
    if (const std::string fault = fault_of_template(commands.back()); !fault.empty()) element.fail(fault);
  }
  if (commands.size() > maximum_search_commands)
    field.fail("at most " + std::to_string(maximum_search_commands) + " commands are allowed; remove some");
  return commands;
}

}  // namespace

SearchPlan read_search(const Field& field, const NodeSelector& selector, Duration duration) {
  SearchPlan plan;
  field.map([&](MapReader& map) {
    const auto positive = [](const Field& each) { return each.positive_duration(); };
    const auto offset = [](const Field& each) { return each.signed_duration(); };
    const auto deeds = [](const Field& each) { return each.count(0, maximum_deeds); };
    if (const auto faults = map.find("faults")) plan.faults = read_search_faults(*faults);
    if (const auto nodes = map.find("nodes")) plan.nodes = selector.nodes(*nodes);
    if (const auto count = map.find("count")) plan.count = read_range(*count, deeds);
    if (const auto from = map.find("from")) plan.from = from->duration();
    if (const auto calm = map.find("calm")) plan.calm = calm->duration();
    if (const auto length = map.find("length")) plan.length = read_range(*length, positive);
    if (const auto latency = map.find("latency")) plan.latency = read_range(*latency, positive);
    if (const auto loss = map.find("loss")) plan.loss = loss->probability();
    if (const auto clock = map.find("offset")) plan.offset = read_range(*clock, offset);
    if (const auto commands = map.find("commands")) plan.commands = read_search_commands(*commands);
    if (const auto deaths = map.find("deaths")) plan.deaths = deaths->count(0, UINT32_MAX);
    if (const auto within = map.find("within")) plan.within = within->duration();
    if (const auto survivors = map.find("survivors")) plan.survivors = survivors->count(0, UINT32_MAX);
    if (plan.within && !plan.deaths)
      map.field().within("within").fail("this is the time for `deaths`; add `deaths: 1`");
    if (plan.from + plan.calm.value_or(Duration::zero()) >= duration)
      map.field().fail("no time is left for faults between `from` and the calm at the end; make the run longer");
  });
  return plan;
}

}  // namespace peerbed::scenarios
