#include "scenarios/record/measurement.h"

namespace peerbed::scenarios {

void Measurement::on_trace(Time time, NodeIndex node, std::uint16_t event, const TraceValues& values) {
  if (time.time_since_epoch() < scenario_.measure_from) return;
  if (!measures_) begin();
  tally_.add(backend_.group_index(node), event, values);
}

void Measurement::begin() {
  measures_ = true;
  for (const auto& run : backend_.runs()) run->begin_measuring();
}

void Measurement::write_to(analysis::Metrics& metrics) const {
  for (const TraceTally::Table& table : tally_.tables())
    for (std::size_t type = 0; type < table.types.size(); ++type) {
      const std::string name(table.types[type].name);
      const TraceTally::Event& traced = table.events[type];
      metrics.set(name + ".count", traced.count, Unit::count, table.types[type].better);
      for (std::size_t i = 0; i < table.types[type].field_count(); ++i) {
        const TraceField& field = table.types[type].fields[i];
        metrics.set_distribution(name + "." + std::string(field.name), traced.fields[i], field.unit, field.better);
      }
    }
}

analysis::Distributions Measurement::distributions() const {
  analysis::Distributions distributions;
  for (const TraceTally::Table& table : tally_.tables())
    for (std::size_t type = 0; type < table.types.size(); ++type)
      for (std::size_t i = 0; i < table.types[type].field_count(); ++i) {
        const TraceField& field = table.types[type].fields[i];
        const analysis::Histogram& values = table.events[type].fields[i];
        if (!is_quantity(field.unit) || field.unit == Unit::flag || values.count() == 0) continue;
        distributions[std::string(table.types[type].name) + "." + std::string(field.name)] = values.bars();
      }
  return distributions;
}

std::vector<TraceEventType> Measurement::reported() const {
  std::vector<TraceEventType> all;
  for (const TraceTally::Table& table : tally_.tables()) all.insert(all.end(), table.types.begin(), table.types.end());
  return all;
}

}  // namespace peerbed::scenarios
