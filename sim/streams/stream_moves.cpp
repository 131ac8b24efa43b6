#include "sim/streams/stream_moves.h"

#include <utility>

namespace peerbed::sim {

StreamMoves::StreamMoves(std::vector<Streams*> from, std::span<const LaneIndex> lanes_before, std::vector<Streams*> to,
                         std::span<const LaneIndex> lanes_now)
    : from_(std::move(from)), lanes_before_(lanes_before), to_(std::move(to)), lanes_now_(lanes_now) {
  for (Streams* const streams : from_) {
    slots_.push_back(streams->ends().move_all(
        [this](NodeIndex host) -> EndTable& { return to_[lane_of(lanes_now_, host)]->ends(); }));
    to_.front()->counters().add(streams->counters());
  }
  for (Streams* const streams : to_) {
    EndTable& ends = streams->ends();
    ends.for_each([&](EndIndex end) { ends.at(end).peer = ref(ends.at(end).peer_node, ends.at(end).peer); });
  }
}

EndIndex StreamMoves::slot(NodeIndex host, EndIndex before) const {
  const std::vector<EndIndex>& slots = slots_[lane_of(lanes_before_, host)];
  EndTable& ends = to_[lane_of(lanes_now_, host)]->ends();
  const EndIndex now = before < slots.size() ? slots[before] : no_end;
  return now != no_end && ends.at(now).node == host ? now : ends.grave();
}

std::uint32_t StreamMoves::move(const Event& event, std::size_t from) {
  if (event.kind() >= EventKind::stream_alarm) return Event::pack(event.kind(), slot(event.destination, event.value()));
  Segment segment = from_[from]->segments().take(event);
  segment.to = ref(event.destination, segment.to);
  segment.from = ref(event.source, segment.from);
  Streams& streams = *to_[lane_of(lanes_now_, event.destination)];
  return Event::pack(event.kind(), streams.segments().add(segment));
}

}  // namespace peerbed::sim
