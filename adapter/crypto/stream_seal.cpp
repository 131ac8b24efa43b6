#include "adapter/crypto/stream_seal.h"

#include <sodium.h>

#include <algorithm>
#include <cstring>

#include "adapter/crypto/sodium_bytes.h"
#include "protocols/environment/contract.h"

namespace peerbed::adapter {

namespace {

constexpr std::uint8_t version = 1;
constexpr std::size_t key_size = crypto_scalarmult_curve25519_BYTES;
constexpr std::size_t check_size = 32;
constexpr std::size_t greeting_size = 1 + key_size + check_size;
constexpr std::size_t header_size = crypto_secretstream_xchacha20poly1305_HEADERBYTES;
constexpr std::size_t size_size = 2;
constexpr unsigned char more_follow = crypto_secretstream_xchacha20poly1305_TAG_MESSAGE;
constexpr unsigned char is_last = crypto_secretstream_xchacha20poly1305_TAG_FINAL;

static_assert(StreamSeal::overhead == size_size + crypto_secretstream_xchacha20poly1305_ABYTES);
static_assert(StreamSeal::record_size + StreamSeal::overhead - size_size <= UINT16_MAX);

using PublicKey = std::array<unsigned char, key_size>;
using Check = std::array<unsigned char, check_size>;

}  // namespace

// Secrets that are wiped after use.
struct StreamSeal::Secrets {
  Secrets() {
    ::randombytes_buf(own_secret.data(), own_secret.size());
    ::crypto_scalarmult_curve25519_base(own_public.data(), own_secret.data());
  }
  ~Secrets() { ::sodium_memzero(this, sizeof *this); }

