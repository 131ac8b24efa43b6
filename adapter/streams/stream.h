#pragma once
// One end of a stream over TCP. It reads from the kernel only what its node asked for, so a node that does not ask
// stops its peer. Content moves between file and socket without passing through the node.

#include <cstdint>
#include <deque>
#include <memory>
#include <optional>
#include <vector>

#include "adapter/base/splice_buffer.h"
#include "adapter/base/traffic_shaper.h"
#include "adapter/crypto/stream_seal.h"
#include "adapter/files/open_files.h"
#include "adapter/loop/event_loop.h"
#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"

namespace peerbed::adapter {

// What a node asked to receive, and how much of it has arrived.
struct StreamRequest {
  std::uint64_t size = 0;
  std::uint64_t done = 0;
  bool to_content = false;
  int error = 0;  // why the disk did not take it; also set if there is no file
  ContentRange range{};
  OpenFile file{};
  std::vector<std::byte> bytes{};

  // Writes the content's next bytes to its file, unless the disk has failed before.
  void store(Bytes part) noexcept;
};

class Stream {
 public:
  enum class State : std::uint8_t {
    connecting,
    greeting,  // of a sealed stream
    open,
    broken
  };

  // `connecting`: the handshake is in progress; otherwise the stream was accepted. Without a seal, bytes travel in the
  // clear. `path` is what the traffic shaper imposes; sealed streams are only subject to its handshake time.
  Stream(StreamId id, Address peer, std::unique_ptr<Watch> socket, bool connecting, std::unique_ptr<StreamSeal> seal,
         const StreamPath& path, Time now);

  StreamId id() const noexcept { return id_; }
  Address peer() const noexcept { return peer_; }
  State state() const noexcept { return state_; }
  bool is_live() const noexcept { return state_ != State::broken; }
  bool is_closing() const noexcept { return closing_; }
  // Whether its node knows it: an accepted sealed stream is not reported until its other end has sent its greeting.
  bool is_known() const noexcept { return is_known_; }
  // Whether it broke because of what the other end, or somebody in between, sent.
  bool is_tampered_with() const noexcept { return tampered_with_; }
  int descriptor() const noexcept { return socket_->descriptor(); }

  // Requests of the node. write() returns false if it would exceed the backlog limit.
  bool write(Bytes bytes);
  // Sends a range of content that is in a file from `offset` on.
  void send(const ContentRange& range, OpenFile file, std::uint64_t offset);
  void receive(StreamRequest request);
  void close() noexcept { closing_ = true; }
  // The node will be told that the stream is over.
  void fail() noexcept { state_ = State::broken; }
  // Tells the peer's host at once that nothing more is read or written.
  void abort() noexcept;

  // Checks whether a pending connection is established.
  void finish_connecting();
  // Moves what can be moved without blocking, up to a limit that leaves other streams their turn.
  void advance(Time now, SpliceBuffer& splice_buffer);
  // The next event for its node; false if there is none. Bytes are valid as long as `answered` is. After `closed` and
  // `reset` the stream is over.
  bool next_event(StreamEvent& event, StreamRequest& answered);
  // Asks the loop to wake this stream when it can go on; false if it waits only for time to pass.
  void await() const;
  // Whether it ran out of work before reaching its limit. If not, it must be advanced again soon.
  bool has_rested() const noexcept { return rested_; }

  // Until when the traffic shaper holds it back; nothing if it does not.
  std::optional<Time> held_until() const noexcept { return held_until_; }

  // For the host's timeouts.
  Time since() const noexcept { return since_; }
  Time last_moved() const noexcept { return last_moved_; }
  // Since when the first request has been partly answered; nothing if none is.
  std::optional<Time> request_begun() const noexcept { return request_begun_; }
  std::uint64_t request_size() const noexcept { return requests_.empty() ? 0 : requests_.front().size; }
  // Whether only the acknowledgement of written bytes is outstanding.
  bool awaits_acknowledgement() const noexcept;
  std::size_t memory() const noexcept { return literal_waiting_ + asked_bytes_ + (seal_ ? seal_->memory() : 0); }
  std::uint64_t received() const noexcept { return received_; }
  std::uint64_t sent() const noexcept { return sent_; }

 private:
  struct Outgoing {
    std::vector<std::byte> bytes;  // if there are none, it is a range:
    ContentRange range;
    OpenFile file;
    std::uint64_t offset = 0;  // of the range in the file
    std::uint64_t done = 0;
    std::optional<Time> ready{};  // when it may leave, if there is a delay
  };

  bool is_held(Time until, Time now) noexcept;
  void stamp(Time now);
  std::uint64_t portion() const noexcept;
  void push(Time now);
  bool push_bytes(Outgoing& front, bool more_follows);
  bool push_content(Outgoing& front);
  void pull(Time now, SpliceBuffer& splice_buffer);
  ssize_t pull_by_buffer(std::span<std::byte> buffer);
  ssize_t pull_by_pipe(StreamRequest& front, SpliceBuffer& splice_buffer);
  void distribute(std::size_t received, std::span<std::byte> buffer);
  void look_for_end();
  // Sealed streams.
  void greet();
  void push_sealed(Time now, SpliceBuffer& splice_buffer);
  bool seal_next(SpliceBuffer& splice_buffer);
  std::uint64_t seal_front(Outgoing& front, std::span<std::byte> buffer);
  void pull_sealed(Time now);
  Bytes receive_sealed();
  std::size_t distribute_opened(Bytes opened);
  bool flush_sealed();
  void break_seal() noexcept;
  bool check_result(ssize_t result) noexcept;

  StreamId id_;
  Address peer_;
  std::unique_ptr<Watch> socket_;
  std::unique_ptr<StreamSeal> seal_;  // null: bytes travel in the clear
  State state_;
  bool announces_;
  bool is_known_;
  bool tampered_with_ = false;
  bool closing_ = false;
  bool finished_ = false;       // the last record has been sealed
  bool shut_ = false;           // the FIN has been given to the kernel
  bool peer_finished_ = false;  // its FIN has been read
  bool told_half_closed_ = false;
  bool full_ = false;   // the kernel takes no more for now
  bool empty_ = false;  // the kernel has no data for now
  bool rested_ = true;
  std::deque<Outgoing> outgoing_;
  std::deque<ContentRange> sent_ranges_;
  std::deque<StreamRequest> requests_;
  std::size_t literal_waiting_ = 0;
  std::size_t asked_bytes_ = 0;
  std::uint64_t received_ = 0;
  std::uint64_t sent_ = 0;
  StreamPath path_;
  std::optional<Time> held_until_;
  Time announced_at_;
  bool shakes_hands_ = false;  // the traffic shaper's handshake is in progress, although the kernel's is done
  Time since_;
  Time last_moved_;
  std::optional<Time> request_begun_;
};

}  // namespace peerbed::adapter
