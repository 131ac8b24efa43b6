#include "scenarios/record/trace_tally.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::scenarios {

TraceTally::TraceTally(const Scenario& scenario) {
  std::vector<const Protocol*> protocols;
  for (const Group& group : scenario.groups) {
    const auto found = std::find(protocols.begin(), protocols.end(), group.protocol.get());
    table_of_group_.push_back(static_cast<std::size_t>(found - protocols.begin()));
    if (found != protocols.end()) continue;
    protocols.push_back(group.protocol.get());
    const auto types = group.protocol->trace_events();
    tables_.push_back({types, std::vector<Event>(types.size())});
  }
}

void TraceTally::add(std::size_t group, std::uint16_t type, const TraceValues& values) {
  Table& table = tables_[table_of_group_[group]];
  PEERBED_CONTRACT(type < table.events.size(), "a node traces events of its own table, by their index");
  Event& event = table.events[type];
  ++event.count;
  for (std::size_t i = 0; i < table.types[type].field_count(); ++i)
    if (is_quantity(table.types[type].fields[i].unit)) event.fields[i].add(values[i]);
}

void TraceTally::clear() {
  for (Table& table : tables_)
    for (Event& event : table.events)
      if (event.count > 0) event = {};
}

}  // namespace peerbed::scenarios
