#include "adapter/hosted_node.h"

#include <fcntl.h>
#include <netinet/in.h>

#include <algorithm>
#include <chrono>
#include <new>
#include <stdexcept>
#include <string>

#include "adapter/files/content_names.h"
#include "adapter/loop/resources.h"
#include "host/damage.h"
#include "host/dispatch_effects.h"
#include "host/draw_key.h"
#include "protocols/environment/random.h"

namespace peerbed::adapter {

HostedNode::HostedNode(Resources& resources, NodeIndex index, const NodeOptions& options)
    : resources_(resources),
      index_(index),
      options_(options),
      random_key_(draw_key(resources.random_key, options.number.value_or(index))),
      content_(resources, options.content, [this](const ContentReady& ready) { answer(ready); }),
      streams_(resources, index, content_, options.streams, [this](const StreamEvent& event) { tell(event); }) {}

HostedNode::~HostedNode() = default;

// The kernel may choose the port the first time; a restarted process returns to the same port.
void HostedNode::open() {
  late_datagrams_.reset();
  Sockets sockets = open_sockets(options_.listen, accepts_streams());
  options_.listen = sockets.local;
  family_ = sockets.family;
  address_ = known_as().address();
  datagrams_ = std::make_unique<Watch>(resources_.loop, std::move(sockets.datagrams), static_cast<Watcher&>(*this));
  listener_ = std::move(sockets.listener);
}

// ---------------------------------------------------------------------------------------------------------------------
// Actions from outside

bool HostedNode::start() {
  if (running_) return false;
  if (!datagrams_) open();
  timers_.assign(timer_count(), TimerSlot{});
  running_ = true;
  ++resources_.running;
  make(address_);
  std::optional<DatagramSeal> seal;
  if (resources_.key) seal.emplace(resources_.key, known_as());
  validator_.emplace(static_cast<AddressValidator::Owner&>(*this), resources_.counters,
                     resources_.quotas.limits().address_validation, std::move(seal));
  datagrams_->await_readable();
  streams_.listen(std::move(listener_), options_.listen, known_as());
  const std::vector<ContentKey> stored = content_.start();
  run([] { return "its start"; }, [&](Environment& environment) { handle_start(environment, Start{stored}); });
  resources_.outgoing.flush();
  return true;
}

bool HostedNode::crash() {
  if (!running_) return false;
  stop(true);
  return true;
}

bool HostedNode::leave() {
  if (!running_) return false;
  run([] { return "its leave"; }, [&](Environment& environment) { handle_leave(environment); });
  resources_.outgoing.flush();
  return true;
}

bool HostedNode::command(std::string_view line) {
  return give([&](Environment& environment) { handle_command(environment, line); });
}

// Runs a command, or another input from the program.
bool HostedNode::give(const std::function<void(Environment&)>& handler) {
  if (!running_) return false;
  content_.tell_changes();
  if (!running_) return false;
  run([] { return "a command"; }, handler);
  resources_.outgoing.flush();
  return true;
}

// Ends the process: its sockets, timers and pending disk requests go. Its last state stays.
void HostedNode::stop(bool killed) {
  resources_.outgoing.flush();
  running_ = false;
  timers_.clear();
  datagrams_.reset();
  streams_.end(killed);
  content_.forget_questions();
  if (--resources_.running == 0 && resources_.when_idle) resources_.when_idle();
}

// ---------------------------------------------------------------------------------------------------------------------
// Inputs

void HostedNode::on_readable() {
  const std::size_t count = resources_.incoming.receive(datagrams_->descriptor());
  for (std::size_t i = 0; i < count && running_; ++i) handle_arrival(i);
  resources_.outgoing.flush();
  if (running_) datagrams_->await_readable();
}

void HostedNode::handle_arrival(std::size_t index) {
  if (resources_.incoming.is_cut(index, validator_->maximum_size())) {
    ++resources_.counters.dropped_oversized;
    return resources_.warn(index_, Warning::oversized_datagram);
  }
  const sockaddr_storage& source = resources_.incoming.source(index);
  if (!resources_.quotas.takes_datagram(source, resources_.now())) {
    ++resources_.counters.dropped_rate;
    return resources_.warn(index_, Warning::datagram_rate);
  }
  const auto from = Endpoint::of(source);
  if (!from) {
    ++resources_.counters.dropped_unknown;
    return;
  }
  validator_->arrive(*from, resources_.incoming.payload(index));
}

void HostedNode::deliver(const Endpoint& endpoint, Bytes payload) {
  if (!running_) return;
  const Address from = endpoint.heard_address();
  ++resources_.counters.delivered.datagrams;
  resources_.counters.delivered.bytes += payload.size();
  run([&] { return "a datagram of " + std::to_string(payload.size()) + " bytes from " + to_string(from); },
      [&](Environment& environment) { handle_datagram(environment, from, payload); });
}

// Fires the timer unless it was postponed or cancelled; a postponed timer is queued again.
void HostedNode::fire(TimerId timer, std::int64_t queued_for) {
  if (!running_) return;
  TimerSlot& slot = timers_[timer];
  const TimerSlot::Wake wake = slot.wake(queued_for);
  if (wake == TimerSlot::Wake::queue_again) return resources_.timers.push({slot.due, this, timer});
  if (wake == TimerSlot::Wake::nothing) return;
  run([&] { return "timer " + std::to_string(timer); },
      [&](Environment& environment) { handle_timer(environment, timer); });
  resources_.outgoing.flush();
}

void HostedNode::answer(const ContentReady& ready) {
  run([&] { return "an answer of the disk about content " + content_names::of(ready.key); },
      [&](Environment& environment) { handle_content(environment, ready); });
  resources_.outgoing.flush();
}

void HostedNode::tell(const StreamEvent& event) {
  run([&] { return "an event of stream " + std::to_string(event.stream.value) + " with " + to_string(event.peer); },
      [&](Environment& environment) { handle_stream(environment, event); });
  resources_.outgoing.flush();
}

// ---------------------------------------------------------------------------------------------------------------------
// Effects

// Carries out the effects of one handler.
struct HostedNode::EffectExecutor {
  void send_datagram(Address to, Bytes payload) { process.send(to, payload); }
  void set_timer(TimerId timer, std::uint64_t delay) { process.set_timer(timer, now, delay); }
  void cancel_timer(TimerId timer) { process.timers_[timer].cancel(); }
  void trace(std::uint16_t event, const TraceValues& values) {
    if (observer != nullptr) observer->on_trace(now, process.index_, event, values);
  }
  void print(std::string_view line) {
    if (observer != nullptr) observer->on_line(now, process.index_, line);
  }
  void refuse(std::string_view code, std::string_view sentence) {
    if (observer != nullptr) observer->on_refusal(now, process.index_, code, sentence);
  }
  void apply_content_effect(const Effect& effect, Bytes bytes) { process.content_.apply(effect, bytes); }
  void apply_stream_effect(const Effect& effect, Bytes bytes) { process.streams_.apply(effect, bytes); }

