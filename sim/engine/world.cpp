#include "sim/engine/world.h"

#include <algorithm>
#include <new>

#include "protocols/environment/random.h"
#include "sim/core/out_of_room.h"
#include "sim/engine/node_failure.h"

namespace peerbed::sim {

World::World(const WorldOptions& options)
    : options_(options),
      random_key_(key_of(options.seed, std::uint64_t{0})),
      queue_(options.queue),
      network_(key_of(options.seed, std::uint64_t{1}), options.family),
      disks_(key_of(options.seed, std::uint64_t{3})),
      streams_(options.streams, options.family) {}

World::World(const World& other)
    : options_(other.options_),
      random_key_(other.random_key_),
      now_(other.now_),
      queue_(other.queue_),
      payloads_(other.payloads_),
      hosts_(other.hosts_),
      draws_(other.draws_),
      network_(other.network_),
      disks_(other.disks_),
      streams_(other.streams_),
      hashes_(other.hashes_),
      operations_(other.operations_),
      on_the_way_(other.on_the_way_),
      clocks_(other.clocks_),
      lies_(other.lies_),
      deferred_(other.deferred_),
      outside_sequence_(other.outside_sequence_),
      counters_(other.counters_),
      digest_(other.digest_) {
  for (const auto& population : other.populations_) populations_.push_back(population->clone());
}

void World::add_hosts(std::unique_ptr<NodeArray> population, std::size_t count) {
  Host host;
  host.population = static_cast<std::uint16_t>(populations_.size());
  host.accepts_streams = population->accepts_streams();
  hosts_.insert(hosts_.end(), count, host);
  draws_.resize(hosts_.size());
  populations_.push_back(std::move(population));
  network_.add_hosts(count);
}

// ---------------------------------------------------------------------------------------------------------------------
// Actions from outside

bool World::start(NodeIndex node) {
  if (status(node) != HostStatus::down) return false;
  try {
    if (hosts_[node].begun) population_of(node).remake(node);
  } catch (...) {
    fail({.time = now_, .destination = node, .kind = StepKind::start, .bytes = {}});
  }
  hosts_[node].begun = true;
  hosts_[node].status = HostStatus::running;
  record_external(node, StepKind::start);
  std::vector<ContentKey> stored;
  if (const HostDisk* disk = disks_.find(node); disk != nullptr)
    for (const auto& [key, content] : disk->store.contents) stored.push_back(key);
  run_handler(node, StepKind::start, [&](NodeArray& population, Environment& environment) {
    population.start(node, environment, Start{stored});
  });
  return true;
}

bool World::crash(NodeIndex node, Disk disk) {
  const bool wipe = disk == Disk::wipe;
  if (status(node) == HostStatus::down && !(wipe && disks_.has_content(node))) return false;
  const std::byte how = static_cast<std::byte>(disk);
  record_external(node, StepKind::crash, {&how, 1});
  stop_process(node);
  if (wipe) disks_.wipe(node);
  return true;
}

bool World::leave(NodeIndex node) {
  if (status(node) != HostStatus::running) return false;
  record_external(node, StepKind::leave);
  run_handler(node, StepKind::leave,
              [&](NodeArray& population, Environment& environment) { population.leave(node, environment); });
  return true;
}

bool World::pause(NodeIndex node) {
  if (status(node) != HostStatus::running) return false;
  record_external(node, StepKind::pause);
  hosts_[node].status = HostStatus::paused;
  return true;
}

bool World::resume(NodeIndex node) {
  if (status(node) != HostStatus::paused) return false;
  record_external(node, StepKind::resume);
  hosts_[node].status = HostStatus::running;
  const auto waiting = deferred_.extract(node);
  if (waiting.empty()) return true;
  // Handles what waited now, one nanosecond apart to keep the order of arrival.
  std::int64_t time = time_of(now_);
  for (Event event : waiting.mapped().events) {
    event.time = time++;
    if (event.kind() == EventKind::timer) {
      TimerSlot& slot = population_of(node).timers(node)[event.value()];
      slot.due = slot.queued = event.time;
    }
    queue_.push(event);
  }
  return true;
}

bool World::command(NodeIndex node, std::string_view line) {
  if (status(node) != HostStatus::running) return false;
  record_external(node, StepKind::command, std::as_bytes(std::span(line.data(), line.size())));
  run_handler(
      node, StepKind::command,
      [&](NodeArray& population, Environment& environment) { population.command(node, environment, line); },
      std::as_bytes(std::span(line.data(), line.size())));
  return true;
}

void World::set_clock(NodeIndex node, Duration offset, std::int64_t drift_ppb) {
  clocks_[node] = {.since = now_, .shown = now_ + offset, .drift_ppb = drift_ppb};
  hosts_[node].has_clock = true;
}

void World::set_lying(NodeIndex node, double probability) {
  lies_[node] = probability;
  hosts_[node].lies = probability > 0;
}

// Ends the process: its timers and unread input go. Its disk and its last state stay.
void World::stop_process(NodeIndex node) {
  hosts_[node].status = HostStatus::down;
  for (TimerSlot& slot : population_of(node).timers(node)) slot.cancel();
  streams_.forget(node);
  const auto waiting = deferred_.extract(node);
  if (waiting.empty()) return;
  for (const Event& event : waiting.mapped().events) release(event);
}

// Frees what the event refers to.
void World::release(const Event& event) {
  if (event.kind() <= EventKind::arrival) payloads_.release(event.value());
  if (event.kind() == EventKind::content) operations_.release(event.value());
}

// ---------------------------------------------------------------------------------------------------------------------
// Time

void World::run_until(Time end) { run_until(end, UINT64_MAX); }

bool World::run_until(Time end, std::uint64_t limit) {
  PEERBED_CONTRACT(end >= now_ && time_of(end) < TimingWheel::maximum_time, "time runs forward, within nine years");
  const std::uint64_t last = limit > UINT64_MAX - counters_.events ? UINT64_MAX : counters_.events + limit;
  Event event;
  while (counters_.events < last) {
    if (!queue_.pop_before(time_of(end), event)) {
      now_ = end;
      return true;
    }
    prefetch_upcoming();
    now_ = Time(Duration(event.time));
    handle(event);
  }
  return false;
}

namespace {

// Concerns the stream of a node, as opposed to its host's down-link.
bool concerns_stream(const Event& event) noexcept { return event.kind() >= EventKind::segment; }

}  // namespace

// Prefetches what the next events will touch, in the order in which one leads to the other.
void World::prefetch_upcoming() const noexcept {
  const std::span<const Event> upcoming = queue_.upcoming();
  const auto event_after = [upcoming](std::size_t others) {
    return others < upcoming.size() ? &upcoming[others] : nullptr;
  };
  if (queue_.came_late()) {  // true of most datagrams: their nodes were prefetched when they were sent
    if (const Event* event = event_after(3); event != nullptr && event->kind() <= EventKind::content)
      population_of(event->destination).prefetch_further(event->destination);
    return;
  }
  if (const Event* event = event_after(20)) __builtin_prefetch(&hosts_[event->destination]);
  if (const Event* event = event_after(15)) {
    if (event->kind() <= EventKind::content) {
      population_of(event->destination).prefetch(event->destination);
      if (event->kind() <= EventKind::arrival) payloads_.prefetch(event->value());
    } else {
      streams_.prefetch(*event);
      if (event->kind() == EventKind::segment_arrival) network_.prefetch_downlink(event->destination);
    }
  }
  if (const Event* event = event_after(10)) {
    if (event->kind() <= EventKind::content) {
      population_of(event->destination).prefetch_further(event->destination);
    } else if (concerns_stream(*event)) {
      streams_.prefetch_end(*event);
      population_of(event->destination).prefetch(event->destination);
    }
  }
  if (const Event* event = event_after(6); event != nullptr && concerns_stream(*event)) {
    streams_.prefetch_further(*event);
    population_of(event->destination).prefetch_further(event->destination);
  }
  if (const Event* event = event_after(3); event != nullptr && concerns_stream(*event))
    population_of(event->destination).prefetch_stream(event->destination, streams_.id_of(*event));
}

Time World::local_time(NodeIndex node) const {
  if (!hosts_[node].has_clock) return now_;
  const LocalClock& clock = clocks_.at(node);
  __extension__ using Wide = __int128;
  const Duration elapsed = now_ - clock.since;
  const auto gained = static_cast<Wide>(elapsed.count()) * clock.drift_ppb / 1'000'000'000;
  return clock.shown + elapsed + Duration(static_cast<std::int64_t>(gained));
}

// How long a delay measured by the node's own clock really takes, rounded up.
Duration World::true_delay(NodeIndex node, std::uint64_t local_delay) const {
  constexpr std::uint64_t longest = static_cast<std::uint64_t>(TimingWheel::maximum_time) / 2;
  const std::uint64_t bounded = std::min(local_delay, longest);
  if (!hosts_[node].has_clock) return Duration(static_cast<std::int64_t>(bounded));
  __extension__ using Wide = __int128;
  constexpr Wide billion = 1'000'000'000;
  const Wide rate = billion + clocks_.at(node).drift_ppb;
  return Duration(static_cast<std::int64_t>((static_cast<Wide>(bounded) * billion + rate - 1) / rate));
}

// ---------------------------------------------------------------------------------------------------------------------
// Events

void World::handle(const Event& event) {
  const HostStatus status = hosts_[event.destination].status;
  switch (event.kind()) {
    case EventKind::arrival:
      return handle_arrival(event);
    case EventKind::datagram_at_link:
      return handle_datagram_at_link(event);
    case EventKind::timer:
      if (!is_due(event)) return;
      return status == HostStatus::paused ? defer(event) : handle_timer(event);
    case EventKind::datagram:
      if (status == HostStatus::paused) return defer(event);
      if (status == HostStatus::running) return handle_datagram(event);
      ++counters_.dropped_down;
      return payloads_.release(event.value());
    case EventKind::content:
      if (status == HostStatus::paused) return defer(event);
      if (status == HostStatus::running) return handle_content(event);
      return release(event);
    case EventKind::stream_ready:
      if (status == HostStatus::paused) return defer(event);
      return handle_stream(event);
    case EventKind::segment:
    case EventKind::segment_arrival:
    case EventKind::segment_at_link:
    case EventKind::stream_alarm:
      return handle_stream(event);
  }
}

void World::handle_datagram(const Event& event) {
  const Bytes payload = payloads_.view(event.value());
  ++counters_.delivered.datagrams;
  counters_.delivered.bytes += payload.size();
  record({now_, event.destination, event.source, event.sequence, StepKind::datagram, 0, payload});
  run_handler(
      event.destination, StepKind::datagram,
      [&](NodeArray& population, Environment& environment) {
        population.datagram(event.destination, environment, address_of(event.source), payload);
      },
      payload, event.source);
  payloads_.release(event.value());
}

// Goes on to the next link of its route, or to the host. The event keeps its sequence number: it is the same datagram.
void World::handle_datagram_at_link(Event event) {
  OnTheWay& datagram = on_the_way_[event.value()];
  Time at = now_;
  const bool taken = network_.cross(datagram.link, event.destination, payloads_.view(datagram.payload).size(), at);
  event.time = time_of(at);
  if (taken && datagram.link != no_link) return queue_.push(event);
  const std::uint32_t payload = datagram.payload;
  on_the_way_.release(event.value());
  if (!taken) {
    ++counters_.dropped_queue;
    return payloads_.release(payload);
  }
  event.what = Event::pack(arrival_kind(event.destination), payload);
  queue_.push(event);
}

void World::handle_arrival(Event event) {
  const auto [dropped, through] = network_.receive(event.destination, payloads_.view(event.value()).size(), now_);
  if (dropped != DropCause::none) {
    ++counters_.dropped_queue;
    return payloads_.release(event.value());
  }
  event.time = time_of(through);
  event.what = Event::pack(EventKind::datagram, event.value());
  queue_.push(event);
}

// Decides whether the timer behind this event fires now. If it was postponed, queues the event again.
bool World::is_due(const Event& event) {
  TimerSlot& slot = population_of(event.destination).timers(event.destination)[event.value()];
  const TimerSlot::Wake wake = slot.wake(event.time);
  if (wake == TimerSlot::Wake::queue_again) {
    Event later = event;
    later.time = slot.due;
    queue_.push(later);
  }
  return wake == TimerSlot::Wake::fire;
}

void World::handle_timer(const Event& event) {
  record({now_, event.destination, event.destination, event.sequence, StepKind::timer, event.value(), {}});
  run_handler(
      event.destination, StepKind::timer,
      [&](NodeArray& population, Environment& environment) {
        population.timer(event.destination, environment, static_cast<TimerId>(event.value()));
      },
      {}, event.destination, event.value());
}

void World::defer(const Event& event) {
  Deferred& waiting = deferred_[event.destination];
  if (event.kind() == EventKind::datagram) {
    const std::size_t size = payloads_.view(event.value()).size() + network_.datagram_overhead();
    if (waiting.datagram_bytes + size > options_.receive_buffer) {
      ++counters_.dropped_buffer;
      return payloads_.release(event.value());
    }
    waiting.datagram_bytes += size;
  }
  waiting.events.push_back(event);
}

void World::fail(const Step& step) {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const OutOfRoom&) {
    throw;
  } catch (const std::exception& exception) {
    throw NodeFailure(step, exception.what());
  } catch (...) {
    throw NodeFailure(step, "of a type of its own");
  }
}

