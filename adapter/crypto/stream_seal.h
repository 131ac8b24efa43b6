#pragma once
// Turns the bytes of one end of a stream into sealed records and back; it knows no socket. The ends exchange public
// keys made for this stream, which only a node of the cluster can authenticate. What follows is sealed with keys that
// nobody can derive later from the cluster's key and a recording. The last record is marked as the last.
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
    open,      // the other end has the key, and speaks now
    finished,  // its last record is there
    broken,    // the other end does not have the key, or what it sent was changed
  };
  static constexpr std::size_t record_size = 16 * 1024;  // bytes in a record, at most
  static constexpr std::size_t overhead = 2 + 17;        // bytes of a record beside these

  // `accepter`: where the end that accepts the stream is reached, as both know it.
  StreamSeal(std::shared_ptr<const ClusterKey> key, Role role, const Endpoint& accepter);
  ~StreamSeal();
  StreamSeal(const StreamSeal&) = delete;
  StreamSeal& operator=(const StreamSeal&) = delete;

  State state() const noexcept { return state_; }

  // What is to be sent, front first; what was sent is taken away.
  Bytes outgoing() const noexcept { return Bytes(outgoing_).subspan(sent_); }
  void note_sent(std::size_t count) noexcept;
  // Seals at most record_size bytes, once the state is open; and says that they were the last.
  void seal(Bytes payload);
  void finish();

  // Where to put what is received, and how much of it was; never empty while opened() is, in a state that goes on.
  std::span<std::byte> room();
  void note_received(std::size_t count);
  // What was sealed at the other end and was not taken yet; empty when more has to be received for it.
  Bytes opened();
  void take(std::size_t count) noexcept { taken_ += count; }

  std::size_t memory() const noexcept;  // bytes that wait, sealed or not

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
  bool has_header_ = false;   // of what the other end seals
  std::unique_ptr<Secrets> secrets_;
  std::vector<std::byte> outgoing_;
  std::size_t sent_ = 0;
  std::unique_ptr<std::byte[]> incoming_;  // none while nothing waits in it
  std::size_t begin_ = 0;
  std::size_t end_ = 0;
  std::vector<std::byte> opened_;
  std::size_t taken_ = 0;
};

}  // namespace peerbed::adapter
