// The greeting and the records of sealed streams: whatever arrives, an end opens what the other end sealed, in order,
// or breaks. Each step of the input passes on some bytes of an honest peer, or its own bytes.

#include <algorithm>
#include <vector>

#include "adapter/crypto/stream_seal.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed;
using namespace peerbed::adapter;

namespace {

using State = StreamSeal::State;

std::shared_ptr<const ClusterKey> key() {
  ClusterKey::Secret secret;
  secret.fill(std::byte{7});
  static const auto made = std::make_shared<const ClusterKey>(secret);
  return made;
}

const Endpoint accepter = Endpoint::ipv4(0x0A000001, 4000);

bool is_over(const StreamSeal& end) { return end.state() == State::broken || end.state() == State::finished; }

// Gives bytes to an end and takes what it opens; the honest side seals the bytes 0, 1, 2 ... endlessly.
void give(StreamSeal& end, Bytes bytes, std::size_t& opened) {
  while (!bytes.empty() && !is_over(end)) {
    const auto room = end.room();
    FUZZ_EXPECT(!room.empty());
    const std::size_t count = std::min(room.size(), bytes.size());
    std::copy_n(bytes.begin(), count, room.begin());
    end.note_received(count);
    bytes = bytes.subspan(count);
    for (Bytes part = end.opened(); !part.empty(); part = end.opened()) {
      for (const std::byte byte : part) FUZZ_EXPECT(byte == static_cast<std::byte>(opened++));
      end.take(part.size());
    }
  }
}

void converse(Bytes input, StreamSeal::Role role) {
  using Role = StreamSeal::Role;
  StreamSeal end(key(), role, accepter);
  StreamSeal honest(key(), role == Role::opener ? Role::accepter : Role::opener, accepter);
  std::size_t opened = 0;
  std::size_t ignored = 0;
  std::size_t sealed = 0;
  while (!input.empty() && !is_over(end)) {
    const auto step = static_cast<unsigned>(input[0]);
    input = input.subspan(1);
    const std::size_t count = std::min<std::size_t>(input.size(), step & 0x3F);
    if ((step & 0x80) != 0) {
      give(end, input.first(count), opened);  // forged bytes
      input = input.subspan(count);
      continue;
    }
    if (end.state() != State::greeting && (step & 0x40) != 0 && honest.state() == State::open) {
      std::vector<std::byte> bytes(1 + 97 * count);
      for (std::byte& byte : bytes) byte = static_cast<std::byte>(sealed++);
      honest.seal(bytes);
    }
    const std::vector<std::byte> by_end(end.outgoing().begin(), end.outgoing().end());
    end.note_sent(by_end.size());
    give(honest, by_end, ignored);
    const std::size_t passed = std::min(honest.outgoing().size(), (step & 0x40) != 0 ? SIZE_MAX : count);
    const std::vector<std::byte> by_honest(honest.outgoing().begin(),
                                           honest.outgoing().begin() + static_cast<std::ptrdiff_t>(passed));
    honest.note_sent(passed);
    give(end, by_honest, opened);
  }
  FUZZ_EXPECT(opened <= sealed);
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span(data, size));
  converse(input, StreamSeal::Role::opener);
  converse(input, StreamSeal::Role::accepter);
  return 0;
}
