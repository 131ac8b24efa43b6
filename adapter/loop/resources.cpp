#include "adapter/loop/resources.h"

#include "protocols/environment/random.h"

namespace peerbed::adapter {

Resources::Resources(std::size_t threads, const Limits& limits, std::uint64_t seed,
                     EventLoop::Clock::time_point beginning, std::shared_ptr<const ClusterKey> secret)
    : workers(loop, threads),
      key(std::move(secret)),
      epoch(beginning),
      random_key(key_of(seed, std::uint64_t{0})),
      quotas(limits, key_of(seed, std::uint64_t{5})) {}

void Resources::arm() {
  if (timers.empty() || timers.next().due >= alarm) return;
  alarm = timers.next().due;
  loop.set_alarm(epoch + std::chrono::nanoseconds(alarm));
}

void Resources::warn(NodeIndex node, Warning warning) {
  bool& before = warned[static_cast<std::size_t>(warning)];
  if (before || observer == nullptr) return;
  before = true;
  observer->on_warning(now(), node, sentence_of(warning));
}

std::string_view sentence_of(Warning warning) noexcept {
  switch (warning) {
    case Warning::oversized_datagram:
      return "datagrams longer than any of ours arrive, and are dropped";
    case Warning::datagram_rate:
      return "a remote sends more datagrams than it may, and they are dropped";
    case Warning::all_streams:
      return "as many streams are open as may be, and more are refused";
    case Warning::streams_of_remote:
      return "a remote has as many streams as it may, and more are refused";
    case Warning::descriptors:
      return "the process may open no more files, and streams are refused";
    case Warning::backlog:
      return "a peer does not read what is written to it, and its stream is reset";
    case Warning::memory_of_remote:
      return "a remote makes too many bytes wait, and a stream of it is reset";
    case Warning::silent_stream:
      return "a stream was opened on which nothing came, and is reset";
    case Warning::idle_stream:
      return "a stream on which nothing moved for too long is reset";
    case Warning::slow_stream:
      return "a stream on which bytes come too slowly is reset";
    case Warning::unauthentic_datagram:
      return "datagrams arrive that were not sealed for this node with the cluster's key, and are dropped";
    case Warning::replayed_datagram:
      return "datagrams arrive for a second time, and are dropped";
    case Warning::unauthentic_stream:
      return "a stream whose other end does not have the cluster's key, or whose bytes were tampered with, is reset";
    case Warning::other_family:
      return "a datagram to an IPv6 address is dropped, for this node speaks IPv4 alone; listen on [::] for both";
  }
  return {};
}

}  // namespace peerbed::adapter
