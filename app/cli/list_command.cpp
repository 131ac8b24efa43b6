#include <algorithm>
#include <iostream>

#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/scenario_box.h"
#include "app/cli/terminal.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

// The commands of nodes with default options.
void print_commands(const scenarios::Protocol& protocol, const analysis::Style& style) {
  static const scenarios::Document nothing{{"list"}, false, scenarios::map_value({})};
  scenarios::MapReader no_options(scenarios::Field(nothing, nothing.root, ""));
  analysis::Table commands({{"understands", analysis::Align::left}, {"", analysis::Align::left}});
  for (const CommandForm& each : protocol.commands(*protocol.read_options(no_options, 1)))
    commands.add({std::string(each.form), std::string(each.meaning)});
  if (!commands.empty()) commands.print(std::cout, style);
}

// The built-in scenarios whose protocols this program has.
std::vector<BoxedScenario> known_scenarios(const scenarios::Registry& registry) {
  std::vector<BoxedScenario> known = boxed_scenarios();
  std::erase_if(known, [&](const BoxedScenario& scenario) {
    const scenarios::Document document = scenarios::parse_document(scenario.text, scenario.name);
    const scenarios::Value* const groups = document.root.find("groups");
    return std::any_of(groups->entries.begin(), groups->entries.end(), [&](const scenarios::Entry& group) {
      const scenarios::Value* const protocol = group.value.find("protocol");
      return protocol != nullptr && registry.find(protocol->scalar) == nullptr;
    });
  });
  return known;
}

int list(const Invocation& invocation, const Arguments& arguments) {
  if (arguments.positional().size() > 1 || (arguments.has("names") && !arguments.positional().empty()))
    throw UsageError("list takes at most one built-in scenario: peerbed list [SCENARIO]");
  if (!arguments.positional().empty()) {
    std::cout << boxed_scenario(arguments.positional().front());
    return exit_good;
  }
  if (arguments.has("names")) {
    for (const BoxedScenario& scenario : known_scenarios(invocation.registry)) std::cout << scenario.name << '\n';
    return exit_good;
  }
  const analysis::Style style = stdout_style();
  analysis::Table scenarios_table({{"", analysis::Align::left}, {"", analysis::Align::left}});
  for (const BoxedScenario& scenario : known_scenarios(invocation.registry))
    scenarios_table.add({scenario.name, scenario.title});
  if (!scenarios_table.empty()) {
    std::cout << style.bold("Scenarios") << '\n';
    scenarios_table.print(std::cout, style);
  }
  for (const auto& protocol : invocation.registry.all()) {
    std::cout << '\n' << style.bold("Protocol " + std::string(protocol->name())) << ": " << protocol->summary() << '\n';
    analysis::Table events({{"reports", analysis::Align::left}, {"fields", analysis::Align::left}});
    for (const TraceEventType& type : protocol->trace_events()) {
      std::string fields;
      for (std::size_t i = 0; i < type.field_count(); ++i)
        fields.append(i == 0 ? "" : ", ").append(type.fields[i].name);
      events.add({std::string(type.name), fields});
    }
    events.print(std::cout, style);
    print_commands(*protocol, style);
  }
  std::cout << "\nEach report EVENT gives the metric EVENT.count. Each of its fields gives\nEVENT.FIELD.mean, "
               ".deviation, .p50, "
               ".p90, .p99 and .max, or .share for a yes/no field.\n";
  return exit_good;
}

}  // namespace

Command list_command() {
  return {
      .name = "list",
      .summary = "lists the built-in scenarios and the protocols",
      .forms = {"[--names]", "SCENARIO"},
      .operand = "SCENARIO",
      .description =
          "Lists the built-in scenarios, the protocols, and what their nodes report. With SCENARIO, prints that "
          "scenario.",
      .options = {{"names", nullptr, "print only the names of the scenarios, one per line"}},
      .examples = {{"peerbed list", "list everything"},
                   {"peerbed list ring-steady", "print a scenario, as a start for your own"},
                   {"peerbed list --names", "for a script"}},
      .run = list,
  };
}

}  // namespace peerbed::app
