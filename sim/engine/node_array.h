#pragma once
// The nodes of one type, contiguous in one array, behind the interface that the world drives them through.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <functional>
#include <memory>
#include <span>
#include <string_view>
#include <utility>
#include <vector>

#include "host/timer_slot.h"
#include "protocols/environment/node.h"
#include "sim/core/types.h"

namespace peerbed::sim {

class NodeArray {
 public:
  NodeArray(NodeIndex first, std::size_t count, std::size_t timer_count)
      : timer_count_(timer_count), timers_(count * timer_count), first_(first) {}
  virtual ~NodeArray() = default;

  virtual std::unique_ptr<NodeArray> clone() const = 0;
  // Starts a new process: the node as first made, without its history.
  virtual void remake(NodeIndex node) = 0;
  virtual void start(NodeIndex node, Environment& environment, Start start) = 0;
  virtual void datagram(NodeIndex node, Environment& environment, Address from, Bytes payload) = 0;
  virtual void timer(NodeIndex node, Environment& environment, TimerId timer) = 0;
  virtual void command(NodeIndex node, Environment& environment, std::string_view line) = 0;
  virtual void leave(NodeIndex node, Environment& environment) = 0;
  virtual void content(NodeIndex node, Environment& environment, const ContentReady& ready) = 0;
  virtual void stream(NodeIndex node, Environment& environment, const StreamEvent& event) = 0;
  virtual bool accepts_streams() const noexcept = 0;
  virtual void append_state(NodeIndex node, std::vector<std::byte>& out) const = 0;
  // Hints that an input to the node follows: prefetches first its own memory, later what that points to.
  virtual void prefetch(NodeIndex node) const noexcept = 0;
  virtual void prefetch_further(NodeIndex node) const noexcept = 0;
  virtual void prefetch_stream(NodeIndex node, StreamId stream) const noexcept = 0;
  virtual std::span<const TraceEventType> trace_events() const noexcept = 0;
  virtual std::span<const std::string_view> message_kinds() const noexcept = 0;

  std::span<TimerSlot> timers(NodeIndex node) noexcept {
    return std::span(timers_).subspan((node - first_) * timer_count_, timer_count_);
  }
  std::span<const TimerSlot> timers(NodeIndex node) const noexcept {
    return std::span(timers_).subspan((node - first_) * timer_count_, timer_count_);
  }

 protected:
  NodeArray(const NodeArray&) = default;
  std::size_t local(NodeIndex node) const noexcept { return node - first_; }

 private:
  std::size_t timer_count_;
  std::vector<TimerSlot> timers_;
  NodeIndex first_;
};

template <Node N>
class TypedNodeArray final : public NodeArray {
 public:
  using Make = std::function<N(NodeIndex)>;

  TypedNodeArray(NodeIndex first, std::size_t count, Make make)
      : NodeArray(first, count, N::timer_count), make_(std::move(make)) {
    nodes_.reserve(count);
    for (std::size_t i = 0; i < count; ++i) nodes_.push_back(make_(first + static_cast<NodeIndex>(i)));
  }

  std::unique_ptr<NodeArray> clone() const override { return std::unique_ptr<NodeArray>(new TypedNodeArray(*this)); }
  void remake(NodeIndex node) override { at(node) = make_(node); }
  void start(NodeIndex node, Environment& environment, Start start) override { at(node).on_start(environment, start); }
  void datagram(NodeIndex node, Environment& environment, Address from, Bytes payload) override {
    at(node).on_datagram(environment, from, payload);
  }
  void timer(NodeIndex node, Environment& environment, TimerId timer) override {
    at(node).on_timer(environment, timer);
  }
  void command(NodeIndex node, Environment& environment, std::string_view line) override {
    at(node).on_command(environment, line);
  }
  void leave(NodeIndex node, Environment& environment) override { at(node).on_leave(environment); }
  void content(NodeIndex node, [[maybe_unused]] Environment& environment,
               [[maybe_unused]] const ContentReady& ready) override {
    if constexpr (ContentNode<N>) at(node).on_content(environment, ready);
  }
  void stream(NodeIndex node, [[maybe_unused]] Environment& environment,
              [[maybe_unused]] const StreamEvent& event) override {
    if constexpr (StreamNode<N>) at(node).on_stream(environment, event);
  }
  bool accepts_streams() const noexcept override { return StreamNode<N>; }
  void append_state(NodeIndex node, std::vector<std::byte>& out) const override {
    peerbed::append_state(out, nodes_[local(node)].fields());
  }
  void prefetch(NodeIndex node) const noexcept override {
    const auto* begin = reinterpret_cast<const std::byte*>(&nodes_[local(node)]);
    for (std::size_t offset = 0; offset < std::min<std::size_t>(sizeof(N), 256); offset += 64)
      __builtin_prefetch(begin + offset);
    __builtin_prefetch(timers(node).data());
  }
  void prefetch_further(NodeIndex node) const noexcept override {
    if constexpr (PrefetchingNode<N>) nodes_[local(node)].prefetch();
  }
  void prefetch_stream([[maybe_unused]] NodeIndex node, [[maybe_unused]] StreamId stream) const noexcept override {
    if constexpr (StreamPrefetchingNode<N>) nodes_[local(node)].prefetch(stream);
  }
  std::span<const TraceEventType> trace_events() const noexcept override { return N::trace_events; }
  std::span<const std::string_view> message_kinds() const noexcept override { return N::message_kinds; }

  const N& node(NodeIndex index) const noexcept { return nodes_[local(index)]; }

 private:
  TypedNodeArray(const TypedNodeArray&) = default;
  N& at(NodeIndex node) noexcept { return nodes_[local(node)]; }

  Make make_;
  std::vector<N> nodes_;
};

}  // namespace peerbed::sim
