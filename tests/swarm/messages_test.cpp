#include "protocols/swarm/wire/messages.h"

#include <rapidcheck.h>

#include <list>
#include <type_traits>
#include <variant>
#include <vector>

#include "protocols/swarm/wire/frame.h"
#include "sim/core/types.h"
#include "tests/catch.h"
#include "tests/environment/drawn_address.h"
#include "tests/environment/round_trip.h"

using namespace peerbed;
using namespace peerbed::swarm;

namespace {

// Draws each member of a message; byte views look into storage that lives as long as the property.
class Drawer {
 public:
  template <class Value>
  void draw(Value& value) {
    if constexpr (std::is_same_v<Value, bool> || std::is_integral_v<Value>) {
      value = *rc::gen::arbitrary<Value>();
    } else if constexpr (std::is_same_v<Value, Address>) {
      value = in_list_ ? Address::ipv4(*rc::gen::inRange<std::uint32_t>(1, 0xE0000000), 4000) : drawn_address();
    } else if constexpr (std::is_same_v<Value, Digest>) {
      for (std::byte& byte : value.value) byte = static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>());
    } else if constexpr (std::is_same_v<Value, ByteView>) {
      const auto size = *rc::gen::inRange<std::size_t>(0, longest_name + 1);
      bytes_.push_back(std::vector<std::byte>(size, static_cast<std::byte>(*rc::gen::arbitrary<std::uint8_t>())));
      value.bytes = bytes_.back();
    } else if constexpr (codec::is_list<Value>) {
      const auto count = *rc::gen::inRange<std::size_t>(0, Value::limit + 1);
      longest_name = 2;  // as many files as a datagram can name have short names
      in_list_ = true;   // and as many peers, IPv4 addresses
      for (std::size_t i = 0; i < count; ++i) {
        auto element = typename std::decay_t<decltype(value.all()[0])>{};
        draw(element);
        value.add(element);
      }
    } else {
      std::apply([&](const auto... member) { (draw(value.*member), ...); }, Value::members);
    }
  }

 private:
  std::size_t longest_name = maximum_name_size;
  bool in_list_ = false;
  std::list<std::vector<std::byte>> bytes_;
};

}  // namespace

TEST_CASE("every datagram is decoded to what was encoded, and fits one") {
  check_round_trips<Drawer>(std::type_identity<Message>{}, decode);
}

TEST_CASE("every kind of datagram has a name and a place in the variant") {
  CHECK(std::variant_size_v<Message> == Messages::last_kind);
  for (std::size_t i = 1; i < Messages::names.size(); ++i) CHECK_FALSE(Messages::names[i].empty());
}

TEST_CASE("a full page and a full push of the list fit a datagram") {
  ListPage page;
  ListChanges push;
  for (std::uint32_t i = 0; i < 1000; ++i) {
    page.peers.add(Address::ipv4(i, 4000));
    push.changes.add({Address::ipv4(i, 4000), true});
  }
  CHECK(page.peers.full());
  CHECK(push.changes.full());
  CHECK(encoded(page).size() <= maximum_datagram_size);
  CHECK(encoded(push).size() <= maximum_datagram_size);
}

TEST_CASE("a tracker's pages and pushes fit a datagram whatever family its peers are of") {
  for (const AddressFamily family : {AddressFamily::ipv4, AddressFamily::ipv6}) {
    const std::size_t size = encoded_size(sim::address_of(1, family));
    ListPage page{.version = {}, .after = Address::laboratory(1, 1), .last = false, .peers = {}};
    for (std::size_t room = ListPage::room; room >= size && !page.peers.full(); room -= size)
      page.peers.add(sim::address_of(static_cast<std::uint32_t>(page.peers.size()), family));
    CHECK(page.peers.size() == (family == AddressFamily::ipv6 ? 74 : peers_per_page));
    CHECK(encoded(page).size() <= maximum_datagram_size);
    ListChanges push;
    for (std::size_t room = ListChanges::room; room > size && !push.changes.full(); room -= size + 1)
      push.changes.add({sim::address_of(static_cast<std::uint32_t>(push.changes.size()), family), true});
    CHECK(push.changes.size() == (family == AddressFamily::ipv6 ? 71 : changes_per_push));
    CHECK(encoded(push).size() <= maximum_datagram_size);
  }
}

