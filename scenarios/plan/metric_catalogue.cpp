#include "scenarios/plan/metric_catalogue.h"

#include <algorithm>
#include <array>

namespace peerbed::scenarios {
namespace {

constexpr std::array of_any_run{"violations",
                                "events",
                                "messages.sent",
                                "messages.delivered",
                                "messages.lost",
                                "messages.dropped_queue",
                                "messages.dropped_partition",
                                "messages.dropped_down",
                                "messages.dropped_gateway",
                                "messages.dropped_buffer",
                                "messages.duplicated",
                                "messages.reordered",
                                "messages.corrupted",
                                "streams.opened",
                                "streams.reset",
                                "streams.segments",
                                "streams.acknowledgements",
                                "streams.packets",
                                "streams.packets_again",
                                "streams.packets_lost",
                                "streams.packets_overflowed",
                                "streams.packets_marked",
                                "streams.packets_refused",
                                "streams.timeouts",
                                "nodes.started",
                                "nodes.crashed",
                                "nodes.asked_to_leave",
                                "nodes.paused",
                                "nodes.resumed",
                                "nodes.left",
                                "nodes.up_at_end",
                                "faults.commands",
                                "faults.partitions",
                                "faults.heals",
                                "faults.clogs",
                                "faults.network_changes",
                                "faults.clock_changes",
                                "faults.lies",
                                "faults.storage_changes",
                                "faults.messages",
                                "faults.timers",
                                "faults.rate_changes",
                                "faults.link_changes",
                                "cross_traffic.bytes",
                                "cross_traffic.excess",
                                "workload.commands",
                                "workload.skipped",
                                "sockets.unseen_looks"};

}  // namespace

MetricCatalogue::MetricCatalogue(const std::vector<Group>& groups, bool judges_history) {
  for (const char* name : of_any_run) units_[name] = Unit::count;
  for (const char* name : {"messages.bytes", "streams.bytes", "cross_traffic.bytes", "cross_traffic.excess"})
    units_[name] = Unit::bytes;
  units_["messages.per_node_second"] = units_["messages.bytes_per_node_second"] = Unit::none;
  units_["sockets.late.max"] = Unit::nanoseconds;
  for (const Group& group : groups) {
    add_protocol(*group.protocol);
    if (group.plan.is_behind_gateway) units_["hosts.open.share"] = Unit::flag;
  }
  if (!judges_history) return;
  units_["history.keys"] = units_["history.gets"] = units_["history.unwatched"] = Unit::count;
  for (const char* level : {"atomic", "regular", "monotonic"})
    units_["history." + std::string(level) + ".share"] = Unit::flag;
}

void MetricCatalogue::add_protocol(const Protocol& protocol) {
  for (const TraceEventType& type : protocol.trace_events()) {
    const std::string name(type.name);
    units_[name + ".count"] = Unit::count;
    for (std::size_t i = 0; i < type.field_count(); ++i)
      add_distribution(name + "." + std::string(type.fields[i].name), type.fields[i].unit);
  }
  for (const std::string_view kind : protocol.message_kinds()) {
    units_["message." + std::string(kind) + ".count"] = Unit::count;
    units_["message." + std::string(kind) + ".bytes"] = Unit::bytes;
  }
  const std::optional<OwnMetrics> own = protocol.own_metrics();
  if (!own) {
    has_unknown_ = true;
    return;
  }
  has_unknown_checks_ = has_unknown_checks_ || !own->properties;
  for (const auto& [name, unit] : own->names) units_[name] = unit;
  for (const std::string& property : own->properties.value_or(std::vector<std::string>())) {
    units_["check." + property + ".looks"] = Unit::count;
    units_["check." + property + ".share"] = Unit::flag;
  }
}

// The same names as analysis::Metrics::set_distribution.
void MetricCatalogue::add_distribution(const std::string& name, Unit unit) {
  if (!is_quantity(unit)) return;
  if (unit == Unit::flag) {
    units_[name + ".share"] = unit;
    return;
  }
  for (const char* part : {".mean", ".deviation", ".p50", ".p90", ".p99", ".max"}) units_[name + part] = unit;
}

bool MetricCatalogue::may_have(std::string_view metric) const noexcept {
  return has_unknown_ || metric.starts_with("message.kind-") || (has_unknown_checks_ && metric.starts_with("check."));
}

const Unit* MetricCatalogue::find(std::string_view metric) const {
  const auto found = units_.find(metric);
  return found == units_.end() ? nullptr : &found->second;
}

std::string unit_remedy(Unit unit) {
  switch (unit) {
    case Unit::nanoseconds:
      return "it is a time; write a value such as 500ms";
    case Unit::flag:
      return "it is a share; write a value such as 99%";
    case Unit::bytes:
      return "it is a size; write a value such as 64KiB";
    case Unit::count:
    case Unit::none:
    case Unit::identifier:
    case Unit::address:
    case Unit::code:
      break;
  }
  return "it is a number; write a value without a unit";
}

}  // namespace peerbed::scenarios
