#pragma once
// A hosted node of a known type: the same type, in the same object code, as in the simulator.

#include <functional>
#include <optional>
#include <utility>

#include "adapter/hosted_node.h"
#include "protocols/environment/contract.h"

namespace peerbed::adapter {

template <Node N>
class HostedNodeOf final : public HostedNode {
 public:
  // Creates the node when its process starts, because it may need to know its own address.
  using Make = std::function<N(Address self)>;

  HostedNodeOf(Resources& resources, NodeIndex index, const NodeOptions& options, Make make)
      : HostedNode(resources, index, options), make_(std::move(make)) {}

  // The node's state, or its last state if it is not running. It must have been started once.
  const N& node() const {
    PEERBED_CONTRACT(node_.has_value(), "a node is looked at after its first start");
    return *node_;
  }
  // Gives the node an input from the program, for requests to a node of this type that are not commands. False if it is
  // not running.
  bool ask(const std::function<void(N&, Environment&)>& handler) {
    return give([&](Environment& environment) { handler(*node_, environment); });
  }
  std::span<const TraceEventType> trace_events() const noexcept override { return N::trace_events; }
  std::span<const std::string_view> message_kinds() const noexcept override { return N::message_kinds; }

 private:
  std::size_t timer_count() const noexcept override { return N::timer_count; }
  bool accepts_streams() const noexcept override { return StreamNode<N>; }
  void make(Address self) override { node_.emplace(make_(self)); }
  void handle_start(Environment& environment, Start start) override { node_->on_start(environment, start); }
  void handle_datagram(Environment& environment, Address from, Bytes payload) override {
    node_->on_datagram(environment, from, payload);
  }
  void handle_timer(Environment& environment, TimerId timer) override { node_->on_timer(environment, timer); }
  void handle_command(Environment& environment, std::string_view line) override {
    node_->on_command(environment, line);
  }
  void handle_leave(Environment& environment) override { node_->on_leave(environment); }
  void handle_content([[maybe_unused]] Environment& environment, [[maybe_unused]] const ContentReady& ready) override {
    if constexpr (ContentNode<N>) node_->on_content(environment, ready);
  }
  void handle_stream([[maybe_unused]] Environment& environment, [[maybe_unused]] const StreamEvent& event) override {
    if constexpr (StreamNode<N>) node_->on_stream(environment, event);
  }

  Make make_;
  std::optional<N> node_;
};

}  // namespace peerbed::adapter
