// What a node accepts: arbitrary datagrams from three neighbours, of which one has the key, change nothing but
// counters, and no unvalidated peer is sent more than three times its bytes. The first byte of each datagram selects
// its sender and its form:
//   without the key, as it stands; or sealed with the key, as data, challenge or answer; or one recorded before.

#include <array>
#include <map>
#include <vector>

#include "adapter/datagrams/address_validator.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed;
using namespace peerbed::adapter;

namespace {

const Endpoint self = Endpoint::ipv4(0x0A000001, 4000);

Endpoint neighbour(unsigned number) { return Endpoint::ipv4(0x0A000002 + number, 4000); }

std::shared_ptr<const ClusterKey> key() {
  ClusterKey::Secret secret;
  secret.fill(std::byte{7});
  static const auto made = std::make_shared<const ClusterKey>(secret);
  return made;
}

struct Owner : AddressValidator::Owner {
  void transmit(Address to, Bytes datagram) override { sent[to] += datagram.size(); }
  void transmit_to_unvalidated(const Endpoint& to, Bytes datagram) override { transmit(to.address(), datagram); }
  void deliver(const Endpoint& from, Bytes payload) override {
    FUZZ_EXPECT(payload.size() <= maximum_datagram_size);
    heard[from.address()] += payload.size();
  }
  void warn(Warning) override {}
  std::map<Address, std::size_t> sent, heard;
};

void feed(Bytes input, bool sealed) {
  Owner owner;
  HostCounters counters;
  AddressValidator validator(owner, counters, true,
                             sealed ? std::optional<DatagramSeal>(std::in_place, key(), self) : std::nullopt);
  DatagramSeal member(key(), neighbour(0));
  std::map<Address, std::size_t> received;
  std::vector<std::byte> recorded;
  while (input.size() >= 2) {
    const auto how = static_cast<unsigned>(input[0]);
    const std::size_t size = std::min<std::size_t>(input.size() - 2, static_cast<unsigned>(input[1]));
    Bytes bytes = input.subspan(2, size);
    input = input.subspan(2 + size);
    const Endpoint from = neighbour(how % 3);
    if (how % 3 == 0 && (how & 0x40) != 0) {
      constexpr std::array types{DatagramType::data, DatagramType::challenge, DatagramType::answer, DatagramType{0}};
      bytes = member.seal(types[(how >> 4) & 3], self, bytes);
      recorded.assign(bytes.begin(), bytes.end());
    } else if ((how & 0x80) != 0) {
      bytes = recorded;
    }
    received[from.address()] += bytes.size();
    validator.arrive(from, bytes);
  }
  for (const auto& [to, bytes] : owner.sent) FUZZ_EXPECT(bytes <= 3 * received[to]);
  // No neighbour here can repeat a cookie that it did not receive.
  FUZZ_EXPECT(owner.heard.empty());
  if (sealed) FUZZ_EXPECT(owner.sent.size() <= 1);  // the one that has the key
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const Bytes input = std::as_bytes(std::span(data, size));
  feed(input, false);
  feed(input, true);
  // The opener on its own: nothing is opened that was not sealed.
  DatagramSeal receiver(key(), self);
  FUZZ_EXPECT(!receiver.open(neighbour(1), input));
  return 0;
}
