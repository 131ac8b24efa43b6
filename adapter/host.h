#pragma once
// The real host: one thread and one event loop that drive any number of nodes over UDP, TCP and the disk. It is the
// counterpart of sim::World and keeps the same contract. Call it from the loop's thread, or while the loop does not
// run; post(), stop() and interrupt() may be called from any thread.

#include <functional>
#include <memory>
#include <optional>
#include <vector>

#include "adapter/base/limits.h"
#include "adapter/base/traffic_shaper.h"
#include "adapter/crypto/cluster_key.h"
#include "adapter/hosted_node_of.h"

namespace peerbed::adapter {

struct HostOptions {
  std::optional<std::uint64_t> seed{};  // keys the nodes' draws; by default random
  // The beginning of its nodes' time, which hosts of one experiment share. Without one: when the host was created.
  std::optional<EventLoop::Clock::time_point> epoch{};
  Limits limits{};
  // Seals everything that the nodes send and makes them ignore everybody else; without one nothing is sealed.
  std::shared_ptr<const ClusterKey> key{};
  std::size_t workers = 2;                           // threads for hashing and for the disk
  Duration leave_timeout = std::chrono::seconds(5);  // for nodes that an interrupt asks to leave
};

class Host {
 public:
  // From then on SIGPIPE is ignored, unless the program handles it.
  explicit Host(const HostOptions& options = {});
  ~Host();
  Host(const Host&) = delete;
  Host& operator=(const Host&) = delete;

  // Adds a node that is down, with its sockets open, so that its address is known. It lives as long as the host. Throws
  // std::system_error if the endpoint or the directory is unavailable.
  template <Node N>
  HostedNodeOf<N>& add(const NodeOptions& options, typename HostedNodeOf<N>::Make make) {
    auto process = std::make_unique<HostedNodeOf<N>>(*resources_, static_cast<NodeIndex>(processes_.size()), options,
                                                     std::move(make));
    HostedNodeOf<N>& added = *process;
    adopt(std::move(process));
    return added;
  }
  std::size_t size() const noexcept { return processes_.size(); }
  HostedNode& process(NodeIndex index) { return *processes_[index]; }

  // Drives the nodes until the last one has exited or crashed, or until stop().
  void run();
  // Drives them until `done` returns true; it is called after each event. Returns false if the limit passed first.
  bool run_until(const std::function<bool()>& done, Duration limit);
  void run_for(Duration duration);

  void stop() noexcept;
  void post(std::function<void()> action);
  // Runs once, in the loop's thread.
  void after(Duration delay, std::function<void()> action);
  // Calls `readable` in the loop's thread whenever there is something to read (or the end), as long as the host lives.
  // The caller keeps the descriptor. Throws std::system_error for anything that cannot be polled, such as a regular
  // file.
  void watch(int descriptor, std::function<void()> readable);
  // Asks all nodes to leave gracefully, and stops when they have left or leave_timeout has passed; a second call stops
  // at once. May be called by a signal handler.
  void interrupt() noexcept;

  Time now() const noexcept;
  const HostCounters& counters() const noexcept;
  std::size_t open_streams() const noexcept;  // of all nodes, at present
  // Not owned.
  void observe(Observer* observer) noexcept;
  void impose(TrafficShaper* shaper) noexcept;

 private:
  class Reading;

  void adopt(std::unique_ptr<HostedNode> process);
  void fire_due_timers();
  void handle_interrupt();

  HostOptions options_;
  std::unique_ptr<Resources> resources_;
  int interruption_ = -1;  // an eventfd, which a signal handler may write to
  std::vector<std::unique_ptr<Reading>> readings_;
  std::vector<std::unique_ptr<HostedNode>> processes_;
  bool is_leaving_ = false;
};

}  // namespace peerbed::adapter
