#include "scenarios/ring/value_history.h"

#include <algorithm>

namespace peerbed::scenarios {

namespace {
// Clocks may be a little off, and an answer is a moment on its way: so much before or after its end a value may be
// returned or missed.
constexpr Duration tolerance = std::chrono::seconds(5);
}  // namespace

void ValueHistory::note(Time now, ring::TraceEvent event, const TraceValues& values) {
  if (event == ring::TraceEvent::put_begun) return begin_put(now, values);
  if (event == ring::TraceEvent::value_acknowledged) return acknowledge(now, values[2]);
  if (event == ring::TraceEvent::get_begun) {
    if (gets_.size() < maximum_operations_watched) gets_[values[0]] = {now, registers_[ring::Key{values[1]}].settled};
    return;
  }
  if (event == ring::TraceEvent::get_returned) end_get(now, values[0], ring::Key{values[1]}, values[3], values[2] != 0);
}

void ValueHistory::begin_put(Time now, const TraceValues& values) {
  if (puts_.size() >= maximum_operations_watched) {
    is_complete_ = false;
    return;
  }
  const auto [operation, key, until, time] = values;
  Put put{.key = ring::Key{key}, .begun = now, .lifetime = std::nullopt};
  if (until != UINT64_MAX) {
    put.lifetime = Duration(until > time ? static_cast<std::int64_t>(until - time) : 0);
    registers_[put.key].passing.push_back(operation);
  }
  puts_[operation] = put;
}

void ValueHistory::acknowledge(Time now, std::uint64_t operation) {
  const auto put = puts_.find(operation);
  if (put == puts_.end()) return;
  put->second.acknowledged = std::min(put->second.acknowledged, now);
  Time& settled = registers_[put->second.key].settled;
  settled = std::max(settled, put->second.begun);
}

void ValueHistory::end_get(Time now, std::uint64_t operation, ring::Key key, std::uint64_t put, bool is_here) {
  const auto found = gets_.find(operation);
  if (found == gets_.end()) return;
  const Get get = found->second;
  gets_.erase(found);
  if (!is_complete_) return;
  const std::string flaw = is_here ? flaw_of_value(get, key, put) : flaw_of_absence(now, get, key);
  if (flaw.empty()) return;
  if (wrong_++ == 0) first_wrong_ = "a get of key " + std::to_string(key.value) + " " + flaw;
}

// An empty text when the get may return this put's value.
std::string ValueHistory::flaw_of_value(const Get& get, ring::Key key, std::uint64_t operation) const {
  const auto found = puts_.find(operation);
  if (found == puts_.end() || found->second.key != key) return "returned a value that was never put";
  const Put& put = found->second;
  if (put.acknowledged < get.settled) return "returned an older value than one acknowledged before the get started";
  if (put.lifetime && put.begun + *put.lifetime + tolerance < get.begun) return "returned an expired value";
  return {};
}

std::string ValueHistory::flaw_of_absence(Time now, const Get& get, ring::Key key) const {
  if (get.settled == Time::min()) return {};
  const std::vector<std::uint64_t>& passing = registers_.at(key).passing;
  const bool may_be_gone = std::any_of(passing.begin(), passing.end(), [&](std::uint64_t operation) {
    const Put& put = puts_.at(operation);
    return put.acknowledged >= get.settled && put.begun + *put.lifetime <= now + tolerance;
  });
  return may_be_gone ? "" : "found nothing, although a put was acknowledged before the get started";
}

}  // namespace peerbed::scenarios
