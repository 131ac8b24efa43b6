#include "scenarios/protocol/value_history.h"

#include <algorithm>
#include <optional>
#include <string_view>

namespace peerbed::scenarios {
namespace {

using analysis::Operation;

constexpr std::size_t absent = maximum_trace_fields;

std::size_t place_of(const TraceEventType& type, std::string_view field) noexcept {
  for (std::size_t i = 0; i < type.field_count(); ++i)
    if (type.fields[i].name == field) return i;
  return absent;
}

}  // namespace

// The fields of each role, in the order in which they are read.
ValueHistory::Event ValueHistory::event_of(const TraceEventType& type) noexcept {
  const auto with = [&type](Role role, std::size_t required, std::array<std::string_view, 4> fields) {
    Event event{role, {}};
    for (std::size_t i = 0; i < fields.size(); ++i) {
      event.fields[i] = place_of(type, fields[i]);
      if (i < required && event.fields[i] == absent) return Event{};
    }
    return event;
  };
  if (type.name == "put.begun") return with(Role::put_begun, 2, {"operation", "key", "until", "time"});
  if (type.name == "value.acknowledged") return with(Role::acknowledged, 1, {"operation"});
  if (type.name == "get.begun") return with(Role::get_begun, 2, {"operation", "key"});
  if (type.name == "get.returned") return with(Role::get_returned, 3, {"operation", "put", "time"});
  return {};
}

bool ValueHistory::is_traced(std::span<const TraceEventType> events) noexcept {
  return std::count_if(events.begin(), events.end(),
                       [](const TraceEventType& type) { return event_of(type).role != Role::none; }) == 4;
}

ValueHistory::ValueHistory(std::span<const TraceEventType> events, Gets gets) : gets_kept_(gets) {
  if (!is_traced(events)) return;
  for (const TraceEventType& type : events) events_.push_back(event_of(type));
}

void ValueHistory::note(Time now, NodeIndex node, std::uint16_t type, const TraceValues& values) {
  if (type >= events_.size() || events_[type].role == Role::none) return;
  const Event& event = events_[type];
  const auto value = [&](std::size_t field) { return values[event.fields[field]]; };
  const bool has_lifetime = event.fields[2] != absent && event.fields[3] != absent;
  switch (event.role) {
    case Role::put_begun:
      return begin_put(now, node, value(0), value(1), has_lifetime ? value(2) : UINT64_MAX,
                       has_lifetime ? value(3) : 0);
    case Role::acknowledged:
      return acknowledge(now, value(0));
    case Role::get_begun:
      return begin_get(now, node, value(0), value(1));
    case Role::get_returned:
      return end_get(now, value(0), value(1), value(2) != 0);
    case Role::none:
      return;
  }
}

void ValueHistory::begin_put(Time now, NodeIndex node, std::uint64_t operation, std::uint64_t key, std::uint64_t until,
                             std::uint64_t time) {
  if (puts_.size() >= maximum_operations_watched) {
    is_complete_ = false;
    ++unwatched_;
    return;
  }
  if (puts_.contains(operation)) return;
  Operation put{.process = node, .value = operation, .invoked = now};
  if (until != UINT64_MAX) put.gone = now + Duration(until > time ? static_cast<std::int64_t>(until - time) : 0);
  puts_[operation] = {key, histories_[key].add(put)};
}

void ValueHistory::acknowledge(Time now, std::uint64_t operation) {
  const auto put = puts_.find(operation);
  if (put != puts_.end()) histories_[put->second.key].acknowledge(put->second.index, now);
}

void ValueHistory::begin_get(Time now, NodeIndex node, std::uint64_t operation, std::uint64_t key) {
  const bool is_full =
      gets_kept_ == Gets::kept ? begun_gets_ >= maximum_operations_watched : gets_.size() >= maximum_operations_watched;
  if (is_full || !is_complete_) {
    ++unwatched_;
    return;
  }
  ++begun_gets_;
  gets_[operation] = {key, {.kind = Operation::Kind::get, .process = node, .invoked = now}};
}

void ValueHistory::end_get(Time now, std::uint64_t operation, std::uint64_t put, bool finds) {
  const auto found = gets_.find(operation);
  if (found == gets_.end()) return;
  Get get = found->second;
  gets_.erase(found);
  get.operation.answered = now;
  get.operation.value = put;
  get.operation.finds = finds;
  if (!is_complete_) {
    ++unwatched_;
  } else if (gets_kept_ == Gets::kept) {
    histories_[get.key].add(get.operation);
  } else if (ended_.size() < maximum_operations_watched) {
    ended_.push_back(get);
  } else {
    ++unwatched_;
  }
}

ValueHistory::WrongGets ValueHistory::take_wrong_gets() {
  WrongGets wrong;
  for (const Get& get : ended_) {
    const analysis::Flaw flaw = histories_[get.key].reading_of(get.operation).flaw;
    if (flaw == analysis::Flaw::none || wrong.count++ > 0) continue;
    wrong.first = "a get of key " + std::to_string(get.key) + " " + std::string(phrase_of(flaw));
  }
  ended_.clear();
  return wrong;
}

}  // namespace peerbed::scenarios
