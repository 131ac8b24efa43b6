#pragma once
// Turns the bytes of one end of a stream into sealed records and back; it does no I/O. The ends exchange public keys
// made for this stream, which only a node of the cluster can authenticate. Everything after that is sealed with keys
// that nobody can later derive from the cluster's key and a recording. The last record is marked as such.
//
//   opener                                     accepter
//   version 1, public key 32, check 32  --->
//                                       <---   version 1, public key 32, check 32, header 24
//   header 24, an empty record          --->
//   records: size 2, sealed bytes      <--->   records

#include <array>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <vector>

#include "adapter/base/endpoint.h"
#include "adapter/crypto/cluster_key.h"
#include "protocols/environment/codec.h"

namespace peerbed::adapter {

class StreamSeal {
 public:
  enum class Role : std::uint8_t { opener, accepter };
  enum class State : std::uint8_t {
    greeting,
    open,      // the other end has the key, and is live
    finished,  // the last record has arrived
    broken,    // the other end does not have the key, or data was changed
  };
  static constexpr std::size_t record_size = 16 * 1024;  // bytes in a record, at most
  static constexpr std::size_t overhead = 2 + 17;        // bytes added to each record

  // `accepter`: the endpoint of the end that accepts the stream, as both ends know it.
  StreamSeal(std::shared_ptr<const ClusterKey> key, Role role, const Endpoint& accepter);
  ~StreamSeal();
  StreamSeal(const StreamSeal&) = delete;
  StreamSeal& operator=(const StreamSeal&) = delete;

  State state() const noexcept { return state_; }

  // Bytes to send, and a call to remove the ones that were sent.
  Bytes outgoing() const noexcept { return Bytes(outgoing_).subspan(sent_); }
  void note_sent(std::size_t count) noexcept;
  // Seals at most record_size bytes, once the state is `open`; the second marks the end.
  void seal(Bytes payload);
  void finish();

  // Where to put received bytes, and a call to say how many arrived. Never empty while opened() is, unless finished or
  // broken.
  std::span<std::byte> room();
  void note_received(std::size_t count);
  // Opened bytes that were not taken yet; empty if more must be received first.
  Bytes opened();
  void take(std::size_t count) noexcept { taken_ += count; }

  std::size_t memory() const noexcept;  // bytes buffered, sealed or not

 private:
  struct Secrets;
  static constexpr std::size_t incoming_size = 4 * (record_size + overhead);

  void send_greeting();
  bool read_greeting();
  bool read_header();
  void make_keys();
  bool open_record();
  Bytes received() const noexcept { return {incoming_.get() + begin_, end_ - begin_}; }
  void append(Bytes bytes) { outgoing_.insert(outgoing_.end(), bytes.begin(), bytes.end()); }
  void append_record(Bytes payload, unsigned char tag);

  std::shared_ptr<const ClusterKey> key_;
  Role role_;
  Endpoint accepter_;
  State state_ = State::greeting;
  bool has_greeted_ = false;  // the other end has
  bool has_header_ = false;   // the header of the other end has arrived
  std::unique_ptr<Secrets> secrets_;
  std::vector<std::byte> outgoing_;
  std::size_t sent_ = 0;
  std::unique_ptr<std::byte[]> incoming_;  // null while empty
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::vector<std::byte> opened_;
  std::size_t taken_ = 0;
};

}  // namespace peerbed::adapter
