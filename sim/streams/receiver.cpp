#include "sim/streams/receiver.h"

#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::sim {

void Receiver::begin(const StreamOptions& options) {
  Receiver fresh;
  fresh.early_ = std::move(early_);
  fresh.early_.clear();
  *this = std::move(fresh);
  advertised_end_ = options.receive_buffer;
}

void Receiver::echo(const Segment& segment) noexcept {
  echo_ = segment.sent;
  const Passage& passage = segment.passage;
  echo_spread_ = std::max(passage.last - passage.first - passage.stretch, Duration::zero());
}

Receiver::Taken Receiver::take(const Segment& segment, Time now, const StreamOptions& options) {
  PEERBED_CONTRACT(segment.packets > 0 && segment.packets <= Burst::maximum_packets, "a segment is 1 to 64 packets");
  const bool finishes = (segment.flags & segment_finishes) != 0;
  const std::uint64_t size = segment.size + (finishes ? 1U : 0U);
  if (size == 0) {
    acknowledges_now_ |= (segment.flags & segment_probes) != 0;
    return {};
  }
  if ((segment.flags & (segment_reduced | segment_marked)) != 0) echoes_mark_ = (segment.flags & segment_marked) != 0;
  const std::uint64_t before = received_;
  const bool had_gap = !early_.empty();
  if (unacknowledged_packets_ == 0) echo(segment);
  unacknowledged_packets_ += segment.packets;
  const std::uint64_t lost = segment.passage.lost;
  if (finishes && (lost >> (segment.packets - 1) & 1) == 0) peer_end_ = segment.offset + segment.size;
  Taken taken;
  for_each_run(segment.offset, size, segment.packets, lost, [&](ByteRange run) {
    const std::uint64_t fresh = take_range(run);
    taken.fresh += fresh;
    taken.again += run.size() - fresh;
  });
  if (!early_.empty() && received_ == before) echo(segment);
  if (!early_.empty()) {
    answered_offset_ = segment.offset;
    answered_size_ = segment.size;
    answered_lost_ = lost;
  }
  // Acknowledges at once if there is or was a gap, if nothing was new, at the end, and for every second packet (RFC
  // 5681).
  if (had_gap || !early_.empty() || taken.fresh == 0 || peer_finished() ||
      unacknowledged_packets_ >= options.acknowledge_every)
    acknowledges_now_ = true;
  else if (acknowledge_at_ == never)
    acknowledge_at_ = now + options.delayed_acknowledgement;
  return taken;
}

// Takes bytes that got through. Returns how many are new.
std::uint64_t Receiver::take_range(ByteRange range) {
  range.begin = std::max(range.begin, received_);
  if (range.begin >= range.end) return 0;
  if (range.begin > received_) return early_.add(range);
  std::uint64_t fresh = range.end - range.begin;
  received_ = range.end;
  if (early_.empty()) return fresh;
  fresh -= early_.covered(range);
  const auto early = early_.all();
  if (early.front().begin <= received_) {
    const std::size_t behind = early_.first_behind(received_);
    if (behind < early.size() && early[behind].begin <= received_) received_ = early[behind].end;
    early_.remove_below(received_);
  }
  return fresh;
}

void Receiver::announce_space(const StreamOptions& options) noexcept {
  const std::uint64_t room = window_end(options);
  const bool is_nearly_used_up = advertised_end_ < received_ + 2 * 65'536;
  if (room >= advertised_end_ + options.receive_buffer / 2 ||
      (room >= advertised_end_ + 2 * Segment::packet_payload && is_nearly_used_up))
    acknowledges_now_ = true;
}

void Receiver::put_acknowledgement(Segment& segment, const StreamOptions& options) {
  segment.acknowledged = received_;
  segment.window_end = advertised_end_ = std::max(advertised_end_, window_end(options));
  segment.echo = echo_;
  segment.echo_spread = echo_spread_;
  if (echoes_mark_) segment.flags |= segment_echoes_mark;
  echo_ = never;
  segment.answered_size = 0;
  segment.block_count = 0;
  unacknowledged_packets_ = 0;
  acknowledges_now_ = false;
  acknowledge_at_ = never;
  if (early_.empty()) return;
  segment.answered_offset = answered_offset_;
  segment.answered_size = std::exchange(answered_size_, 0);
  segment.answered_lost = answered_lost_;
  // The ranges take turns, so that all get through even if acknowledgements are lost.
  const auto early = early_.all();
  for (std::size_t i = 0; i < std::min<std::size_t>(early.size(), Segment::maximum_blocks); ++i)
    segment.blocks[segment.block_count++] = early[block_turn_++ % early.size()];
}

}  // namespace peerbed::sim
