#pragma once
// The streams of a system's states: what nodes may hear of them in a state, and what becomes of them when a node has
// handled an input. A state names its streams by one id.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

#include "check/nodes/action.h"
#include "check/nodes/intern_table.h"
#include "check/nodes/outcome.h"
#include "check/nodes/process.h"
#include "check/streams/connection.h"
#include "check/streams/stream_set.h"
#include "protocols/environment/random.h"

namespace peerbed::check {

using StreamList = std::vector<InternId>;  // sorted by fingerprint

class StreamSteps {
 public:
  struct Workspace {
    StreamSet set;
    StreamList list;
  };
  // A node hears something: what, and of which of its streams.
  struct Heard {
    StreamAction action{};
    StreamInput input{};
  };

  const InternTable<Connection>& connections() const noexcept { return connections_; }
  const StreamList& list(InternId streams) const noexcept { return lists_[streams]; }
  const Fingerprint& fingerprint(InternId streams) const noexcept { return lists_.fingerprint(streams); }
  const Connection& connection(InternId streams, std::uint32_t place) const noexcept {
    return connections_[lists_[streams][place]];
  }
  InternId none() const { return enter({}); }

  // Calls visit(node, StreamAction) for all that a node may hear now. `runs(node)` tells whether a process runs.
  template <class Runs, class Visit>
  void visit_actions(InternId streams, const Runs& runs, const Visit& visit) const {
    const StreamList& list = lists_[streams];
    for (std::uint32_t place = 0; place < list.size(); ++place) {
      if (place > 0 && list[place] == list[place - 1]) continue;
      const Connection& connection = connections_[list[place]];
      for (std::uint32_t side = 0; side < 2; ++side) {
        const auto take = [&](StreamAction::What what) {
          visit(connection.ends[side].node, StreamAction{place, side, what});
        };
        if (connection.next_event(side, runs)) take(StreamAction::What::next);
        if (connection.may_have_sent(side, runs)) take(StreamAction::What::sent);
        if (connection.may_reset(side, runs)) take(StreamAction::What::reset);
      }
    }
  }

  template <class Runs>
  std::optional<NodeAction> first_action(InternId streams, const Runs& runs) const {
    std::optional<NodeAction> first;
    visit_actions(streams, runs, [&](NodeIndex node, const StreamAction& action) {
      if (!first) first = NodeAction{ActionKind::stream, node, action.packed()};
    });
    return first;
  }
  // The same for all that an end hears alike of streams to one other node.
  std::uint32_t fairness_class(InternId streams, const NodeAction& what) const {
    const StreamAction action = StreamAction::from(what.argument);
    const NodeIndex peer = connection(streams, action.connection).ends[1 - action.side].node;
    const std::uint64_t key = key_of(15, what.node, peer, action.side, static_cast<int>(action.what));
    return NodeAction{ActionKind::stream}.packed() | (static_cast<std::uint32_t>(key) & 0x0FFF'FFFF);
  }

  // Whether a node is about to hear something. That a process at the other side has died is not on its way.
  template <class Runs>
  bool is_under_way(InternId streams, const Runs& runs) const {
    bool is_under_way = false;
    visit_actions(streams, runs, [&](NodeIndex, const StreamAction& action) {
      const StreamEnd& end = connection(streams, action.connection).ends[action.side];
      is_under_way = is_under_way || action.what != StreamAction::What::reset || end.loss != StreamEnd::Loss::death;
    });
    return is_under_way;
  }

  // Takes what a node hears from the streams of a state, which are in the workspace from then on.
  template <class N, class Runs>
  Heard take(Workspace& workspace, InternId streams, const StreamAction& action, const Process<N>& process,
             const Runs& runs) const {
    load(workspace, streams);
    const Connection& connection = workspace.set.all()[action.connection];
    const StreamEnd& self = connection.ends[action.side];
    Heard heard{.action = action};
    StreamInput& input = heard.input;
    input.peer = connection.ends[1 - action.side].node;
    input.stream = self.number > 0 ? process.streams[self.number - 1] : forgotten;
    switch (action.what) {
      case StreamAction::What::next:
        input.kind = *connection.next_event(action.side, runs);
        break;
      case StreamAction::What::sent:
        input.kind = StreamEventKind::content_sent;
        input.range = self.sending.front();
        break;
      case StreamAction::What::reset:
        input.kind = StreamEventKind::reset;
        break;
    }
    if (input.kind == StreamEventKind::accepted) input.stream = StreamId{2 * (process.accepted + 1)};
    if (input.kind == StreamEventKind::content_received) input.range = self.requests.front().range;
    input.bytes = workspace.set.pass(action.connection, action.side, input.kind);
    return heard;
  }

  // The streams after a node has handled an input, which was `heard`, if anything, and is in the workspace then.
  template <class N, class Runs>
  InternId after(Workspace& workspace, InternId streams, NodeIndex node, const Process<N>& before,
                 const Process<N>& now, const Outcome& outcome, const Heard* heard, bool is_crash,
                 const Runs& runs) const {
    if (!heard) {
      if (outcome.streams.empty() && now.runs() && before.streams == outcome.ids) return streams;
      load(workspace, streams);
    }
    StreamSet& set = workspace.set;
    set.name(node, before.streams);
    if (heard) set.end(heard->action.connection, heard->action.side).number = heard->input.stream.value;
    for (const StreamEffect& effect : outcome.streams) set.apply(node, effect, effect.to != no_node && runs(effect.to));
    if (!now.runs()) set.end_process(node, is_crash ? StreamEnd::Loss::death : StreamEnd::Loss::reset);
    set.number(node, outcome.ids);
    set.drop_over([&](NodeIndex other) { return other == node ? now.runs() : runs(other); });
    return enter(set.all());
  }

  // The streams that another system sees. `ids_of(node)` are those of a running node, in the order of their numbers
  // here.
  template <class View, class IdsOf>
  InternId adopt(const View& seen, const IdsOf& ids_of) const {
    StreamSet set;
    for (std::size_t i = 0; i < seen.streams(); ++i) set.add(seen.stream(i));
    for (NodeIndex node = 0; node < seen.size(); ++node) {
      if (!seen.runs(node)) continue;
      set.name(node, seen.process(node).streams);
      set.number(node, ids_of(node));
    }
    return enter(set.all());
  }
  InternId enter(const std::vector<Connection>& connections) const {
    StreamList list;
    for (const Connection& connection : connections)
      list.push_back(connections_.enter(connection.fingerprint(), [&] { return connection; }));
    std::sort(list.begin(), list.end(), [&](InternId one, InternId other) {
      return connections_.fingerprint(one) < connections_.fingerprint(other);
    });
    Fingerprint sum{key_of(13), key_of(14)};
    for (const InternId one : list) sum += connections_.fingerprint(one);
    return lists_.enter(sum, [&] { return std::move(list); });
  }

  std::size_t memory() const { return connections_.memory() + lists_.memory(); }

 private:
  // The id of a stream that its node does not keep.
  static constexpr StreamId forgotten{UINT32_MAX - 1};

  void load(Workspace& workspace, InternId streams) const {
    workspace.set.clear();
    for (const InternId one : lists_[streams]) workspace.set.add(connections_[one]);
  }

  mutable InternTable<Connection> connections_;
  mutable InternTable<StreamList> lists_;
};

}  // namespace peerbed::check
