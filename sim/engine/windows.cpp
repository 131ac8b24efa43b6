#include "sim/engine/windows.h"

#include <algorithm>
#include <string>

#include "sim/core/out_of_room.h"
#include "sim/engine/event_handler.h"

namespace peerbed::sim {

namespace {

// Then it is decided anew whether all threads take part.
constexpr std::uint64_t windows_in_batch = 256;
constexpr std::int64_t no_window = 0;
// A lane that handles more in one window does not get on: its nodes keep sending or waking within an instant.
constexpr std::uint64_t most_in_window = 10'000'000;
constexpr std::uint64_t most_in_window_of_a_host = 100;

}  // namespace

void receive(Commons& commons, std::span<Lane> lanes, Lane& lane, unsigned parity) {
  for (Lane& other : lanes)
    other.outboxes[parity][lane.index].empty([&](Event event, EventKind kind, Bytes payload) {
      if (lane.queue.is_late(event.time)) commons.hosts.population(event.destination).prefetch(event.destination);
      event.what = lane.datagrams.take_over(payload, kind);
      lane.queue.push(event);
    });
  for (Lane& other : lanes) lane.streams.take(other.stream_outboxes[parity][lane.index], lane.queue);
}

Windows::Windows(Commons& commons, std::span<Lane> lanes, Duration lookahead, Workers& workers)
    : commons_(commons),
      lanes_(lanes),
      lookahead_(lookahead),
      workers_(workers),
      listeners_{lanes.front().transcript.observer(), commons.network.link_observer()},
      shown_(lanes.front().transcript.shown()),
      link_watch_(*this),
      most_in_window_(std::max(most_in_window, most_in_window_of_a_host * commons.hosts.size())),
      progress_(lanes.size()) {}

void Windows::run_until(std::int64_t end, bool& wakes) {
  end_ = end;
  if (listeners_.links != nullptr) commons_.network.observe_links(&link_watch_);
  for (std::size_t i = 0; i < lanes_.size(); ++i) progress_[i].next[parity_ ^ 1U] = lanes_[i].queue.next_time();
  const std::uint64_t worth = commons_.options.events_worth_waking;
  if (worth == 0) wakes = true;
  while (end_of_next(parity_ ^ 1U) != no_window) {
    const std::uint64_t before = events();
    count_ = 0;
    if (wakes) {
      Barrier barrier(lanes_.size(), Workers::have_cores(lanes_.size()));
      workers_.run(lanes_.size(), [&](std::size_t lane) { take_part(lane, barrier); });
    } else {
      run_alone();
    }
    parity_ ^= static_cast<unsigned>(count_ & 1);
    wakes = events() - before >= count_ * worth;
  }
  finish();
}

// The end of the window after one of this parity, or no_window if nothing is left to do. All lanes come to the same
// answer: what they read here is not changed before they have met again.
std::int64_t Windows::end_of_next(unsigned last) const noexcept {
  std::int64_t first = INT64_MAX;
  for (const Progress& progress : progress_) {
    if (progress.failed[last]) return no_window;
    first = std::min(first, progress.next[last]);
  }
  return first < end_ ? std::min(first + lookahead_.count(), end_) : no_window;
}

void Windows::take_part(std::size_t lane, Barrier& barrier) {
  std::uint64_t count = 0;
  for (unsigned parity = parity_; count < windows_in_batch; ++count, parity ^= 1U) {
    const std::int64_t window_end = end_of_next(parity ^ 1U);
    if (window_end == no_window) break;
    if (lane == 0) tell_last(parity ^ 1U);
    step(lane, parity, window_end);
    barrier.arrive_and_wait();
  }
  if (lane == 0) count_ = count;
}

void Windows::run_alone() {
  for (unsigned parity = parity_; count_ < windows_in_batch; ++count_, parity ^= 1U) {
    const std::int64_t window_end = end_of_next(parity ^ 1U);
    if (window_end == no_window) return;
    tell_last(parity ^ 1U);
    for (std::size_t lane = 0; lane < lanes_.size(); ++lane) step(lane, parity, window_end);
  }
}

void Windows::step(std::size_t index, unsigned parity, std::int64_t window_end) noexcept {
  Lane& lane = lanes_[index];
  Progress& progress = progress_[index];
  try {
    receive(commons_, lanes_, lane, parity ^ 1U);
    lane.parity = static_cast<std::uint8_t>(parity);
    lane.last_event = lane.counters.events + most_in_window_;
    LaneLog* const log = has_listeners() ? &lane.logs[parity] : nullptr;
    lane.transcript.observe(listeners_.nodes == nullptr ? nullptr : log, shown_);
    if (!EventHandler(commons_, lane).run(window_end, log))
      throw OutOfRoom("time stands still: more than " + std::to_string(most_in_window_) + " events happened within " +
                      std::to_string(lookahead_.count()) + " ns");
  } catch (...) {
    if (!progress.failure) progress.failure = std::current_exception();
  }
  progress.next[parity] = lane.queue.next_time();
  for (const Outbox& outbox : lane.outboxes[parity])
    progress.next[parity] = std::min(progress.next[parity], outbox.earliest());
  for (const StreamOutbox& outbox : lane.stream_outboxes[parity])
    progress.next[parity] = std::min(progress.next[parity], outbox.earliest());
  progress.failed[parity] = progress.failure != nullptr;
}

LaneLog& Windows::LinkWatch::log_of(NodeIndex host) noexcept {
  Lane& lane = windows_.lanes_[windows_.commons_.lane_of[host]];
  return lane.logs[lane.parity];
}

void Windows::tell(unsigned parity, const Event* last) {
  if (!has_listeners()) return;
  std::array<LaneLog*, maximum_lanes> logs{};
  for (Lane& lane : lanes_) logs[lane.index] = &lane.logs[parity];
  tell_in_order(std::span(logs).first(lanes_.size()), listeners_, last);
  for (Lane& lane : lanes_) lane.logs[parity].clear();
}

// Tells the observer of the window before, while the other lanes go on.
void Windows::tell_last(unsigned parity) noexcept {
  try {
    tell(parity, nullptr);
  } catch (...) {
    progress_[0].failure = std::current_exception();
    progress_[0].observer_failed = true;
  }
}

const Windows::Progress* Windows::first_failure() const noexcept {
  if (progress_[0].observer_failed) return &progress_[0];
  const Progress* first = nullptr;
  for (const Progress& progress : progress_) {
    if (!progress.failure) continue;
    const auto event_of = [this](const Progress* of) -> const Event& { return lanes_[of - progress_.data()].current; };
    if (first == nullptr || is_earlier(event_of(&progress), event_of(first))) first = &progress;
  }
  return first;
}

std::uint64_t Windows::events() const noexcept {
  std::uint64_t events = 0;
  for (const Lane& lane : lanes_) events += lane.counters.events;
  return events;
}

// All lanes stand: the observer hears of the last window, and the first lane gets what the others have counted.
void Windows::finish() {
  const unsigned last = parity_ ^ 1U;
  const Progress* const failed = first_failure();
  const Event* const last_event = failed == nullptr ? nullptr : &lanes_[failed - progress_.data()].current;
  if (failed == nullptr || !failed->observer_failed) tell(last, last_event);
  if (listeners_.links != nullptr) commons_.network.observe_links(listeners_.links);
  Lane& first = lanes_.front();
  for (Lane& lane : lanes_) {
    receive(commons_, lanes_, lane, last);
    for (LaneLog& log : lane.logs) log.clear();
    lane.last_event = UINT64_MAX;
    lane.transcript.observe(listeners_.nodes, shown_);
    lane.now = Time(Duration(failed == nullptr ? end_ : last_event->time));
    if (&lane == &first) continue;
    first.counters.add(lane.counters);
    lane.counters = {};
    first.streams.counters().add(lane.streams.counters());
    lane.streams.counters() = {};
    for (std::size_t population = 0; population < lane.sent.size(); ++population)
      for (std::size_t kind = 0; kind < lane.sent[population].size(); ++kind) {
        first.sent[population][kind].add(lane.sent[population][kind]);
        lane.sent[population][kind] = {};
      }
  }
  if (failed != nullptr) std::rethrow_exception(failed->failure);
}

}  // namespace peerbed::sim