void World::record(Step step) {
  ++counters_.events;
  const std::uint64_t kind = static_cast<std::uint64_t>(step.kind) | (static_cast<std::uint64_t>(step.timer) << 8) |
                             (static_cast<std::uint64_t>(step.bytes.size()) << 32);
  const std::array<std::uint64_t, 4> words{static_cast<std::uint64_t>(time_of(step.time)),
                                           (static_cast<std::uint64_t>(step.destination) << 32) | step.source,
                                           step.sequence, kind};
  digest_.words(words);
  digest_.bytes(step.bytes);
  if (observer_ == nullptr) return;
  step.next_sequence = hosts_[step.destination].sequence;
  observer_->on_step(step);
}

void World::record_external(NodeIndex node, StepKind kind, Bytes bytes) {
  record({now_, node, no_node, outside_sequence_++, kind, 0, bytes});
}

void World::for_each_under_way(const std::function<void(const Event&, Bytes)>& visit) const {
  const auto show = [&](const Event& event) {
    if (event.kind() <= EventKind::arrival) return visit(event, payloads_.view(event.value()));
    if (event.kind() == EventKind::datagram_at_link)
      return visit(event, payloads_.view(on_the_way_[event.value()].payload));
    visit(event, {});
  };
  queue_.for_each(show);
  for (const auto& [node, waiting] : deferred_) std::for_each(waiting.events.begin(), waiting.events.end(), show);
}