  HostedNode& process;
  Time now;
  Observer* observer;
};

template <class Named, class Handler>
void HostedNode::run(Named&& named, Handler&& handler) {
  PEERBED_CONTRACT(!resources_.handling, "a node is given one input at a time: an observer posts what it wants done");
  resources_.handling = true;
  ++resources_.counters.inputs;
  resources_.effects.clear();
  const Time now = resources_.now();
  Environment environment(now, address_, random_key_, draws_, resources_.effects);
  try {
    handler(environment);
  } catch (const std::exception&) {
    resources_.handling = false;
    fail(now, named());
  }
  EffectExecutor executor{*this, now, resources_.observer};
  const bool exits = dispatch_effects(resources_.effects, executor);
  resources_.handling = false;
  if (!exits) return;
  stop(false);
  if (resources_.observer != nullptr) resources_.observer->on_exit(now, index_);
}

void HostedNode::fail(Time now, const std::string& event) const {
  try {
    throw;
  } catch (const std::bad_alloc&) {
    throw;
  } catch (const std::exception& exception) {
    const auto seconds = std::chrono::duration<double>(now - time_zero).count();
    throw std::runtime_error("node " + to_string(address_) + ", " + std::to_string(seconds) +
                             " s after its host began, at " + event + ": " + exception.what());
  }
}

void HostedNode::send(Address to, Bytes payload) {
  ++resources_.counters.sent.datagrams;
  resources_.counters.sent.bytes += payload.size();
  TrafficCount& kind = sent_[message_kind(payload)];
  ++kind.datagrams;
  kind.bytes += payload.size();
  validator_->send(to, payload);
}

void HostedNode::transmit(Address to, Bytes datagram) {
  if (resources_.shaper == nullptr) return put_out(datagrams_->descriptor(), to, datagram);
  const Departures departures = resources_.shaper->departures(index_, to, datagram.size(), resources_.now());
  for (std::size_t i = 0; i < departures.count; ++i) transmit_later(to, datagram, departures.copy[i]);
}

// Shaping applies only to peers that the scenario knows.
void HostedNode::transmit_to_unvalidated(const Endpoint& to, Bytes datagram) {
  if (resources_.shaper != nullptr) return transmit(to.address(), datagram);
  put_out(datagrams_->descriptor(), to, datagram);
}

// A datagram that has left the node arrives even if its process has ended meanwhile, but not once the next process
// runs.
void HostedNode::transmit_later(Address to, Bytes datagram, const Departures::Copy& copy) {
  std::vector<std::byte> bytes(datagram.begin(), datagram.end());
  if (copy.corruption != 0) flip_bit(bytes, copy.corruption);
  if (copy.delay <= Duration::zero()) return put_out(datagrams_->descriptor(), to, bytes);
  if (!late_datagrams_)
    late_datagrams_ = std::make_shared<FileDescriptor>(::fcntl(datagrams_->descriptor(), F_DUPFD_CLOEXEC, 0));
  resources_.loop.after(copy.delay, [this, socket = std::weak_ptr(late_datagrams_), to, sent = std::move(bytes)] {
    const auto open = socket.lock();
    if (!open) return;
    put_out(open->number(), to, sent);
    resources_.outgoing.flush();
  });
}

void HostedNode::put_out(int socket, Address to, Bytes datagram) {
  if (family_ == AF_INET && !to.is_ipv6() && to) return resources_.outgoing.send(socket, to, datagram);
  const auto endpoint = to ? Endpoint::of(to) : std::nullopt;
  if (endpoint) return put_out(socket, *endpoint, datagram);
  ++resources_.counters.dropped_unknown;
}

void HostedNode::put_out(int socket, const Endpoint& to, Bytes datagram) {
  if (family_ != AF_INET || to.is_ipv4())
    return resources_.outgoing.send(socket, to_socket_address(to, family_), datagram);
  ++resources_.counters.dropped_unknown;
  warn(Warning::other_family);
}

void HostedNode::warn(Warning warning) { resources_.warn(index_, warning); }

void HostedNode::set_timer(TimerId timer, Time now, std::uint64_t delay) {
  PEERBED_CONTRACT(timer < timers_.size(), "a timer is numbered below the node's timer_count");
  constexpr std::uint64_t longest = std::uint64_t{1} << 58;  // nine years, as in a simulated world
  TimerSlot& slot = timers_[timer];
  if (!slot.set(nanoseconds_since_start(now) + static_cast<std::int64_t>(std::min(delay, longest)))) return;
  resources_.timers.push({slot.due, this, timer});
  resources_.arm();
}

}  // namespace peerbed::adapter
