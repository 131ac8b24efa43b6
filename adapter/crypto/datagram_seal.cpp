#include "adapter/crypto/datagram_seal.h"

#include <sodium.h>

#include <algorithm>

#include "adapter/crypto/sodium_bytes.h"
#include "protocols/environment/contract.h"

namespace peerbed::adapter {

namespace {

static_assert(DatagramSeal::session_size + DatagramSeal::number_size == crypto_aead_xchacha20poly1305_ietf_NPUBBYTES);
static_assert(DatagramSeal::tag_size == crypto_aead_xchacha20poly1305_ietf_ABYTES);

// Additional data, authenticated but not sent: the type of datagram, and both endpoints.
using Binding = std::array<unsigned char, 1 + 2 * std::tuple_size_v<EndpointBytes>>;

Binding binding_of(std::byte type, const Endpoint& from, const Endpoint& to) noexcept {
  Binding binding{static_cast<unsigned char>(type)};
  const EndpointBytes sender = bytes_of(from);
  const EndpointBytes receiver = bytes_of(to);
  std::copy(receiver.begin(), receiver.end(), std::copy(sender.begin(), sender.end(), binding.begin() + 1));
  return binding;
}

}  // namespace

// A session's name is drawn from 128 bits, and each number is used once in it, so no nonce repeats.
DatagramSeal::DatagramSeal(std::shared_ptr<const ClusterKey> key, const Endpoint& self)
    : key_(std::move(key)), self_(self) {
  PEERBED_CONTRACT(key_ != nullptr, "a seal has a key");
  ::randombytes_buf(session_.value.data(), session_size);
}

Bytes DatagramSeal::seal(DatagramType type, const Endpoint& to, Bytes payload) {
  PEERBED_CONTRACT(payload.size() <= maximum_datagram_size, "a message fits into one datagram");
  Writer header(sealed_);
  header.integers(static_cast<std::uint8_t>(type), session_.value[0], session_.value[1], ++sent_);
  const Binding binding = binding_of(sealed_[0], self_, to);
  std::byte* const body = sealed_.data() + header.size();
  ::crypto_aead_xchacha20poly1305_ietf_encrypt(as_unsigned(body), nullptr, as_unsigned(payload.data()), payload.size(),
                                               binding.data(), binding.size(), nullptr, as_unsigned(&sealed_[1]),
                                               key_->datagrams().data());
  return {sealed_.data(), payload.size() + overhead};
}

std::optional<SealedDatagram> DatagramSeal::open(const Endpoint& from, Bytes sealed) {
  if (sealed.size() < overhead || sealed.size() > maximum_size) return std::nullopt;
  Reader reader(sealed);
  SealedDatagram result;
  result.type = static_cast<DatagramType>(reader.integer<std::uint8_t>());
  for (std::uint64_t& part : result.session.value) part = reader.integer<std::uint64_t>();
  result.number = reader.integer<std::uint64_t>();
  const Binding binding = binding_of(sealed[0], from, self_);
  const Bytes body = sealed.subspan(overhead - tag_size);
  const bool is_authentic = ::crypto_aead_xchacha20poly1305_ietf_decrypt(
                                as_unsigned(opened_.data()), nullptr, nullptr, as_unsigned(body.data()), body.size(),
                                binding.data(), binding.size(), as_unsigned(&sealed[1]), key_->datagrams().data()) == 0;
  if (!is_authentic) return std::nullopt;
  result.payload = {opened_.data(), body.size() - tag_size};
  return result;
}

}  // namespace peerbed::adapter