  std::array<unsigned char, key_size> own_secret{};  // until the keys are derived
  PublicKey own_public{};
  PublicKey other_public{};                             // zero until the other end has sent its greeting
  std::array<unsigned char, key_size> receiving_key{};  // until the header has arrived
  crypto_secretstream_xchacha20poly1305_state sending{};
  crypto_secretstream_xchacha20poly1305_state receiving{};
};

namespace {

// Binds a greeting to its sender's role, the node it is for, and the greeting that it answers, so that it cannot be
// reflected, forwarded to another node, or replayed as an answer.
Check check_of(const ClusterKey& key, StreamSeal::Role role, const Endpoint& accepter, const PublicKey& own,
               const PublicKey& answered) {
  const std::array<unsigned char, 2> what{static_cast<unsigned char>(role), version};
  const EndpointBytes endpoint = bytes_of(accepter);
  crypto_generichash_state state;
  Check check;
  ::crypto_generichash_init(&state, key.greetings().data(), key.greetings().size(), check.size());
  ::crypto_generichash_update(&state, what.data(), what.size());
  ::crypto_generichash_update(&state, endpoint.data(), endpoint.size());
  ::crypto_generichash_update(&state, own.data(), own.size());
  ::crypto_generichash_update(&state, answered.data(), answered.size());
  ::crypto_generichash_final(&state, check.data(), check.size());
  return check;
}

}  // namespace

StreamSeal::StreamSeal(std::shared_ptr<const ClusterKey> key, Role role, const Endpoint& accepter)
    : key_(std::move(key)), role_(role), accepter_(accepter), secrets_(std::make_unique<Secrets>()) {
  PEERBED_CONTRACT(key_ != nullptr, "a seal has a key");
  if (role_ == Role::opener) send_greeting();
}

StreamSeal::~StreamSeal() = default;

// ---------------------------------------------------------------------------------------------------------------------
// Sending

void StreamSeal::note_sent(std::size_t count) noexcept {
  sent_ += count;
  if (sent_ < outgoing_.size()) return;
  outgoing_.clear();
  sent_ = 0;
}

void StreamSeal::seal(Bytes payload) {
  PEERBED_CONTRACT(state_ != State::greeting && payload.size() <= record_size, "what is sealed fits into a record");
  append_record(payload, more_follow);
}

void StreamSeal::finish() { append_record({}, is_last); }

void StreamSeal::append_record(Bytes payload, unsigned char tag) {
  const std::size_t sealed_size = payload.size() + overhead - size_size;
  const std::size_t before = outgoing_.size();
  outgoing_.resize(before + size_size + sealed_size);
  Writer(std::span(outgoing_).subspan(before)).integer(static_cast<std::uint16_t>(sealed_size));
  ::crypto_secretstream_xchacha20poly1305_push(&secrets_->sending, as_unsigned(&outgoing_[before + size_size]), nullptr,
                                               as_unsigned(payload.data()), payload.size(), nullptr, 0, tag);
}

// ---------------------------------------------------------------------------------------------------------------------
// Receiving

std::span<std::byte> StreamSeal::room() {
  if (!incoming_) incoming_ = std::make_unique<std::byte[]>(incoming_size);
  if (begin_ > 0) {
    std::memmove(incoming_.get(), incoming_.get() + begin_, end_ - begin_);
    end_ -= begin_;
    begin_ = 0;
  }
  return {incoming_.get() + end_, incoming_size - end_};
}

void StreamSeal::note_received(std::size_t count) {
  end_ += count;
  while (state_ == State::greeting && (has_greeted_ ? has_header_ ? open_record() : read_header() : read_greeting())) {
  }
}

Bytes StreamSeal::opened() {
  while (taken_ == opened_.size() && state_ == State::open && open_record()) {
  }
  if (begin_ == end_ && incoming_) {
    incoming_.reset();
    begin_ = end_ = 0;
  }
  return Bytes(opened_).subspan(taken_);
}

// Opens the next record, if it has arrived completely.
bool StreamSeal::open_record() {
  Reader reader(received());
  const std::size_t sealed_size = reader.integer<std::uint16_t>();
  if (!reader.ok()) return false;
  const bool is_possible = sealed_size >= overhead - size_size && sealed_size <= record_size + overhead - size_size;
  if (is_possible && reader.remaining() < sealed_size) return false;
  const Bytes sealed = reader.bytes(is_possible ? sealed_size : 0);
  opened_.resize(is_possible ? sealed_size + size_size - overhead : 0);
  taken_ = 0;
  unsigned char tag = 0;
  const bool is_authentic = is_possible && ::crypto_secretstream_xchacha20poly1305_pull(
                                               &secrets_->receiving, as_unsigned(opened_.data()), nullptr, &tag,
                                               as_unsigned(sealed.data()), sealed.size(), nullptr, 0) == 0;
  if (!is_authentic) {
    opened_.clear();
    state_ = State::broken;
    return false;
  }
  begin_ += size_size + sealed_size;
  state_ = tag == is_last ? State::finished : State::open;
  return true;
}

// ---------------------------------------------------------------------------------------------------------------------
// The greeting

void StreamSeal::send_greeting() {
  const Check check = check_of(*key_, role_, accepter_, secrets_->own_public, secrets_->other_public);
  const std::array<std::byte, 1> own_version{std::byte{version}};
  append(own_version);
  append(std::as_bytes(std::span(secrets_->own_public)));
  append(std::as_bytes(std::span(check)));
}

bool StreamSeal::read_greeting() {
  Reader reader(received());
  const Bytes its_version = reader.bytes(1);
  const Bytes its_public = reader.bytes(key_size);
  const Bytes its_check = reader.bytes(check_size);
  if (!reader.ok()) return false;
  PublicKey other;
  std::memcpy(other.data(), its_public.data(), other.size());
  const Role other_role = role_ == Role::opener ? Role::accepter : Role::opener;
  const Check check =
      check_of(*key_, other_role, accepter_, other, role_ == Role::opener ? secrets_->own_public : PublicKey{});
  const bool is_authentic =
      its_version[0] == std::byte{version} && ::sodium_memcmp(check.data(), its_check.data(), check.size()) == 0;
  if (!is_authentic) {
    state_ = State::broken;
    return false;
  }
  begin_ += greeting_size;
  has_greeted_ = true;
  secrets_->other_public = other;
  if (role_ == Role::accepter) send_greeting();
  make_keys();
  return state_ == State::greeting;
}

// Each direction has its own key, derived from a secret that only these two ends share and from one that only the
// cluster shares.
void StreamSeal::make_keys() {
  Secrets& secrets = *secrets_;
  const bool is_opener = role_ == Role::opener;
  std::array<unsigned char, key_size> shared;
  std::array<unsigned char, 2 * crypto_secretstream_xchacha20poly1305_KEYBYTES> keys;
  if (::crypto_scalarmult_curve25519(shared.data(), secrets.own_secret.data(), secrets.other_public.data()) != 0) {
    state_ = State::broken;
    return;
  }
  const PublicKey& opener = is_opener ? secrets.own_public : secrets.other_public;
  const PublicKey& accepter = is_opener ? secrets.other_public : secrets.own_public;
  const EndpointBytes endpoint = bytes_of(accepter_);
  crypto_generichash_state state;
  ::crypto_generichash_init(&state, key_->streams().data(), key_->streams().size(), keys.size());
  ::crypto_generichash_update(&state, shared.data(), shared.size());
  ::crypto_generichash_update(&state, opener.data(), opener.size());
  ::crypto_generichash_update(&state, accepter.data(), accepter.size());
  ::crypto_generichash_update(&state, endpoint.data(), endpoint.size());
  ::crypto_generichash_final(&state, keys.data(), keys.size());
  unsigned char* const by_opener = keys.data();
  unsigned char* const by_accepter = keys.data() + keys.size() / 2;
  std::array<std::byte, header_size> header;
  ::crypto_secretstream_xchacha20poly1305_init_push(&secrets.sending, as_unsigned(header.data()),
                                                    is_opener ? by_opener : by_accepter);
  std::memcpy(secrets.receiving_key.data(), is_opener ? by_accepter : by_opener, secrets.receiving_key.size());
  append(header);
  if (is_opener) append_record({}, more_follow);
  ::sodium_memzero(&state, sizeof state);
  ::sodium_memzero(keys.data(), keys.size());
  ::sodium_memzero(shared.data(), shared.size());
  ::sodium_memzero(secrets.own_secret.data(), secrets.own_secret.size());
}

// The accepter's greeting answers this end's, which proves to the opener that it is live. The accepter waits for a
// record instead.
bool StreamSeal::read_header() {
  Reader reader(received());
  const Bytes header = reader.bytes(header_size);
  if (!reader.ok()) return false;
  ::crypto_secretstream_xchacha20poly1305_init_pull(&secrets_->receiving, as_unsigned(header.data()),
                                                    secrets_->receiving_key.data());
  ::sodium_memzero(secrets_->receiving_key.data(), secrets_->receiving_key.size());
  begin_ += header_size;
  has_header_ = true;
  if (role_ == Role::opener) state_ = State::open;
  return true;
}

std::size_t StreamSeal::memory() const noexcept {
  return outgoing_.size() - sent_ + end_ - begin_ + opened_.size() - taken_;
}

}  // namespace peerbed::adapter
