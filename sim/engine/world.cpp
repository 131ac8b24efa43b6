#include "sim/engine/world.h"

#include <algorithm>
#include <utility>

#include "host/dispatch_effects.h"
#include "protocols/environment/random.h"
#include "sim/engine/event_state.h"
#include "sim/engine/prefetcher.h"

namespace peerbed::sim {

World::World(const WorldOptions& options)
    : options_(options),
      random_key_(key_of(options.seed, std::uint64_t{0})),
      queue_(options.queue),
      network_(key_of(options.seed, std::uint64_t{1}), options.family),
      disks_(key_of(options.seed, std::uint64_t{3})),
      streams_(options.streams, options.family),
      operations_(options.hashing),
      liars_(options.seed),
      deferred_(options.receive_buffer) {}

World::World(const World&) = default;
World::World(World&&) noexcept = default;
World& World::operator=(const World& other) { return *this = World(other); }
World& World::operator=(World&&) noexcept = default;
World::~World() = default;

void World::add_hosts(std::unique_ptr<NodeArray> population, std::size_t count) {
  hosts_.add(std::move(population), count);
  network_.add_hosts(count);
}

// ---------------------------------------------------------------------------------------------------------------------
// Actions from outside

bool World::start(NodeIndex node) {
  if (status(node) != HostStatus::down) return false;
  try {
    if (hosts_[node].begun) hosts_.population(node).remake(node);
  } catch (...) {
    throw_node_failure({.time = now_, .destination = node, .kind = StepKind::start, .bytes = {}});
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
  // Handles what waited now, one nanosecond apart to keep the order of arrival.
  std::int64_t time = time_of(now_);
  for (Event event : deferred_.take(node)) {
    event.time = time++;
    if (event.kind() == EventKind::timer) {
      TimerSlot& slot = hosts_.population(node).timers(node)[event.value()];
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

bool World::fire_timer(NodeIndex node, TimerId timer) {
  if (status(node) != HostStatus::running) return false;
  const std::span<const TimerSlot> timers = hosts_.population(node).timers(node);
  PEERBED_CONTRACT(timer < timers.size(), "a timer is numbered below the node's timer_count");
  if (timers[timer].due == TimerSlot::unset) return false;
  set_timer(node, timer, 0);
  return true;
}

void World::set_clock(NodeIndex node, Duration offset, std::int64_t drift_ppb) {
  clocks_.set(node, now_, offset, drift_ppb);
  hosts_[node].has_clock = true;
}

void World::set_lying(NodeIndex node, double probability) {
  liars_.set(node, probability);
  hosts_[node].lies = probability > 0;
}

void World::change_content(NodeIndex node, ContentKey key, std::uint64_t seed, std::uint64_t size) {
  PEERBED_CONTRACT(status(node) == HostStatus::running, "a node that is down hears of nothing");
  disks_.replace(node, key, seed, size);
  answer_content(node, operations_.announce_change(key, now_));
}

void World::set_disk(NodeIndex node, const DiskModel& model) {
  HostDisk& disk = disks_.of(node);
  disk.model = model;
  hosts_[node].slow_disk = disk.takes_time();
}

// Ends the process: its timers and unread input go. Its disk and its last state stay.
void World::stop_process(NodeIndex node) {
  hosts_[node].status = HostStatus::down;
  for (TimerSlot& slot : hosts_.population(node).timers(node)) slot.cancel();
  streams_.forget(node);
  for (const Event& event : deferred_.take(node)) release(event);
}

// Frees what an event that reached its host refers to.
void World::release(const Event& event) {
  if (event.kind() == EventKind::datagram) datagrams_.release(event);
  if (event.kind() == EventKind::content) operations_.release(event.value());
}

// ---------------------------------------------------------------------------------------------------------------------
// Time

void World::run_until(Time end) { run_until(end, UINT64_MAX); }

bool World::run_until(Time end, std::uint64_t limit) {
  PEERBED_CONTRACT(end >= now_ && time_of(end) < TimingWheel::maximum_time, "time runs forward, within nine years");
  last_event_ = limit > UINT64_MAX - counters_.events ? UINT64_MAX : counters_.events + limit;
  const Prefetcher prefetcher(queue_, hosts_, datagrams_, streams_, network_);
  const bool prefetches = queue_.has_prospect();
  Event event;
  while (counters_.events < last_event_) {
    if (!queue_.pop_before(time_of(end), event)) {
      now_ = end;
      return true;
    }
    if (prefetches) prefetcher.prefetch_upcoming();
    now_ = Time(Duration(event.time));
    handle(event);
  }
  return false;
}

// ---------------------------------------------------------------------------------------------------------------------
// Events

void World::handle(const Event& event) {
  const HostStatus status = hosts_[event.destination].status;
  switch (event.kind()) {
    case EventKind::datagram_at_link:
    case EventKind::arrival:
      return link_traffic_.move_datagram(link_context(), event);
    case EventKind::link_turn:
      return link_traffic_.take_turn(link_context(), event);
    case EventKind::timer:
      if (!is_due(event)) return;
      return status == HostStatus::paused ? defer(event) : handle_timer(event);
    case EventKind::datagram:
      if (status == HostStatus::paused) return defer(event);
      if (status == HostStatus::running) return handle_datagram(event);
      ++counters_.dropped_down;
      return release(event);
    case EventKind::content:
      if (status == HostStatus::paused) return defer(event);
      if (status == HostStatus::running) return handle_content(event);
      return release(event);
    case EventKind::stream_ready:
      if (status == HostStatus::paused) return defer(event);
      return handle_stream(event);
    case EventKind::segment_at_link:
      if (network_.has_managed() && link_traffic_.takes_segment(link_context(), event)) return;
      return handle_stream(event);
    case EventKind::segment:
    case EventKind::segment_arrival:
    case EventKind::stream_alarm:
      return handle_stream(event);
  }
}

void World::handle_datagram(const Event& event) {
  const Gateways& gateways = network_.gateways();
  const auto [from, to] = gateways.empty() ? Envelope{address_of(event.source), {}} : datagrams_.envelope(event);
  if (!gateways.empty() && !gateways.admits(Transport::udp, event.destination, from, to, now_)) [[unlikely]] {
    ++counters_.dropped_gateway;
    return datagrams_.release(event);
  }
  const Bytes payload = datagrams_.view(event);
  ++counters_.delivered.datagrams;
  counters_.delivered.bytes += payload.size();
  record({now_, event.destination, event.source, event.sequence, StepKind::datagram, 0, payload});
  run_handler(
      event.destination, StepKind::datagram,
      [&, from = from](NodeArray& population, Environment& environment) {
        population.datagram(event.destination, environment, from, payload);
      },
      payload, event.source);
  datagrams_.release(event);
}

// Decides whether the timer behind this event fires now. If it was postponed, queues the event again.
bool World::is_due(const Event& event) {
  TimerSlot& slot = hosts_.population(event.destination).timers(event.destination)[event.value()];
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

void World::handle_content(const Event& event) {
  const NodeIndex node = event.destination;
  std::vector<std::byte> bytes;
  const ContentReady ready = operations_.complete(disks_, node, event.value(), bytes);
  const std::uint32_t outcome =
      ready.action == ContentAction::read ? 0 : (static_cast<std::uint32_t>(ready.action) << 1) | (ready.found ? 1 : 0);
  record({now_, node, node, event.sequence, StepKind::content, outcome, bytes, nullptr, &ready});
  run_handler(node, StepKind::content,
              [&](NodeArray& population, Environment& environment) { population.content(node, environment, ready); });
}

void World::handle_stream(const Event& event) {
  StreamContext context = stream_context();
  EndIndex end = no_end;
  if (event.kind() == EventKind::segment_at_link) return streams_.cross_link(context, event);
  if (event.kind() == EventKind::segment_arrival) return streams_.pass_down_link(context, event);
  if (event.kind() == EventKind::segment) end = streams_.segment(context, event);
  if (event.kind() == EventKind::stream_alarm) end = streams_.alarm(context, event);
  if (event.kind() == EventKind::stream_ready) end = streams_.ready(event);
  if (end == no_end) return;
  const NodeIndex node = event.destination;
  const std::uint32_t generation = streams_.generation(end);
  if (hosts_[node].status == HostStatus::running) {
    streams_.serve(end);
    StreamEvent told;
    while (streams_.generation(end) == generation && streams_.next_event(context, end, told))
      tell_stream(node, network_.gateways().empty() ? node_at(told.peer) : streams_.peer(end), told,
                  streams_.peer_id(end));
    streams_.serve(no_end);
  } else if (hosts_[node].status == HostStatus::paused && streams_.wake(end)) {
    Event later = event;
    later.sequence = hosts_[node].sequence++;
    later.source = node;
    later.what = Event::pack(EventKind::stream_ready, end);
    defer(later);
  }
  if (streams_.generation(end) == generation) streams_.settle(context, end);
}

void World::tell_stream(NodeIndex node, NodeIndex peer, const StreamEvent& event, StreamId peer_stream) {
  const auto kind = static_cast<std::uint32_t>(event.kind);
  record({now_, node, peer, event.stream.value, StepKind::stream, kind, event.bytes, &event, nullptr, peer_stream});
  run_handler(
      node, StepKind::stream,
      [&](NodeArray& population, Environment& environment) { population.stream(node, environment, event); }, {}, peer);
}

void World::defer(const Event& event) {
  const bool is_datagram = event.kind() == EventKind::datagram;
  if (deferred_.add(event, is_datagram ? datagrams_.view(event).size() + network_.datagram_overhead() : 0)) return;
  ++counters_.dropped_buffer;
  release(event);
}

void World::record(Step&& step) {
  ++counters_.events;
  Host& host = hosts_[step.destination];
  step.next_sequence = host.sequence;
  transcript_.step(step, host.history);
}

void World::record_external(NodeIndex node, StepKind kind, Bytes bytes) {
  record({now_, node, no_node, outside_sequence_++, kind, 0, bytes});
}

// ---------------------------------------------------------------------------------------------------------------------
// Effects

// Carries out the effects of one handler.
struct World::EffectExecutor {
  void send_datagram(Address to, Bytes payload) { world.send_datagram(node, to, payload, datagrams++); }
  void set_timer(TimerId timer, std::uint64_t delay) { world.set_timer(node, timer, delay); }
  void cancel_timer(TimerId timer) { world.hosts_.population(node).timers(node)[timer].cancel(); }
  void trace(std::uint16_t event, const TraceValues& values) {
    PEERBED_CONTRACT(event < world.trace_events(node).size(), "a node traces events of its own table, by their index");
    world.transcript_.trace(world.now_, node, event, values, world.hosts_[node].history);
  }
  void print(std::string_view line) { world.transcript_.line(world.now_, node, {}, line, world.hosts_[node].history); }
  void refuse(std::string_view code, std::string_view sentence) {
    world.transcript_.line(world.now_, node, code, sentence, world.hosts_[node].history);
  }
  void apply_content_effect(const Effect& effect, Bytes bytes) {
    const auto pending = world.operations_.begin(world.disks_, node, effect, bytes, world.now_);
    if (pending.has_value()) world.answer_content(node, *pending);
  }
  void apply_stream_effect(const Effect& effect, Bytes bytes) {
    world.apply_stream_effect(node, effect, bytes);
    touches_streams = true;
  }

  World& world;
  NodeIndex node;
  std::uint32_t datagrams = 0;
  bool touches_streams = false;
};

void World::apply_effects(NodeIndex node) {
  EffectExecutor executor{*this, node};
  const bool exits = dispatch_effects(effects_, executor);
  if (executor.touches_streams) {
    StreamContext context = stream_context();
    streams_.flush(context);
  }
  if (!exits) return;
  StreamContext context = stream_context();
  streams_.exit(context, node);
  stop_process(node);
  transcript_.exit(now_, node);
}

void World::send_datagram(NodeIndex source, Address to, Bytes payload, std::uint32_t ordinal) {
  const NodeIndex destination = node_at(to);
  ++counters_.sent.datagrams;
  counters_.sent.bytes += payload.size();
  const std::uint8_t kind = message_kind(payload);
  TrafficCount& sent = hosts_.population(source).sent()[kind];
  ++sent.datagrams;
  sent.bytes += payload.size();
  if (!network_.gateways().empty()) [[unlikely]]
    return send_through_gateways(source, to, payload, ordinal);
  if (destination >= hosts_.size() || to != address_of(destination)) {
    ++counters_.dropped_down;
    return;
  }
  send_to_host({source, destination, payload.size(), now_, ordinal, kind}, payload, nullptr);
}

void World::send_through_gateways(NodeIndex source, Address to, Bytes payload, std::uint32_t ordinal) {
  const auto route = network_.gateways().leave(Transport::udp, source, to, now_);
  const bool leads_to_host = route && route->destination < hosts_.size() &&
                             (network_.gateways().is_nat(to) || to == address_of(route->destination));
  if (!leads_to_host) {
    ++counters_.dropped_gateway;
    return;
  }
  const Envelope envelope{route->from, to};
  send_to_host({source, route->destination, payload.size(), now_, ordinal, message_kind(payload)}, payload, &envelope);
}

void World::send_to_host(const Datagram& datagram, Bytes payload, const Envelope* envelope) {
  const auto [source, destination] = std::pair(datagram.source, datagram.destination);
  const Duration plain = network_.plain_latency();
  if (plain != Duration::zero() && source != destination && !hosts_[source].lies)
    return deliver_later(source, destination, payload, {now_ + plain}, envelope);
  Transit transit = network_.send(datagram);
  counters_.count(transit);
  if (hosts_[source].lies) {
    const std::uint64_t damage = liars_.damage_of_datagram(source, hosts_[source].sequence);
    if (damage != 0) transit.copy[0].corruption = damage;
  }
  for (std::size_t i = 0; i < transit.copies; ++i)
    deliver_later(source, destination, payload, transit.copy[i], envelope);
}

void World::deliver_later(NodeIndex source, NodeIndex destination, Bytes payload, const Transit::Copy& copy,
                          const Envelope* envelope) {
  counters_.corrupted += copy.corruption != 0 && !payload.empty() ? 1 : 0;
  if (queue_.is_late(time_of(copy.arrival))) hosts_.population(destination).prefetch(destination);
  const bool has_downlink = network_.has_downlink(destination);
  const std::uint32_t what = envelope == nullptr ? datagrams_.add(payload, copy, has_downlink)
                                                 : datagrams_.add(payload, copy, has_downlink, *envelope);
  queue_.push(next_event(source, destination, copy.arrival, what));
}

void World::set_timer(NodeIndex node, TimerId timer, std::uint64_t local_delay) {
  const std::span<TimerSlot> timers = hosts_.population(node).timers(node);
  PEERBED_CONTRACT(timer < timers.size(), "a timer is numbered below the node's timer_count");
  TimerSlot& slot = timers[timer];
  constexpr std::uint64_t longest = static_cast<std::uint64_t>(TimingWheel::maximum_time) / 2;
  Duration delay(static_cast<std::int64_t>(std::min(local_delay, longest)));
  if (hosts_[node].has_clock) delay = clocks_.true_delay(node, delay);
  const Event event = next_event(node, node, now_ + delay, Event::pack(EventKind::timer, timer));
  if (!slot.set(event.time)) return transcript_.timer_put_off(now_, node, timer);
  queue_.push(event);
}

void World::answer_content(NodeIndex node, const ContentOperations::Pending& pending) {
  queue_.push(next_event(node, node, pending.due, Event::pack(EventKind::content, pending.slot)));
}

void World::apply_stream_effect(NodeIndex node, const Effect& effect, Bytes bytes) {
  transcript_.stream_effect(now_, node, effect, bytes);
  StreamContext context = stream_context();
  switch (effect.kind) {
    case EffectKind::open_stream:
      return streams_.open(context, node, effect.stream, Address{effect.argument});
    case EffectKind::write_stream:
      return streams_.write(context, node, effect.stream, bytes);
    case EffectKind::send_content: {  // a liar damages the whole range or nothing
      const bool lies = hosts_[node].lies;
      const std::uint64_t damage = lies ? liars_.damage_of_content(node, hosts_[node].sequence++) : 0;
      return streams_.send_content(context, node, effect.stream, range_in(bytes), damage);
    }
    case EffectKind::receive_bytes:
      return streams_.receive(node, effect.stream, {effect.argument, {}, false});
    case EffectKind::receive_content: {
      const ContentRange range = range_in(bytes);
      return streams_.receive(node, effect.stream, {range.size, range, true});
    }
    case EffectKind::close_stream:
      return streams_.close(node, effect.stream);
    default:
      return streams_.reset(context, node, effect.stream);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// The whole state

void World::for_each_under_way(const std::function<void(const Event&, Bytes)>& visit) const {
  const auto show = [&](const Event& event) {
    visit(event, event.kind() <= EventKind::datagram_at_link ? datagrams_.view(event) : Bytes());
  };
  queue_.for_each(show);
  deferred_.for_each(show);
  network_.managed().for_each_packet([&](const QueuedPacket& packet) { show(packet.event); });
}

// Each message and timer takes a number, and one event may cause several. So no node can be near the last number before
// a great many events have been handled.
NodeIndex World::exhausted_node() const noexcept {
  constexpr std::uint32_t nearly_all = UINT32_MAX - (1U << 28);
  if (counters_.events < nearly_all / 64 && counters_.sent.datagrams < nearly_all / 2) return no_node;
  return hosts_.first_beyond(nearly_all);
}

std::uint64_t World::state_digest() const {
  TraceDigest digest;
  std::vector<std::byte> state;
  digest.words(std::array{static_cast<std::uint64_t>(time_of(now_))});
  hosts_.append_state(digest);
  disks_.append_state(digest);
  streams_.append_state(state);
  digest.bytes(state);
  const EventState events(datagrams_, operations_, streams_);
  for (const Event& event : queue_.sorted())
    if (event.kind() != EventKind::timer) events.append(event, digest);  // a timer is in its slot already
  deferred_.for_each([&](const Event& event) { events.append(event, digest); });
  network_.managed().for_each_packet([&](const QueuedPacket& packet) { events.append(packet.event, digest); });
  return digest.value();
}

}  // namespace peerbed::sim
