#include "analysis/trace/event_causes.h"

#include <algorithm>

#include "protocols/environment/stream.h"

namespace peerbed::analysis {

EventCauses::EventCauses(const TraceHeader& header)
    : simulated_(header.simulated),
      draws_(header.node_count()),
      sessions_(header.node_count()),
      exits_(header.node_count()) {}

std::optional<std::uint64_t> EventCauses::add(const TraceRecord& record) {
  std::uint64_t cause = 0;
  switch (record.kind) {
    case RecordKind::datagram:
    case RecordKind::content:
      cause = draw_of(record);
      break;
    case RecordKind::timer:
      cause = cause_of_timer(record);
      break;
    case RecordKind::stream:
      cause = cause_of_stream(record);
      break;
    case RecordKind::start:
      ++sessions_[record.node];
      break;
    case RecordKind::stream_effect:
      note_stream(record);
      break;
    case RecordKind::timer_put_off:
      put_off_[(std::uint64_t{record.node} << 16) | record.number] = record.event;
      break;
    case RecordKind::exit:
      exits_[record.node] = record.event;
      break;
    default:
      break;
  }
  if (is_step(record.kind) || record.kind == RecordKind::unrecorded)
    note_draws(record);
  else if (simulated_)
    cause = record.event;
  return cause == 0 ? std::nullopt : std::optional(cause);
}

// A step that draws no number is followed by one that begins with the same number and replaces it.
void EventCauses::note_draws(const TraceRecord& step) {
  auto& draws = draws_[step.node];
  const std::uint64_t event = is_step(step.kind) ? step.event : 0;
  if (!draws.empty() && draws.back().from == step.next_sequence)
    draws.back().event = event;
  else
    draws.push_back({step.next_sequence, event});
}

std::uint64_t EventCauses::draw_of(const TraceRecord& step) const {
  const auto& draws = draws_[step.source];
  const auto behind = std::upper_bound(draws.begin(), draws.end(), step.sequence,
                                       [](std::uint32_t value, const Draw& draw) { return value < draw.from; });
  return behind == draws.begin() ? 0 : std::prev(behind)->event;
}

// A timer that was postponed keeps its first sequence number.
std::uint64_t EventCauses::cause_of_timer(const TraceRecord& step) {
  const std::uint64_t drawn = draw_of(step);
  const auto found = put_off_.find((std::uint64_t{step.node} << 16) | step.number);
  if (found == put_off_.end()) return drawn;
  const std::uint64_t put_off = found->second;
  put_off_.erase(found);
  return std::max(drawn, put_off);
}

void EventCauses::note_stream(const TraceRecord& effect) {
  StreamEnd& end = streams_[key_of(effect.node, effect.sequence)];
  switch (static_cast<StreamAction>(effect.number)) {
    case StreamAction::open:
      end = {};
      end.opened_by = effect.event;
      return;
    case StreamAction::close:
      end.closed_by = effect.event;
      return;
    case StreamAction::reset:
      end.reset_by = effect.event;
      return;
    case StreamAction::send_content:
      end.sent_by = effect.event;
      [[fallthrough]];
    case StreamAction::write:
      end.written_end += effect.size;
      end.written.push_back({end.written_end, effect.event});
      return;
  }
}

std::uint64_t EventCauses::write_that_reaches(StreamEnd& end, std::uint64_t offset) {
  while (end.first_left < end.written.size() && end.written[end.first_left].end < offset) ++end.first_left;
  if (end.first_left == end.written.size()) return 0;
  const std::uint64_t event = end.written[end.first_left].event;
  if (end.first_left >= 64 && 2 * end.first_left >= end.written.size()) {
    end.written.erase(end.written.begin(), end.written.begin() + static_cast<std::ptrdiff_t>(end.first_left));
    end.first_left = 0;
  }
  return event;
}

std::uint64_t EventCauses::cause_of_stream(const TraceRecord& step) {
  const std::uint64_t own_key = key_of(step.node, step.sequence);
  const std::uint64_t peer_key = key_of(step.source, step.peer_stream);
  const auto kind = static_cast<StreamEventKind>(step.number);
  if (kind == StreamEventKind::accepted) streams_[own_key] = {};
  StreamEnd& own = streams_[own_key];
  StreamEnd none;
  const auto found = streams_.find(peer_key);
  StreamEnd& peer = found == streams_.end() ? none : found->second;
  switch (kind) {
    case StreamEventKind::accepted:
      return peer.opened_by;
    case StreamEventKind::opened:
      return own.opened_by;
    case StreamEventKind::bytes_received:
    case StreamEventKind::content_received:
    case StreamEventKind::content_lost:
      own.received_end += step.size;
      return write_that_reaches(peer, own.received_end);
    case StreamEventKind::content_sent:
      return own.sent_by;
    case StreamEventKind::half_closed:
      return peer.closed_by;
    case StreamEventKind::closed:
      return std::max(own.closed_by, peer.closed_by);
    case StreamEventKind::reset:
      return std::max(peer.reset_by, exits_[step.source]);
  }
  return 0;
}

}  // namespace peerbed::analysis
