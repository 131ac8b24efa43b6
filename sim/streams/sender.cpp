#include "sim/streams/sender.h"

#include <utility>

#include "protocols/environment/contract.h"

namespace peerbed::sim {

namespace {

constexpr std::uint64_t packet = Segment::packet_payload;

}  // namespace

void Sender::begin(const StreamOptions& options, Time now) {
  Sender fresh;
  fresh.board_ = std::move(board_);
  fresh.board_.clear();
  *this = std::move(fresh);
  congestion_ = Congestion(options.congestion, std::uint64_t{options.initial_window} * Congestion::packet);
  peer_window_end_ = options.receive_buffer;
  progress_at_ = now;
}

// ---------------------------------------------------------------------------------------------------------------------
// Handshake

void Sender::back_off_handshake(Time now, const StreamOptions& options) noexcept {
  back_off();
  const Duration timeout = round_trip_.timeout(options.minimum_timeout) * (std::int64_t{1} << backoff_);
  retransmit_at_ = std::min(now + timeout, progress_at_ + options.connect_timeout);
}

void Sender::finish_handshake(Time echo, Time now) noexcept {
  retransmit_at_ = never;
  backoff_ = 0;
  if (echo != never) round_trip_.measured(now - echo);
}

// ---------------------------------------------------------------------------------------------------------------------
// Sending

bool Sender::prepare(std::uint64_t last, Time now, const StreamOptions& options) {
  if (board_.outstanding() == 0) {
    if (board_.next() == last) return false;
    const Duration timeout = round_trip_.timeout(options.minimum_timeout);
    if (last_sent_ != never) congestion_.idled(static_cast<std::uint64_t>((now - last_sent_) / timeout));
    progress_at_ = std::max(progress_at_, now);
  }
  window_limited_ = false;
  return true;
}

std::uint64_t Sender::burst_size(std::uint64_t last, std::uint64_t path_limit,
                                 const StreamOptions& options) const noexcept {
  const std::uint64_t window = congestion_.window();
  const bool is_held_back = last - board_.first_unacknowledged() > window;
  const std::uint64_t share = congestion_.is_in_slow_start() ? 2 : 8;
  const std::uint64_t limit =
      std::min({is_held_back ? window / share : window, std::uint64_t{options.segment_size}, path_limit});
  return limit >= options.segment_size ? options.segment_size : std::max(packet, limit / packet * packet);
}

std::optional<Sender::Transmission> Sender::next_transmission(const Limits& limits, Time now,
                                                              const StreamOptions& options) {
  PEERBED_CONTRACT(limits.written <= limits.last && limits.burst >= packet,
                   "a FIN follows the bytes, and a burst has room for a packet");
  const std::uint64_t burst = limits.burst;
  const std::uint64_t window = congestion_.window();
  const std::uint64_t flying = board_.in_flight();
  std::uint64_t room = window > flying ? (window - flying) / packet * packet : 0;
  if (flying == 0) room = std::max(room, packet);
  if (const auto hole = board_.first_lost(std::min(burst, room)); hole && room > 0) {
    board_.sent_again(*hole, now);
    last_sent_ = now;
    return Transmission{*hole, true};
  }
  // The peer's window limits bytes; a FIN takes no space in it.
  const std::uint64_t limit = peer_window_end_ >= limits.written ? limits.last : peer_window_end_;
  if (board_.lost() == 0 && board_.next() >= limit) return std::nullopt;
  // A short last packet joins the burst before it.
  const std::uint64_t left = board_.lost() > 0 ? burst : limit - board_.next();
  const std::uint64_t wanted = left <= burst + packet && limits.path > 0 ? left : std::min(left, burst);
  if (room < wanted && (room == 0 || flying > 0)) {
    window_limited_ = true;
    return std::nullopt;
  }
  // A remainder of less than half a burst goes with this one.
  std::uint64_t size = std::min(wanted, room);
  if (size == burst && room < burst + burst / 2 && limits.path > 0)
    size = std::min({room, limit - board_.next(), std::max(burst, std::uint64_t{options.segment_size})});
  const ByteRange range{board_.next(), board_.next() + size};
  board_.sent(range.end, now);
  last_sent_ = now;
  return Transmission{range, false};
}

// ---------------------------------------------------------------------------------------------------------------------
// Acknowledgements

void Sender::take_acknowledgement(const Segment& segment, std::uint64_t last, Time now, const StreamOptions& options) {
  PEERBED_CONTRACT(segment.acknowledged <= board_.next(), "a peer acknowledges only what was sent");
  widen_window(segment.window_end);
  if (board_.outstanding() == 0) {
    backoff_ = 0;  // that probes had caused
    progress_at_ = now;
    retransmit_at_ = never;
    return;
  }
  const bool grows = !recovers_ || after_timeout_;
  std::uint64_t highest = segment.acknowledged;
  const std::uint64_t in_order = board_.acknowledge(segment.acknowledged);
  std::uint64_t news = in_order;
  if (options.recovery == LossRecovery::selective) {
    take_selective(segment, news, highest);
  } else if (in_order == 0 && segment.size == 0 && segment.acknowledged == board_.first_unacknowledged()) {
    ++duplicates_;
    return recover_by_duplicates(0, options.recovery);
  }
  if ((segment.flags & segment_echoes_mark) != 0) reduce_for_mark();
  if (news == 0) return;
  if (segment.echo != never) {
    round_trip_.measured(now - segment.echo - segment.echo_spread);
    board_.arrived(segment.echo, highest, now);
  }
  if (in_order > 0) {
    has_probed_ = false;
    progress_at_ = now;
    backoff_ = 0;
    restart_timer(last, now, options);
  }
  if (options.recovery == LossRecovery::selective)
    detect_losses(now);
  else
    recover_by_duplicates(in_order, options.recovery);
  if (grows && in_order > 0 && window_limited_ && (!recovers_ || after_timeout_))
    congestion_.arrived(in_order, now, round_trip_.smoothed());
}

void Sender::take_selective(const Segment& segment, std::uint64_t& news, std::uint64_t& highest) {
  if (segment.answered_size > 0) {
    const std::uint32_t packets = packets_of(segment.answered_size);
    for_each_run(segment.answered_offset, segment.answered_size, packets, segment.answered_lost, [&](ByteRange run) {
      news += board_.acknowledge_selectively(run);
      highest = std::max(highest, run.end);
    });
  }
  for (std::size_t i = 0; i < segment.block_count; ++i) news += board_.acknowledge_selectively(segment.blocks[i]);
}

// Enters recovery when something is lost, and leaves it when everything outstanding at that time has arrived (RFC
// 6675). A gap counts as lost at once if it is wide or other losses are being recovered, else a quarter of a round trip
// later (RFC 8985).
void Sender::detect_losses(Time now) {
  const bool is_patient = !recovers_ && !board_.has_wide_gap();
  lost_at_ = board_.detect_losses(now, is_patient ? round_trip_.smoothed() / 4 : Duration::zero());
  if (recovers_ && board_.first_unacknowledged() >= recovery_end_) recovers_ = after_timeout_ = false;
  if (recovers_ || !board_.has_losses()) return;
  recovers_ = true;
  recovery_end_ = board_.next();
  if (board_.first_unacknowledged() >= reduced_until_) congestion_.lost();
}

// As for a loss, once for each window (RFC 3168, section 6.1.2).
void Sender::reduce_for_mark() {
  if (recovers_ || board_.first_unacknowledged() < reduced_until_) return;
  reduced_until_ = board_.next();
  has_reduced_ = true;
  congestion_.lost();
}

// The third duplicate acknowledgement signals a loss; each further one says that a packet has left the network. In
// NewReno, a partial acknowledgement signals the next loss; in Reno, any new acknowledgement ends the recovery.
void Sender::recover_by_duplicates(std::uint64_t in_order, LossRecovery recovery) {
  constexpr std::uint32_t threshold = 3;
  const bool fast = recovers_ && !after_timeout_;
  if (in_order == 0) {
    if (fast) board_.depart(packet);
    if (duplicates_ != threshold || recovers_ || board_.first_unacknowledged() < recovery_end_) return;
    recovers_ = true;
    recovery_end_ = board_.next();
    congestion_.lost();
    board_.lose_first();
    board_.depart(threshold * packet);
    return;
  }
  duplicates_ = 0;
  if (board_.first_unacknowledged() >= recovery_end_ || (fast && recovery == LossRecovery::reno)) {
    recovers_ = after_timeout_ = false;
    board_.forget_departed();
  } else if (fast) {
    const std::uint64_t departed = board_.departed();
    board_.forget_departed();
    board_.depart(departed > in_order ? departed - in_order + packet : 0);
    board_.lose_first();
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Timers

void Sender::restart_timer(std::uint64_t last, Time now, const StreamOptions& options) {
  if (board_.outstanding() == 0 && board_.next() == last) {
    retransmit_at_ = never;
    return;
  }
  const Duration timeout =
      std::min(round_trip_.timeout(options.minimum_timeout) * (std::int64_t{1} << backoff_), options.maximum_timeout);
  retransmit_at_ = now + timeout;
  // If nothing is heard for two round trips, the last bytes may be lost with nothing after them to reveal it.
  retransmit_probes_ = options.recovery == LossRecovery::selective && !recovers_ && !has_probed_ && backoff_ == 0 &&
                       board_.outstanding() > 0 && round_trip_.is_known();
  if (!retransmit_probes_) return;
  Duration patience = 2 * round_trip_.smoothed() + std::chrono::milliseconds(2);
  if (board_.outstanding() <= packet) patience += 5 * options.delayed_acknowledgement;
  retransmit_at_ = now + std::min(patience, timeout);
}

Sender::Expiry Sender::expire() {
  PEERBED_CONTRACT(is_timed(), "a timer that expires was running");
  if (std::exchange(retransmit_probes_, false)) return Expiry::tail_loss_probe;
  back_off();
  if (board_.outstanding() == 0) return Expiry::window_probe;
  if (backoff_ == 1) congestion_.timed_out();
  board_.lose_all();
  lost_at_ = never;
  recovers_ = after_timeout_ = true;
  recovery_end_ = board_.next();
  return Expiry::timeout;
}

Sender::Transmission Sender::probe(std::uint64_t last, bool may_be_new, Time now) {
  const std::uint64_t next = board_.next();
  PEERBED_CONTRACT(next > 0, "a tail that is probed was sent");
  const std::uint64_t limit = std::min({last, peer_window_end_, next + packet});
  has_probed_ = true;
  last_sent_ = now;
  if (limit > next && may_be_new) {
    board_.sent(limit, now);
    return {{next, limit}, false};
  }
  const ByteRange tail{std::max(board_.first_unacknowledged(), next - std::min(next, packet)), next};
  board_.sent_again(tail, now);
  return {tail, true};
}

}  // namespace peerbed::sim
