#pragma once
// What a host records about each remote, so that none takes more than its share.

#include <cstddef>
#include <cstdint>
#include <map>
#include <vector>

#include "adapter/base/endpoint.h"
#include "adapter/base/limits.h"
#include "protocols/environment/time.h"

namespace peerbed::adapter {

class PeerQuotas {
 public:
  // The secret `key` decides which peers share a token bucket.
  PeerQuotas(const Limits& limits, std::uint64_t key);

  const Limits& limits() const noexcept { return limits_; }

  // Whether another datagram from `source` may be handled now.
  bool takes_datagram(const sockaddr_storage& source, Time now) noexcept;

  enum class Refusal : std::uint8_t { none, all_streams, streams_of_remote };
  // Whether another stream from `remote` may be accepted.
  Refusal refusal_of_stream(const Endpoint& remote) const noexcept;
  void add_stream(const Endpoint& remote);
  void remove_stream(const Endpoint& remote);
  // Records that a stream's memory changed. Returns false if its peer now uses too much.
  bool change_memory(const Endpoint& remote, std::size_t before, std::size_t after);
  std::size_t streams() const noexcept { return streams_; }

 private:
  struct Share {
    std::size_t streams = 0;
    std::size_t memory = 0;
  };
  struct Bucket {
    Time filled{};
    std::uint64_t spent = 0;  // nanoseconds' worth of datagrams since the bucket was full
  };

  Limits limits_;
  std::uint64_t key_;
  std::vector<Bucket> buckets_;
  std::map<std::uint64_t, Share> shares_;  // of remotes with streams
  std::size_t streams_ = 0;
};

}  // namespace peerbed::adapter
