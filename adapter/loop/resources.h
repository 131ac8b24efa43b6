#pragma once
// What all nodes of one host share.

#include <array>
#include <cstdint>
#include <functional>
#include <memory>

#include "adapter/base/host_counters.h"
#include "adapter/base/splice_buffer.h"
#include "adapter/base/traffic_shaper.h"
#include "adapter/base/warnings.h"
#include "adapter/crypto/cluster_key.h"
#include "adapter/datagrams/datagrams.h"
#include "adapter/datagrams/peer_quotas.h"
#include "adapter/loop/event_loop.h"
#include "adapter/loop/timer_queue.h"
#include "adapter/loop/workers.h"
#include "host/observer.h"
#include "protocols/environment/effects.h"
#include "protocols/environment/time.h"

namespace peerbed::adapter {

struct Resources {
  Resources(std::size_t threads, const Limits& limits, std::uint64_t seed, EventLoop::Clock::time_point beginning,
            std::shared_ptr<const ClusterKey> secret);

  EventLoop loop;
  Workers workers;
  std::shared_ptr<const ClusterKey> key;  // null: nothing is sealed
  EventLoop::Clock::time_point epoch;     // when the host was created
  std::uint64_t random_key;               // keys the nodes' draws
  PeerQuotas quotas;
  HostCounters counters;
  IncomingDatagrams incoming;
  OutgoingDatagrams outgoing{counters};
  TimerQueue timers;
  static constexpr std::int64_t no_alarm = INT64_MAX;
  std::int64_t alarm = no_alarm;  // when the loop's alarm is due
  Effects effects;
  SpliceBuffer splice_buffer;
  bool handling = false;  // a node's effects are being recorded or carried out
  Observer* observer = nullptr;
  TrafficShaper* shaper = nullptr;
  std::array<bool, warning_count> warned{};
  std::size_t running = 0;          // number of running processes
  std::function<void()> when_idle;  // called when the last process has ended

  // Tells the observer, but only once per warning.
  void warn(NodeIndex node, Warning warning);
  // Makes sure that the loop wakes for the next timer.
  void arm();
  Time now() const noexcept { return Time(std::chrono::duration_cast<Duration>(EventLoop::Clock::now() - epoch)); }
};

}  // namespace peerbed::adapter
