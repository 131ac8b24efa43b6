// Sealed streams: their bytes pass through buffers, a few records at a time. Back-pressure works as without a seal:
// nothing is taken from the kernel, except for the rest of some records, unless the node asked for it.

#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>
#include <cstring>

#include "adapter/streams/stream.h"

namespace peerbed::adapter {

namespace {

constexpr std::uint64_t pushed_at_once = 1024 * 1024;                // bytes, then other streams have their turn
constexpr std::size_t sealed_at_once = 4 * StreamSeal::record_size;  // bytes, before they go to the kernel

}  // namespace

void Stream::break_seal() noexcept {
  tampered_with_ = true;
  abort();
  fail();
}

// Gives sealed bytes to the kernel; true if it took them all.
bool Stream::flush_sealed() {
  while (!seal_->outgoing().empty()) {
    const Bytes waiting = seal_->outgoing();
    const ssize_t sent = ::send(descriptor(), waiting.data(), waiting.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    if (!check_result(sent)) {
      full_ = state_ != State::broken;
      return false;
    }
    seal_->note_sent(static_cast<std::size_t>(sent));
  }
  return true;
}

void Stream::greet() {
  for (;;) {
    if (!flush_sealed() && state_ == State::broken) return;
    if (seal_->state() != StreamSeal::State::greeting) break;
    const std::span<std::byte> room = seal_->room();
    const ssize_t received = ::recv(descriptor(), room.data(), room.size(), MSG_DONTWAIT);
    if (received == 0) return fail();
    if (!check_result(received)) {
      empty_ = true;
      return;
    }
    seal_->note_received(static_cast<std::size_t>(received));
  }
  if (seal_->state() == StreamSeal::State::broken) return break_seal();
  state_ = State::open;
  announces_ = true;
}

// ---------------------------------------------------------------------------------------------------------------------
// Sending

void Stream::push_sealed(Time now, SpliceBuffer& splice_buffer) {
  const std::uint64_t before = sent_;
  bool is_flushed = flush_sealed();
  while (is_flushed && sent_ - before < pushed_at_once && seal_next(splice_buffer)) is_flushed = flush_sealed();
  if (sent_ != before) last_moved_ = now;
  if (state_ != State::open) return;
  if (!outgoing_.empty() && is_flushed) rested_ = false;
  if (!closing_ || !outgoing_.empty() || shut_) return;
  if (!std::exchange(finished_, true)) {
    seal_->finish();
    is_flushed = flush_sealed();
  }
  if (!is_flushed || state_ != State::open) return;
  shut_ = true;
  ::shutdown(descriptor(), SHUT_WR);
}

// Seals some of what waits; false if nothing does. Sealed bytes count as sent.
bool Stream::seal_next(SpliceBuffer& splice_buffer) {
  std::size_t sealed = 0;
  while (!outgoing_.empty() && sealed < sealed_at_once) {
    Outgoing& front = outgoing_.front();
    const std::uint64_t count = seal_front(front, splice_buffer.buffer());
    if (count == 0) {
      fail();  // the file is shorter than it was when the range was given
      return false;
    }
    sealed += count;
    front.done += count;
    sent_ += count;
    if (!front.file) literal_waiting_ -= count;
    if (front.done < (front.file ? front.range.size : front.bytes.size())) continue;
    if (front.file) sent_ranges_.push_back(front.range);
    outgoing_.pop_front();
  }
  return sealed > 0;
}

std::uint64_t Stream::seal_front(Outgoing& front, std::span<std::byte> buffer) {
  const std::uint64_t size = front.file ? front.range.size : front.bytes.size();
  const std::size_t wanted = std::min<std::uint64_t>(size - front.done, StreamSeal::record_size);
  if (!front.file) {
    seal_->seal(Bytes(front.bytes).subspan(front.done, wanted));
    return wanted;
  }
  ssize_t got = -1;
  do {
    got = ::pread(front.file->number(), buffer.data(), wanted, static_cast<off_t>(front.offset + front.done));
  } while (got < 0 && errno == EINTR);
  if (got <= 0) return 0;
  seal_->seal(buffer.first(static_cast<std::size_t>(got)));
  return static_cast<std::uint64_t>(got);
}

// ---------------------------------------------------------------------------------------------------------------------
// Receiving

void Stream::pull_sealed(Time now) {
  if (peer_finished_ || told_half_closed_) return;
  const bool wants = !requests_.empty() && requests_.front().done < requests_.front().size;
  // A node that asks for nothing more waits only for the end; unrequested bytes hide it.
  if (!wants && !(requests_.empty() && closing_)) return;
  const Bytes opened = receive_sealed();
  if (!wants || opened.empty()) return;
  const std::size_t taken = distribute_opened(opened);
  seal_->take(taken);
  rested_ = false;
  last_moved_ = now;
  received_ += taken;
  if (!request_begun_) request_begun_ = now;
}

// Returns opened bytes, after taking more from the kernel if there are none. Notes the end.
Bytes Stream::receive_sealed() {
  Bytes opened = seal_->opened();
  if (opened.empty() && seal_->state() == StreamSeal::State::open) {
    const std::span<std::byte> room = seal_->room();
    const ssize_t received = ::recv(descriptor(), room.data(), room.size(), MSG_DONTWAIT);
    // An end without a last record: the peer was killed, or somebody cut the stream off.
    if (received == 0) {
      abort();
      fail();
    }
    if (received == 0 || !check_result(received)) {
      empty_ = true;
      return {};
    }
    rested_ = false;
    seal_->note_received(static_cast<std::size_t>(received));
    opened = seal_->opened();
  }
  if (seal_->state() == StreamSeal::State::broken) {
    break_seal();
    return {};
  }
  peer_finished_ = opened.empty() && seal_->state() == StreamSeal::State::finished;
  return opened;
}

// Distributes opened bytes among the requests. Returns how many were taken.
std::size_t Stream::distribute_opened(Bytes opened) {
  std::size_t taken = 0;
  for (StreamRequest& request : requests_) {
    const std::size_t count = std::min<std::uint64_t>(opened.size() - taken, request.size - request.done);
    if (count == 0) continue;
    const Bytes part = opened.subspan(taken, count);
    if (!request.to_content)
      std::memcpy(request.bytes.data() + request.done, part.data(), count);
    else
      request.store(part);
    request.done += count;
    taken += count;
  }
  return taken;
}

}  // namespace peerbed::adapter
