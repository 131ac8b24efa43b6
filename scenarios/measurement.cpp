#include "scenarios/measurement.h"

#include <algorithm>
#include <map>

namespace peerbed::scenarios {

namespace {

// Of worlds in which a stream was opened.
void measure_streams(const sim::StreamCounters& counters, analysis::Metrics& metrics) {
  if (counters.opened == 0) return;
  metrics.set("streams.opened", counters.opened);
  metrics.set("streams.reset", counters.reset, Unit::count, Better::less);
  metrics.set("streams.segments", counters.segments);
  metrics.set("streams.acknowledgements", counters.acknowledgements);
  metrics.set("streams.packets", counters.packets);
  metrics.set("streams.packets_again", counters.packets_again, Unit::count, Better::less);
  metrics.set("streams.packets_lost", counters.packets_lost + counters.packets_cut);
  metrics.set("streams.packets_overflowed", counters.packets_overflowed);
  metrics.set("streams.timeouts", counters.timeouts, Unit::count, Better::less);
  metrics.set("streams.bytes", counters.payload_bytes, Unit::bytes);
}

}  // namespace

Measurement::Measurement(const Scenario& scenario, Stage& stage, std::vector<sim::Observer*> others)
    : scenario_(scenario), stage_(stage), others_(std::move(others)), tally_(scenario) {
  for (const Expectation& expectation : scenario.expectations)
    if (const auto* printed = std::get_if<PrintedExpectation>(&expectation.form)) awaited_.emplace_back(printed, false);
}

void Measurement::on_step(const sim::Step& step) {
  if (scenario_.show_lines) show_step(step);
  if (step.kind == sim::StepKind::datagram || step.kind == sim::StepKind::start || step.kind == sim::StepKind::crash)
    stage_.run_of(step.destination).on_step(step);
  for (sim::Observer* other : others_) other->on_step(step);
}

void Measurement::on_trace(Time time, sim::NodeIndex node, std::uint16_t type, const TraceValues& values) {
  if (time.time_since_epoch() >= scenario_.measure_from) {
    if (!measures_) begin();
    tally_.add(stage_.group_index(node), type, values);
  }
  stage_.run_of(node).on_trace(time, node, type, values);
  for (sim::Observer* other : others_) other->on_trace(time, node, type, values);
}

void Measurement::begin() {
  measures_ = true;
  for (const auto& run : stage_.runs()) run->begin_measuring();
}

void Measurement::on_line(Time time, sim::NodeIndex node, std::string_view line) {
  for (auto& [expectation, seen] : awaited_)
    if (expectation->node == node && line.find(expectation->text) != std::string_view::npos) seen = true;
  const auto& hidden = scenario_.hidden_lines;
  if (scenario_.show_lines && std::none_of(hidden.begin(), hidden.end(), [line](const std::string& text) {
        return line.find(text) != std::string_view::npos;
      }))
    keep_line(time, node, std::string(line));
  stage_.run_of(node).on_line(time, node, line);
  for (sim::Observer* other : others_) other->on_line(time, node, line);
}

// Among what nodes print stands what was typed at them, and that they start or crash.
void Measurement::show_step(const sim::Step& step) {
  if (step.kind == sim::StepKind::command)
    keep_line(step.time, step.destination,
              "> " + std::string(reinterpret_cast<const char*>(step.bytes.data()), step.bytes.size()));
  if (step.kind == sim::StepKind::start && step.time != time_zero) keep_line(step.time, step.destination, "(starts)");
  if (step.kind == sim::StepKind::crash) keep_line(step.time, step.destination, "(crashes)");
}

void Measurement::keep_line(Time time, sim::NodeIndex node, std::string line) {
  if (lines_.size() < maximum_lines_kept) lines_.push_back({time.time_since_epoch(), node, std::move(line)});
}

void Measurement::on_exit(Time time, sim::NodeIndex node) {
  ++exits_;
  last_exit_ = time;
  stage_.run_of(node).on_exit(time, node);
  for (sim::Observer* other : others_) other->on_exit(time, node);
}

void Measurement::on_stream_effect(Time time, sim::NodeIndex node, EffectKind kind, StreamId stream,
                                   std::uint64_t bytes) {
  for (sim::Observer* other : others_) other->on_stream_effect(time, node, kind, stream, bytes);
}

void Measurement::on_timer_put_off(Time time, sim::NodeIndex node, TimerId timer) {
  for (sim::Observer* other : others_) other->on_timer_put_off(time, node, timer);
}

bool Measurement::was_printed(const PrintedExpectation& expectation) const {
  return std::any_of(awaited_.begin(), awaited_.end(),
                     [&](const auto& awaited) { return awaited.first == &expectation && awaited.second; });
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

void measure_traffic(const Scenario& scenario, const sim::World& world, analysis::Metrics& metrics) {
  std::map<std::string, sim::TrafficCount> by_kind;
  for (const Group& group : scenario.groups) {
    const auto names = group.protocol->message_kinds();
    const auto sent = world.sent_by_kind(group.plan.first);
    for (std::size_t kind = 0; kind < sent.size(); ++kind) {
      if (sent[kind].datagrams == 0) continue;
      const bool named = kind < names.size() && !names[kind].empty();
      sim::TrafficCount& count = by_kind[named ? std::string(names[kind]) : "kind-" + std::to_string(kind)];
      count.datagrams += sent[kind].datagrams;
      count.bytes += sent[kind].bytes;
    }
  }
  for (const auto& [kind, count] : by_kind) {
    metrics.set("message." + kind + ".count", count.datagrams);
    metrics.set("message." + kind + ".bytes", count.bytes, Unit::bytes);
  }
  const sim::Counters& counters = world.counters();
  metrics.set("messages.sent", counters.sent.datagrams, Unit::count, Better::less);
  metrics.set("messages.delivered", counters.delivered.datagrams);
  metrics.set("messages.bytes", counters.sent.bytes, Unit::bytes, Better::less);
  metrics.set("messages.lost", counters.dropped_loss);
  metrics.set("messages.dropped_queue", counters.dropped_queue, Unit::count, Better::less);
  metrics.set("messages.dropped_partition", counters.dropped_partition);
  metrics.set("messages.dropped_down", counters.dropped_down);
  metrics.set("messages.dropped_buffer", counters.dropped_buffer);
  metrics.set("messages.duplicated", counters.duplicated);
  metrics.set("messages.reordered", counters.reordered);
  metrics.set("messages.corrupted", counters.corrupted);
  metrics.set("events", counters.events);
  measure_streams(world.stream_counters(), metrics);
}

}  // namespace peerbed::scenarios
