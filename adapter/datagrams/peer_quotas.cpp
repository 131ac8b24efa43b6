#include "adapter/datagrams/peer_quotas.h"

#include <algorithm>
#include <cstring>

#include "protocols/environment/random.h"

namespace peerbed::adapter {

namespace {

constexpr std::size_t bucket_count = 16'384;

std::uint64_t name_of(const Endpoint& remote) noexcept {
  std::uint64_t name = 0;
  if (remote.is_ipv4()) return remote.address().host();
  for (std::size_t i = 0; i < 8; ++i) name = (name << 8) | remote.host[i];
  return name;
}

}  // namespace

PeerQuotas::PeerQuotas(const Limits& limits, std::uint64_t key) : limits_(limits), key_(key) {}

// A token bucket that counts in time: each datagram costs its share of a second at the permitted rate, and the debt may
// reach one second. Peers that share a bucket share a rate; the secret key keeps anyone from choosing whom they share
// with.
bool PeerQuotas::takes_datagram(const sockaddr_storage& source, Time now) noexcept {
  std::uint64_t name = 0;
  if (source.ss_family == AF_INET) {
    sockaddr_in in;
    std::memcpy(&in, &source, sizeof in);
    name = ntohl(in.sin_addr.s_addr);
    if (name >> 24 == 127 && !limits_.loopback_too) return true;
  } else {
    const auto endpoint = Endpoint::of(source);
    if (!endpoint || (endpoint->is_loopback() && !limits_.loopback_too)) return true;
    name = name_of(*endpoint);
  }
  if (buckets_.empty()) buckets_.resize(bucket_count);
  Bucket& bucket = buckets_[to_below(key_of(key_, name), bucket_count)];
  constexpr std::uint64_t second = 1'000'000'000;
  const auto passed = static_cast<std::uint64_t>((now - bucket.filled).count());
  bucket.spent -= std::min(bucket.spent, passed);
  bucket.filled = now;
  const std::uint64_t cost = second / std::max<std::uint32_t>(limits_.datagrams_per_second, 1);
  if (bucket.spent + cost > 2 * second) return false;
  bucket.spent += cost;
  return true;
}

PeerQuotas::Refusal PeerQuotas::refusal_of_stream(const Endpoint& remote) const noexcept {
  if (streams_ >= limits_.streams) return Refusal::all_streams;
  if (remote.is_loopback() && !limits_.loopback_too) return Refusal::none;
  const auto share = shares_.find(name_of(remote));
  const bool has_many = share != shares_.end() && share->second.streams >= limits_.streams_per_remote;
  return has_many ? Refusal::streams_of_remote : Refusal::none;
}

void PeerQuotas::add_stream(const Endpoint& remote) {
  ++streams_;
  ++shares_[name_of(remote)].streams;
}

void PeerQuotas::remove_stream(const Endpoint& remote) {
  const auto share = shares_.find(name_of(remote));
  --streams_;
  if (--share->second.streams == 0) shares_.erase(share);
}

bool PeerQuotas::change_memory(const Endpoint& remote, std::size_t before, std::size_t after) {
  Share& share = shares_[name_of(remote)];
  share.memory += after;
  share.memory -= before;
  if (after <= before || (remote.is_loopback() && !limits_.loopback_too)) return true;
  return share.memory <= limits_.memory_per_remote;
}

}  // namespace peerbed::adapter
