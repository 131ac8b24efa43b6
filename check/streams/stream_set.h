#pragma once
// The streams of a state, while an action changes them: what nodes do to them, and what becomes of them when processes
// end. Ends carry the numbers under which states tell them apart, but for those of the node that acts: these carry the
// ids that it knows.

#include <algorithm>
#include <cstddef>
#include <span>
#include <utility>
#include <vector>

#include "check/streams/connection.h"
#include "check/streams/stream_effect.h"
#include "protocols/environment/contract.h"

namespace peerbed::check {

class StreamSet {
 public:
  void clear() { connections_.clear(); }
  void add(const Connection& connection) { connections_.push_back(connection); }
  const std::vector<Connection>& all() const noexcept { return connections_; }
  StreamEnd& end(std::size_t connection, std::size_t side) { return connections_[connection].ends[side]; }

  // The ends of a node get its ids in place of their numbers, or numbers in place of ids. What it does not keep is 0.
  void name(NodeIndex node, std::span<const StreamId> ids) {
    for_each_of(node, [&](StreamEnd& end, StreamEnd&, std::size_t) {
      end.number = end.number == 0 ? 0 : ids[end.number - 1].value;
    });
  }
  void number(NodeIndex node, std::span<const StreamId> ids) {
    for_each_of(node, [&](StreamEnd& end, StreamEnd&, std::size_t) {
      const auto place = std::find(ids.begin(), ids.end(), StreamId{end.number});
      end.number = place == ids.end() ? 0 : static_cast<std::uint32_t>(place - ids.begin()) + 1;
    });
  }

  // An end's node hears this now. Returns the bytes that come with it.
  StoredContent pass(std::size_t connection, std::size_t side, StreamEventKind kind) {
    StreamEnd& self = end(connection, side);
    StoredContent bytes;
    switch (kind) {
      case StreamEventKind::opened:
      case StreamEventKind::accepted:
        self.stage = StreamEnd::Stage::open;
        // A process that has come since has answered.
        if (StreamEnd& opener = end(connection, 0); !end(connection, 1).is_gone()) opener.loss = StreamEnd::Loss::none;
        break;
      case StreamEventKind::bytes_received:
      case StreamEventKind::content_received:
      case StreamEventKind::content_lost: {
        const std::uint64_t size = self.requests.front().size;
        bytes = self.unread.part(0, size);
        self.unread = self.unread.part(size, self.unread.size() - size);
        self.requests.erase(self.requests.begin());
        break;
      }
      case StreamEventKind::content_sent:
        self.sending.erase(self.sending.begin());
        break;
      case StreamEventKind::half_closed:
        self.reads_no_more = true;
        self.requests.clear();
        self.unread = {};
        break;
      case StreamEventKind::closed:
      case StreamEventKind::reset:
        self.leave();
        break;
    }
    return bytes;
  }

  // Of the node that acts. `runs`: whether the process runs to which a stream is opened.
  void apply(NodeIndex node, StreamEffect effect, bool runs) {
    if (effect.kind == EffectKind::open_stream) return open(node, effect, runs);
    for_each_of(node, [&](StreamEnd& self, StreamEnd& other, std::size_t) {
      if (self.number == effect.stream.value && !self.is_gone()) apply(self, other, effect);
    });
  }

  // A node's process has ended; `loss` is what the other sides are in for. Who had not been told of a stream that was
  // opened to it may be asked for it again.
  void end_process(NodeIndex node, StreamEnd::Loss loss) {
    for_each_of(node, [&](StreamEnd& self, StreamEnd& other, std::size_t side) {
      if (self.is_gone()) return;
      const bool may_come_again = side == 1 && self.stage == StreamEnd::Stage::waits && !other.is_gone() &&
                                  other.stage == StreamEnd::Stage::waits && loss == StreamEnd::Loss::death;
      if (!other.is_gone() && other.loss == StreamEnd::Loss::none) other.loss = loss;
      if (!may_come_again) self.leave();
    });
  }

  // Leaves out those that nobody hears of any more.
  template <class Runs>
  void drop_over(const Runs& runs) {
    std::erase_if(connections_, [&](const Connection& connection) {
      const StreamEnd& acceptor = connection.ends[1];
      const bool never_heard = acceptor.stage == StreamEnd::Stage::waits && connection.ends[0].is_gone();
      return connection.is_over() || (never_heard && !runs(acceptor.node));
    });
  }

 private:
  template <class Visit>
  void for_each_of(NodeIndex node, const Visit& visit) {
    for (Connection& connection : connections_)
      for (std::size_t side = 0; side < 2; ++side)
        if (connection.ends[side].node == node) visit(connection.ends[side], connection.ends[1 - side], side);
  }

  void open(NodeIndex node, const StreamEffect& effect, bool runs) {
    PEERBED_CONTRACT(effect.stream.value % 2 == 1, "a node opens streams with odd ids of their own");
    Connection connection;
    connection.ends[0] = {.node = node, .number = effect.stream.value};
    connection.ends[1] = {.node = effect.to};
    if (!runs) connection.ends[0].loss = StreamEnd::Loss::death;
    if (effect.to == no_node) connection.ends[1].leave();
    connections_.push_back(std::move(connection));
  }

  static void apply(StreamEnd& self, StreamEnd& other, const StreamEffect& effect) {
    switch (effect.kind) {
      case EffectKind::write_stream:
      case EffectKind::send_content: {
        PEERBED_CONTRACT(!self.writes_no_more, "a node writes nothing behind its close_stream");
        if (!effect.bytes) {
          self.loss = other.loss = StreamEnd::Loss::reset;
          break;
        }
        if (effect.bytes->size() == 0) break;
        if (!other.is_gone() && !other.reads_no_more) other.unread.append(*effect.bytes);
        if (effect.kind == EffectKind::send_content) self.sending.push_back(effect.request.range);
        break;
      }
      case EffectKind::receive_bytes:
      case EffectKind::receive_content:
        if (!self.reads_no_more) self.requests.push_back(effect.request);
        break;
      case EffectKind::close_stream:
        self.writes_no_more = true;
        break;
      case EffectKind::reset_stream:
        if (!other.is_gone()) other.loss = StreamEnd::Loss::reset;
        self.leave();
        break;
      default:
        PEERBED_CONTRACT(false, "this is done to a stream");
    }
  }

  std::vector<Connection> connections_;
};

}  // namespace peerbed::check
