#include "adapter/streams/stream.h"

#include <linux/sockios.h>
#include <sys/ioctl.h>
#include <sys/sendfile.h>
#include <sys/socket.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <cstring>

#include "protocols/environment/contract.h"

namespace peerbed::adapter {

namespace {

constexpr std::uint64_t pushed_at_once = 1024 * 1024;                // bytes, then other streams have their turn
constexpr std::size_t sealed_at_once = 4 * StreamSeal::record_size;  // bytes, before they go to the kernel
constexpr std::size_t requests_at_once = 8;                          // served by one system call
constexpr std::uint64_t piped_from = 32 * 1024;  // bytes; below that a pipe is not worth its system calls

}  // namespace

void StreamRequest::store(Bytes part) noexcept {
  if (error == 0 && !write_at(file->number(), part, range.offset + done)) error = errno != 0 ? errno : EIO;
}

Stream::Stream(StreamId id, Address peer, std::unique_ptr<Watch> socket, bool connecting,
               std::unique_ptr<StreamSeal> seal, const StreamPath& path, Time now)
    : id_(id),
      peer_(peer),
      socket_(std::move(socket)),
      seal_(std::move(seal)),
      state_(connecting ? State::connecting
             : seal_    ? State::greeting
                        : State::open),
      announces_(state_ == State::open),
      is_known_(connecting),
      path_(path),
      announced_at_(now + path.delay * (connecting ? 2 : 1)),
      since_(now),
      last_moved_(now) {}

// ---------------------------------------------------------------------------------------------------------------------
// Requests from the node

bool Stream::write(Bytes bytes) {
  PEERBED_CONTRACT(!closing_, "a node writes nothing behind its close_stream");
  if (literal_waiting_ + bytes.size() > maximum_stream_backlog) return false;
  literal_waiting_ += bytes.size();
  if (outgoing_.empty() || outgoing_.back().file || outgoing_.back().ready) outgoing_.emplace_back();
  std::vector<std::byte>& waiting = outgoing_.back().bytes;
  waiting.insert(waiting.end(), bytes.begin(), bytes.end());
  return true;
}

void Stream::send(const ContentRange& range, OpenFile file, std::uint64_t offset) {
  PEERBED_CONTRACT(!closing_, "a node sends nothing behind its close_stream");
  outgoing_.push_back({{}, range, std::move(file), offset, 0, {}});
}

void Stream::receive(StreamRequest request) {
  if (told_half_closed_) return;
  if (!request.to_content) {
    request.bytes.resize(request.size);
    asked_bytes_ += request.size;
  }
  requests_.push_back(std::move(request));
}

void Stream::abort() noexcept {
  const linger at_once{1, 0};
  ::setsockopt(descriptor(), SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

// ---------------------------------------------------------------------------------------------------------------------
// Moving bytes

void Stream::finish_connecting() {
  if (state_ != State::connecting) return;
  int error = 0;
  socklen_t size = sizeof error;
  ::getsockopt(descriptor(), SOL_SOCKET, SO_ERROR, &error, &size);
  if (error != 0) return fail();
  sockaddr_storage peer{};
  size = sizeof peer;
  if (::getpeername(descriptor(), reinterpret_cast<sockaddr*>(&peer), &size) != 0) return;  // not yet
  state_ = seal_ ? State::greeting : State::open;
  announces_ = state_ == State::open;
}

// The bytes to give to the kernel at once.
std::uint64_t Stream::portion() const noexcept {
  return path_.upload == nullptr ? pushed_at_once : path_.upload->portion();
}

void Stream::advance(Time now, SpliceBuffer& splice_buffer) {
  if (state_ == State::connecting) finish_connecting();
  rested_ = true;
  full_ = empty_ = false;
  if (state_ == State::greeting) greet();
  held_until_.reset();
  // The handshake takes time: for the opener, to the peer and back.
  shakes_hands_ = announces_ && is_held(announced_at_, now);
  if (shakes_hands_) return;
  if (path_.delay > Duration::zero()) stamp(now);
  if (state_ == State::open) seal_ ? push_sealed(now, splice_buffer) : push(now);
  if (state_ == State::open) seal_ ? pull_sealed(now) : pull(now, splice_buffer);
}

// Whether the traffic shaper delays something until `until`.
bool Stream::is_held(Time until, Time now) noexcept {
  if (until <= now) return false;
  held_until_ = std::min(until, held_until_.value_or(until));
  return true;
}

// What was written since the last call starts its delay now.
void Stream::stamp(Time now) {
  for (auto each = outgoing_.rbegin(); each != outgoing_.rend() && !each->ready; ++each)
    each->ready = now + path_.delay;
}

// True if the kernel moved something; otherwise records why not.
bool Stream::check_result(ssize_t result) noexcept {
  if (result > 0) return true;
  if (result < 0 && errno != EAGAIN && errno != EWOULDBLOCK && errno != EINTR) fail();
  return false;
}

void Stream::push(Time now) {
  const std::uint64_t before = sent_;
  while (!outgoing_.empty() && sent_ - before < pushed_at_once) {
    Outgoing& front = outgoing_.front();
    if (front.ready && is_held(*front.ready, now)) break;
    if (path_.upload != nullptr && is_held(path_.upload->free_at(), now)) break;
    const std::uint64_t sent_before = sent_;
    const bool moved = front.file ? push_content(front) : push_bytes(front, outgoing_.size() > 1);
    if (state_ != State::open) return;
    if (path_.upload != nullptr) path_.upload->spend(now, sent_ - sent_before);
    if (!moved) {
      full_ = true;
      break;
    }
    const std::uint64_t size = front.file ? front.range.size : front.bytes.size();
    if (front.done < size) continue;
    if (front.file) sent_ranges_.push_back(front.range);
    outgoing_.pop_front();
  }
  if (sent_ != before) last_moved_ = now;
  if (!outgoing_.empty() && !full_ && !held_until_) rested_ = false;
  if (closing_ && outgoing_.empty() && !shut_) {
    shut_ = true;
    ::shutdown(descriptor(), SHUT_WR);
  }
}

bool Stream::push_bytes(Outgoing& front, bool more_follows) {
  const int flags = MSG_NOSIGNAL | MSG_DONTWAIT | (more_follows ? MSG_MORE : 0);
  const std::size_t wanted = std::min<std::uint64_t>(front.bytes.size() - front.done, portion());
  const ssize_t sent = ::send(descriptor(), front.bytes.data() + front.done, wanted, flags);
  if (!check_result(sent)) return false;
  front.done += static_cast<std::uint64_t>(sent);
  sent_ += static_cast<std::uint64_t>(sent);
  literal_waiting_ -= static_cast<std::size_t>(sent);
  return true;
}

bool Stream::push_content(Outgoing& front) {
  auto offset = static_cast<off_t>(front.offset + front.done);
  const std::size_t wanted = std::min(front.range.size - front.done, portion());
  const ssize_t sent = ::sendfile(descriptor(), front.file->number(), &offset, wanted);
  if (sent == 0) fail();  // the file is shorter than it was when the range was given
  if (!check_result(sent)) return false;
  front.done += static_cast<std::uint64_t>(sent);
  sent_ += static_cast<std::uint64_t>(sent);
  return true;
}

void Stream::pull(Time now, SpliceBuffer& splice_buffer) {
  if (requests_.empty() && closing_) return look_for_end();
  if (requests_.empty() || peer_finished_ || requests_.front().done == requests_.front().size) return;
  if (path_.download != nullptr && is_held(path_.download->free_at(), now)) return;
  StreamRequest& front = requests_.front();
  const bool is_large = front.to_content && front.size - front.done >= piped_from && splice_buffer.has_pipe();
  const ssize_t received = is_large ? pull_by_pipe(front, splice_buffer) : pull_by_buffer(splice_buffer.buffer());
  if (received == 0) {
    peer_finished_ = true;
    return;
  }
  if (!check_result(received)) {
    empty_ = true;
    return;
  }
  rested_ = false;
  last_moved_ = now;
  received_ += static_cast<std::uint64_t>(received);
  if (path_.download != nullptr) path_.download->spend(now, static_cast<std::uint64_t>(received));
  if (!request_begun_) request_begun_ = now;
}

ssize_t Stream::pull_by_pipe(StreamRequest& front, SpliceBuffer& splice_buffer) {
  const int file = front.file != nullptr && front.error == 0 ? front.file->number() : -1;
  const auto moved = splice_buffer.move(descriptor(), front.size - front.done, file, front.range.offset + front.done);
  if (moved.from_socket <= 0) return moved.from_socket;
  front.done += static_cast<std::uint64_t>(moved.from_socket);
  if (front.error == 0) front.error = moved.error;
  return moved.from_socket;
}

// Serves the first few requests with one call: bytes go directly to their destination, content goes through the buffer.
ssize_t Stream::pull_by_buffer(std::span<std::byte> buffer) {
  std::array<iovec, requests_at_once> parts;
  std::size_t count = 0;
  std::size_t buffered = 0;
  for (StreamRequest& request : requests_) {
    const std::uint64_t missing = request.size - request.done;
    if (count == parts.size() || (request.to_content && missing > buffer.size() - buffered)) break;
    if (missing == 0) continue;
    std::byte* destination = request.to_content ? buffer.data() + buffered : request.bytes.data() + request.done;
    if (request.to_content) buffered += missing;
    parts[count++] = {destination, missing};
  }
  if (count == 0) parts[count++] = {buffer.data(), buffer.size()};  // part of the first request
  msghdr message{};
  message.msg_iov = parts.data();
  message.msg_iovlen = count;
  const ssize_t received = ::recvmsg(descriptor(), &message, MSG_DONTWAIT);
  if (received > 0) distribute(static_cast<std::size_t>(received), buffer);
  return received;
}

void Stream::distribute(std::size_t received, std::span<std::byte> buffer) {
  for (StreamRequest& request : requests_) {
    const std::size_t taken = std::min<std::uint64_t>(received, request.size - request.done);
    if (request.to_content && taken > 0) {
      request.store(buffer.first(taken));
      buffer = buffer.subspan(taken);
    }
    request.done += taken;
    received -= taken;
    if (received == 0) return;
  }
}

// The node expects nothing more: has the peer finished too? Unrequested bytes hide its end.
void Stream::look_for_end() {
  if (peer_finished_ || told_half_closed_) return;
  std::byte ahead{};
  const ssize_t waiting = ::recv(descriptor(), &ahead, 1, MSG_DONTWAIT | MSG_PEEK);
  if (waiting == 0) peer_finished_ = true;
  if (waiting < 0 && !check_result(waiting)) empty_ = true;
}

bool Stream::awaits_acknowledgement() const noexcept {
  return state_ == State::open && shut_ && peer_finished_ && requests_.empty();
}

void Stream::await() const {
  const bool is_connected = state_ == State::greeting || state_ == State::open;
  if (state_ == State::connecting || (is_connected && full_)) socket_->await_writable();
  if (is_connected && empty_) socket_->await_readable();
}

// ---------------------------------------------------------------------------------------------------------------------
// Telling the node

bool Stream::next_event(StreamEvent& event, StreamRequest& answered) {
  event = {.stream = id_, .kind = {}, .peer = peer_, .bytes = {}, .range = {}};
  if (state_ == State::broken) {
    event.kind = StreamEventKind::reset;
    return true;
  }
  if (state_ != State::open) return false;
  if (announces_) {
    if (shakes_hands_) return false;
    announces_ = false;
    is_known_ = true;
    event.kind = id_.value % 2 == 1 ? StreamEventKind::opened : StreamEventKind::accepted;
    return true;
  }
  if (!sent_ranges_.empty()) {
    event.kind = StreamEventKind::content_sent;
    event.range = sent_ranges_.front();
    sent_ranges_.pop_front();
    return true;
  }
  if (!requests_.empty() && requests_.front().done == requests_.front().size) {
    answered = std::move(requests_.front());
    requests_.pop_front();
    if (!answered.to_content) asked_bytes_ -= answered.bytes.size();
    request_begun_.reset();
    if (!requests_.empty() && requests_.front().done > 0) request_begun_ = last_moved_;
    event.kind = !answered.to_content  ? StreamEventKind::bytes_received
                 : answered.error != 0 ? StreamEventKind::content_lost
                                       : StreamEventKind::content_received;
    event.bytes = answered.bytes;
    event.range = answered.range;
    return true;
  }
  if (!requests_.empty() && peer_finished_) {
    told_half_closed_ = true;
    requests_.clear();
    asked_bytes_ = 0;
    request_begun_.reset();
    event.kind = StreamEventKind::half_closed;
    return true;
  }
  if (!awaits_acknowledgement()) return false;
  int unacknowledged = 0;
  if (::ioctl(descriptor(), SIOCOUTQ, &unacknowledged) != 0 || unacknowledged > 0) return false;
  event.kind = StreamEventKind::closed;
  return true;
}

// ---------------------------------------------------------------------------------------------------------------------
// Sealed: bytes pass through buffers, a few records at a time. Nothing is taken from the kernel, except for the rest of
// some records, unless the node asked for it.

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
