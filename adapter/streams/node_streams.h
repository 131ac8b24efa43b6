#pragma once
// All streams of one node: opens and accepts them, carries out the node's requests, and passes events to it.

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <vector>

#include "adapter/base/endpoint.h"
#include "adapter/base/traffic_shaper.h"
#include "adapter/base/warnings.h"
#include "adapter/loop/event_loop.h"
#include "adapter/streams/stream.h"
#include "adapter/streams/stream_limits.h"
#include "host/observer.h"
#include "protocols/environment/effects.h"

namespace peerbed::adapter {

class NodeContent;
struct Resources;

class NodeStreams : private Watcher {
 public:
  using Tell = std::function<void(const StreamEvent&)>;

  // `tell` is called in the loop's thread, never from within apply().
  NodeStreams(Resources& resources, NodeIndex node, NodeContent& content, const StreamLimits& options, Tell tell);
  ~NodeStreams() override;

  // From now on peers, which know this node as `known_as`, may open streams to it.
  void listen(FileDescriptor listener, const Endpoint& local, const Endpoint& known_as);
  void apply(const Effect& effect, Bytes bytes);
  // The process ends. If it exited by itself, the peers' hosts are told; if it was killed, they are not.
  void end(bool killed);
  std::size_t size() const noexcept { return streams_.size(); }

 private:
  struct Connection;

  void on_readable() override;
  void accept(FileDescriptor socket, const Endpoint& peer);
  FileDescriptor connect_to(const Endpoint& peer) const;
  void open(StreamId id, Address to);
  std::unique_ptr<StreamSeal> seal_for(const Endpoint& remote, bool opens) const;
  void add(StreamId id, const Endpoint& remote, FileDescriptor socket, bool connecting);
  using Table = std::map<StreamId, std::unique_ptr<Connection>>;
  void remove(Table::iterator found);
  // The stream is over, and its node will be told.
  void break_off(Connection& connection, std::uint64_t& counter, std::optional<Warning> warning);
  void end_if_overdue(Connection& connection, Time now);
  void account(Connection& connection);
  void count(StreamEventKind kind, const Stream& stream);
  void send_content(Stream& stream, Bytes range);
  void receive_content(Stream& stream, Bytes range);
  void touch(StreamId id);
  void touch_later(StreamId id);
  void wake_at(Connection& connection, Time when);
  StreamPath path_to(const Endpoint& peer) const;
  void serve_touched();
  void serve(StreamId id);
  void look_after_all();

  Resources& resources_;
  NodeIndex node_;
  NodeContent& content_;
  StreamLimits options_;
  Tell tell_;
  std::unique_ptr<Watch> listener_;
  Endpoint local_;
  Endpoint known_as_;
  Table streams_;
  std::vector<StreamId> touched_;
  std::uint32_t next_accepted_ = 2;
  std::uint32_t life_ = 0;
  bool serving_ = false;        // touched streams will be served
  bool looking_after_ = false;  // the timeouts will be looked at
};

}  // namespace peerbed::adapter
