#pragma once
// A stream between two checked nodes, as its two ends and what is on its way between them. What was written waits at
// the other end until it is asked for: that it arrives earlier no node can tell. So each end has at most one next
// event, which comes at any time after it has become possible.

#include <array>
#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "check/disks/stored_content.h"
#include "check/engine/fingerprint.h"
#include "host/node_index.h"
#include "protocols/environment/random.h"
#include "protocols/environment/state.h"
#include "protocols/environment/stream.h"

namespace peerbed::check {

struct StreamRequest {
  std::uint64_t size = 0;
  bool to_content = false;
  ContentRange range{};  // for content
  auto fields() const { return std::tie(size, to_content, range.content, range.offset, range.size); }
};

struct StreamEnd {
  enum class Stage : std::uint8_t {
    waits,  // its node has yet to be told that it was opened, or accepted
    open,
    gone,  // its node hears of it no more
  };
  // Why its node will be told that the stream was reset, at some time.
  enum class Loss : std::uint8_t {
    none,
    reset,  // the other side, or the host, has reset it
    death,  // the other side's process is no more: its host may be silent about that for long
  };

  NodeIndex node = no_node;
  Stage stage = Stage::waits;
  Loss loss = Loss::none;
  bool writes_no_more = false;
  bool reads_no_more = false;  // it was told that the other side had closed
  std::uint32_t number = 0;    // of the node's streams, from 1; 0: it keeps none of this
  std::vector<StreamRequest> requests{};
  StoredContent unread{};               // written by the other side, and not taken
  std::vector<ContentRange> sending{};  // given to the network, which has not said that it has taken it

  bool is_gone() const noexcept { return stage == Stage::gone; }
  void leave() {
    const bool closed = writes_no_more;
    *this = StreamEnd{.node = node, .stage = Stage::gone};
    writes_no_more = closed;
  }
  template <class Add>
  void add_to(const Add& add) const {
    add(node, stage, loss, writes_no_more, reads_no_more, number, requests, unread);
    for (const ContentRange& range : sending) add(range.content, range.offset, range.size);
  }
};

struct Connection {
  std::array<StreamEnd, 2> ends{};  // the first opened it

  bool is_over() const noexcept { return ends[0].is_gone() && ends[1].is_gone(); }

  // What an end's node hears next; `runs(node)` says whether its process runs. Nothing if it waits for others.
  template <class Runs>
  std::optional<StreamEventKind> next_event(std::size_t end, const Runs& runs) const {
    const StreamEnd& self = ends[end];
    const StreamEnd& other = ends[1 - end];
    if (self.is_gone() || !runs(self.node)) return std::nullopt;
    if (self.stage == StreamEnd::Stage::waits) {
      if (end == 1) return StreamEventKind::accepted;
      const bool is_answered = other.is_gone() ? self.loss == StreamEnd::Loss::reset : runs(other.node);
      return is_answered ? std::optional(StreamEventKind::opened) : std::nullopt;
    }
    if (!self.requests.empty() && !self.reads_no_more) {
      const StreamRequest& first = self.requests.front();
      if (self.unread.size() >= first.size)
        return first.to_content ? StreamEventKind::content_received : StreamEventKind::bytes_received;
      if (other.writes_no_more) return StreamEventKind::half_closed;
    }
    const bool is_done = self.writes_no_more && other.writes_no_more && self.sending.empty();
    return is_done && self.unread.size() == 0 ? std::optional(StreamEventKind::closed) : std::nullopt;
  }
  // What may come at any time, beside that.
  template <class Runs>
  bool may_have_sent(std::size_t end, const Runs& runs) const {
    return ends[end].stage == StreamEnd::Stage::open && runs(ends[end].node) && !ends[end].sending.empty();
  }
  template <class Runs>
  bool may_reset(std::size_t end, const Runs& runs) const {
    const StreamEnd& self = ends[end];
    const bool is_known = self.stage == StreamEnd::Stage::open || (self.stage == StreamEnd::Stage::waits && end == 0);
    return is_known && runs(self.node) && self.loss != StreamEnd::Loss::none;
  }

  Fingerprint fingerprint() const {
    std::vector<std::byte> bytes;
    for (const StreamEnd& end : ends) end.add_to([&](const auto&... values) { (append_state(bytes, values), ...); });
    return fingerprint_of(bytes, key_of(9));
  }
};

}  // namespace peerbed::check