// Each message and timer takes a number, and one event may cause several. So no node can be near the last number before
// a great many events have been handled.
NodeIndex World::exhausted_node() const noexcept {
  constexpr std::uint32_t nearly_all = UINT32_MAX - (1U << 28);
  if (counters_.events < nearly_all / 64 && counters_.sent.datagrams < nearly_all / 2) return no_node;
  const auto found =
      std::find_if(hosts_.begin(), hosts_.end(), [](const Host& host) { return host.sequence > nearly_all; });
  return found == hosts_.end() ? no_node : static_cast<NodeIndex>(found - hosts_.begin());
}

std::uint64_t World::state_digest() const {
  TraceDigest digest;
  std::vector<std::byte> state;
  const auto word = [&digest](std::uint64_t value) { digest.words(std::array{value}); };
  word(static_cast<std::uint64_t>(time_of(now_)));
  for (NodeIndex node = 0; node < hosts_.size(); ++node) {
    const Host& host = hosts_[node];
    word((static_cast<std::uint64_t>(host.sequence) << 8) | static_cast<std::uint64_t>(host.status));
    digest.bytes(std::as_bytes(std::span(draws_[node])));
    state.clear();
    population_of(node).append_state(node, state);
    digest.bytes(state);
    for (const TimerSlot& slot : population_of(node).timers(node)) word(static_cast<std::uint64_t>(slot.due));
  }
  append_disks(digest);
  state.clear();
  streams_.append_state(state);
  digest.bytes(state);
  const auto add_event = [&](const Event& event) {
    digest.words(std::array{static_cast<std::uint64_t>(event.time),
                            (static_cast<std::uint64_t>(event.destination) << 32) | event.source,
                            std::uint64_t{event.sequence}});
    if (event.kind() <= EventKind::arrival) digest.bytes(payloads_.view(event.value()));
    if (event.kind() == EventKind::datagram_at_link) {
      word(on_the_way_[event.value()].link);
      digest.bytes(payloads_.view(on_the_way_[event.value()].payload));
    }
    if (event.kind() == EventKind::content) {
      const ContentOperation& operation = operations_[event.value()];
      digest.words(std::array{static_cast<std::uint64_t>(operation.action), operation.range.content.value,
                              operation.range.offset, operation.range.size});
      digest.bytes(std::as_bytes(std::span(operation.name)));
    }
    state.clear();
    if (event.kind() >= EventKind::segment_at_link && event.kind() <= EventKind::segment)
      streams_.append_segment_state(event, state);
    digest.bytes(state);
  };
  for (const Event& event : queue_.sorted())
    if (event.kind() != EventKind::timer) add_event(event);  // a timer is in its slot already
  for (const auto& [node, waiting] : deferred_)
    for (const Event& event : waiting.events) add_event(event);
  return digest.value();
}

}  // namespace peerbed::sim
