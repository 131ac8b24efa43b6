#pragma once
// One node on a real host, with its process's sockets, timers, disk and randomness. It passes inputs to the node and
// carries out the effects that the node recorded, in that order, all in the loop's thread.

#include <array>
#include <functional>
#include <memory>
#include <optional>
#include <span>
#include <string_view>
#include <vector>

#include "adapter/base/host_counters.h"
#include "adapter/base/open_sockets.h"
#include "adapter/base/traffic_shaper.h"
#include "adapter/datagrams/address_validator.h"
#include "adapter/files/node_content.h"
#include "adapter/loop/event_loop.h"
#include "adapter/streams/node_streams.h"
#include "host/observer.h"
#include "host/timer_slot.h"
#include "protocols/environment/node.h"

namespace peerbed::adapter {

struct Resources;

struct NodeOptions {
  Endpoint listen = Endpoint::ipv4(0x7F000001, 0);  // port 0: the kernel chooses
  // Where others reach it, if that differs. Seals are bound to this endpoint, so with a key 0.0.0.0 needs one.
  std::optional<Endpoint> advertised{};
  std::optional<std::uint32_t> number{};  // keys its draws; by default, its number among the nodes of the host
  ContentOptions content{};
  StreamLimits streams{};
};

class HostedNode : private Watcher, private AddressValidator::Owner {
 public:
  // Opens the sockets; throws std::system_error on failure.
  HostedNode(Resources& resources, NodeIndex index, const NodeOptions& options);
  ~HostedNode() override;
  HostedNode(const HostedNode&) = delete;
  HostedNode& operator=(const HostedNode&) = delete;

  NodeIndex index() const noexcept { return index_; }
  Address address() const noexcept { return address_; }
  const Endpoint& endpoint() const noexcept { return options_.listen; }  // with the port that the kernel chose
  const NodeOptions& options() const noexcept { return options_; }
  bool is_running() const noexcept { return running_; }

  // Actions on the process from outside. Each returns false, and changes nothing, if the process is already running
  // (start) or not running (the others). Starting after a crash or an exit creates a new node at the same endpoint.
  bool start();
  bool crash();  // like SIGKILL: the disk stays, and nobody is told
  bool leave();  // asks the node to leave gracefully; the observer is told when it has left
  bool command(std::string_view line);

  // What its node has sent so far, by Header::kind.
  std::span<const TrafficCount> sent_by_kind() const noexcept { return sent_; }
  virtual std::span<const TraceEventType> trace_events() const noexcept = 0;
  virtual std::span<const std::string_view> message_kinds() const noexcept = 0;

 protected:
  virtual std::size_t timer_count() const noexcept = 0;
  virtual bool accepts_streams() const noexcept = 0;
  virtual void make(Address self) = 0;
  virtual void handle_start(Environment& environment, Start start) = 0;
  virtual void handle_datagram(Environment& environment, Address from, Bytes payload) = 0;
  virtual void handle_timer(Environment& environment, TimerId timer) = 0;
  virtual void handle_command(Environment& environment, std::string_view line) = 0;
  virtual void handle_leave(Environment& environment) = 0;
  virtual void handle_content(Environment& environment, const ContentReady& ready) = 0;
  virtual void handle_stream(Environment& environment, const StreamEvent& event) = 0;

  // Gives the node another kind of input; false if the process is not running.
  bool give(const std::function<void(Environment&)>& handler);

 private:
  friend class Host;

  void open();
  Endpoint known_as() const { return options_.advertised.value_or(options_.listen); }
  void stop(bool killed);
  void on_readable() override;
  void handle_arrival(std::size_t index);
  void answer(const ContentReady& ready);
  void tell(const StreamEvent& event);
  void fire(TimerId timer, std::int64_t queued_for);

  // Runs one handler of the node and carries out what it recorded. Handlers must not throw; if one does, the exception
  // names the node, the time and the event, which `named` describes.
  template <class Named, class Handler>
  void run(Named&& named, Handler&& handler);
  [[noreturn]] void fail(Time now, const std::string& event) const;
  struct EffectExecutor;
  void send(Address to, Bytes payload);
  void transmit(Address to, Bytes datagram) override;
  void transmit_to_unvalidated(const Endpoint& to, Bytes datagram) override;
  void transmit_later(Address to, Bytes datagram, const Departures::Copy& copy);
  void put_out(int socket, Address to, Bytes datagram);
  void put_out(int socket, const Endpoint& to, Bytes datagram);
  void deliver(const Endpoint& from, Bytes payload) override;
  void warn(Warning warning) override;
  void set_timer(TimerId timer, Time now, std::uint64_t delay);

  Resources& resources_;
  NodeIndex index_;
  NodeOptions options_;
  Address address_;
  int family_ = 0;
  std::uint64_t random_key_;
  DrawCounts draws_{};
  bool running_ = false;
  std::unique_ptr<Watch> datagrams_;
  std::optional<AddressValidator> validator_;       // of the running process
  std::shared_ptr<FileDescriptor> late_datagrams_;  // the same socket, kept for delayed datagrams
  FileDescriptor listener_;
  NodeContent content_;
  NodeStreams streams_;
  std::vector<TimerSlot> timers_;
  std::array<TrafficCount, 256> sent_{};
};

}  // namespace peerbed::adapter