TEST_CASE("a datagram with any one bit flipped is refused") {
  const std::vector<std::byte> whole = encoded(ListQuery{{7, 9}, Address::ipv4(0x0A000001, 4000)});
  for (std::size_t bit = 0; bit < 8 * whole.size(); ++bit) {
    std::vector<std::byte> damaged = whole;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    CHECK_FALSE(decode(damaged).has_value());
  }
}

TEST_CASE("a datagram that is cut short or too long is refused") {
  std::vector<std::byte> bytes = encoded(Heartbeat{{1, 2}, 3});
  for (std::size_t size = 0; size < bytes.size(); ++size) CHECK_FALSE(decode(Bytes(bytes).first(size)).has_value());
  bytes.push_back(std::byte{0});
  CHECK_FALSE(decode(bytes).has_value());
}

TEST_CASE("a list that claims more than its limit is refused, though its check is right") {
  std::vector<std::byte> bytes(maximum_datagram_size);
  Writer writer(bytes);
  writer.header({wire_version, ListChanges::kind.number});
  writer.integers(std::uint64_t{1}, std::uint64_t{0}, static_cast<std::uint8_t>(changes_per_push + 1));
  for (std::size_t i = 0; i <= changes_per_push; ++i) {
    writer.address(Address::ipv4(1, 1));
    writer.integer(std::uint8_t{1});
  }
  writer.integer(codec::check_of(writer.written()));
  CHECK_FALSE(decode(writer.written()).has_value());
}

TEST_CASE("every frame is decoded to what was encoded") {
  CHECK(rc::check([](std::uint32_t piece, std::uint32_t offset, std::uint32_t size) {
    const auto kind = static_cast<FrameKind>(*rc::gen::inRange(1, static_cast<int>(FrameKind::last) + 1));
    const Frame frame{kind, piece, offset, size};
    const std::vector<std::byte> bytes = encoded(frame);
    RC_ASSERT(bytes.size() == frame_size);
    RC_ASSERT(decode_frame(bytes) == frame);
  }));
}

TEST_CASE("a frame or a greeting with any one bit flipped, or of another length, is refused") {
  const std::vector<std::byte> frame = encoded(Frame{FrameKind::request, 3, 65'536, 65'536});
  const std::vector<std::byte> hello = encoded(Hello{.root = {}, .port = 4000});
  REQUIRE(decode_hello(hello) == Hello{.root = {}, .port = 4000});
  for (std::size_t bit = 0; bit < 8 * frame.size(); ++bit) {
    std::vector<std::byte> damaged = frame;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    CHECK_FALSE(decode_frame(damaged).has_value());
  }
  for (std::size_t bit = 0; bit < 8 * hello.size(); ++bit) {
    std::vector<std::byte> damaged = hello;
    damaged[bit / 8] ^= static_cast<std::byte>(1U << (bit % 8));
    CHECK_FALSE(decode_hello(damaged).has_value());
  }
  CHECK_FALSE(decode_frame(Bytes(frame).first(frame_size - 1)).has_value());
  CHECK_FALSE(decode_hello(Bytes(hello).first(hello_size - 1)).has_value());
}

TEST_CASE("a frame of no kind of ours is refused, though its check is right") {
  for (const unsigned kind : {0U, static_cast<unsigned>(FrameKind::last) + 1}) {
    std::vector<std::byte> bytes(frame_size);
    Writer writer(bytes);
    writer.header({wire_version, static_cast<std::uint8_t>(kind)});
    writer.integers(std::uint32_t{0}, std::uint32_t{0}, std::uint32_t{0});
    writer.integer(codec::check_of(writer.written()));
    CHECK_FALSE(decode_frame(bytes).has_value());
  }
}
