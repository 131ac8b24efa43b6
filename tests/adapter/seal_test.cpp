// Seals of datagrams and streams: whatever was sealed is opened only by its recipient, and nothing else is opened.

#include <fstream>
#include <set>

#include "adapter/crypto/datagram_seal.h"
#include "adapter/crypto/stream_seal.h"
#include "adapter/datagrams/recent_table.h"
#include "adapter/datagrams/replay_window.h"
#include "protocols/environment/random.h"
#include "tests/adapter/journal.h"
#include "tests/adapter/keys.h"
#include "tests/catch.h"

namespace peerbed::adapter {

namespace {

using Role = StreamSeal::Role;
using State = StreamSeal::State;

const Endpoint one = Endpoint::ipv4(0x0A000001, 4000);
const Endpoint other = Endpoint::ipv4(0x0A000002, 4000);
const Endpoint third = Endpoint::ipv4(0x0A000002, 4001);

std::vector<std::byte> noise(std::size_t size, std::uint64_t seed) {
  std::vector<std::byte> bytes(size);
  KeyedStream draws(seed);
  for (std::byte& byte : bytes) byte = static_cast<std::byte>(draws.next());
  return bytes;
}

std::vector<std::byte> copy_of(Bytes bytes) { return {bytes.begin(), bytes.end()}; }

// Takes up to `limit` of the bytes that one end has to send.
std::vector<std::byte> sent_by(StreamSeal& end, std::size_t limit = SIZE_MAX) {
  const auto bytes = copy_of(end.outgoing().first(std::min(limit, end.outgoing().size())));
  end.note_sent(bytes.size());
  return bytes;
}

void give(StreamSeal& end, Bytes bytes) {
  while (!bytes.empty()) {
    const auto room = end.room();
    const std::size_t count = std::min(room.size(), bytes.size());
    REQUIRE(count > 0);
    std::copy_n(bytes.begin(), count, room.begin());
    end.note_received(count);
    bytes = bytes.subspan(count);
  }
}

struct Ends {
  explicit Ends(std::shared_ptr<const ClusterKey> key = cluster_key('k'))
      : opener(key, Role::opener, other), accepter(key, Role::accepter, other) {}
  void greet() {
    give(accepter, sent_by(opener));
    give(opener, sent_by(accepter));
    give(accepter, sent_by(opener));
    REQUIRE(opener.state() == State::open);
    REQUIRE(accepter.state() == State::open);
  }
  StreamSeal opener;
  StreamSeal accepter;
};

}  // namespace

TEST_CASE("a window accepts each number once and none that is too old") {
  ReplayWindow window;
  CHECK_FALSE(window.take(0));
  KeyedStream draws(3);
  std::set<std::uint64_t> taken;
  std::uint64_t highest = 0;
  for (int i = 0; i < 20'000; ++i) {
    const std::uint64_t lowest = highest < 1500 ? 1 : highest - 1500;
    const std::uint64_t number = lowest + to_below(draws.next(), 1505 + (i % 500 == 0 ? 3000 : 0));
    const bool is_new = number + ReplayWindow::width > std::max(highest, number) && taken.insert(number).second;
    highest = std::max(highest, number);
    REQUIRE(window.take(number) == is_new);
  }
  ReplayWindow later(70);
  CHECK_FALSE(later.take(70));
  CHECK_FALSE(later.take(3));
  CHECK(later.take(71));
  CHECK_FALSE(later.take(71));
  CHECK(later.take(UINT64_MAX));
  CHECK_FALSE(later.take(72));
}

TEST_CASE("a full table forgets what was not used") {
  RecentTable<int, int> table(4);
  for (int i = 0; i < 4; ++i) table.insert(i, 10 * i);
  table.insert(4, 40);  // all are equally unused
  for (const int kept : {2, 3}) REQUIRE(table.find(kept) != nullptr);
  table.insert(5, 50);
  CHECK(table.find(1) == nullptr);
  CHECK(*table.find(2) == 20);
  CHECK(*table.find(5) == 50);
  CHECK(table.size() == 4);
  CHECK(table.forgotten() == 2);
}

TEST_CASE("a sealed datagram is opened only by its recipient and only from its sender") {
  DatagramSeal sender(cluster_key('k'), one);
  DatagramSeal receiver(cluster_key('k'), other);
  for (const std::size_t size : {std::size_t{0}, std::size_t{1}, std::size_t{100}, maximum_datagram_size}) {
    const auto payload = noise(size, size);
    const auto sealed = copy_of(sender.seal(DatagramType::data, other, payload));
    CHECK(sealed.size() == size + DatagramSeal::overhead);
    const auto opened = receiver.open(one, sealed);
    REQUIRE(opened);
    CHECK(copy_of(opened->payload) == payload);
    CHECK(opened->type == DatagramType::data);
  }
  const auto sealed = copy_of(sender.seal(DatagramType::data, other, noise(50, 1)));
  CHECK_FALSE(sender.open(other, sealed));    // reflected to its sender
  CHECK_FALSE(receiver.open(third, sealed));  // from another port
  CHECK_FALSE(DatagramSeal(cluster_key('k'), third).open(one, sealed));
  CHECK_FALSE(DatagramSeal(cluster_key('l'), other).open(one, sealed));
  CHECK(receiver.open(one, sealed)->number == 5);
  CHECK(DatagramSeal(cluster_key('k'), other).open(one, sealed)->session == receiver.open(one, sealed)->session);
}

TEST_CASE("a sealed datagram with any bit changed or another length is rejected") {
  DatagramSeal sender(cluster_key('k'), one);
  DatagramSeal receiver(cluster_key('k'), other);
  auto sealed = copy_of(sender.seal(DatagramType::data, other, noise(50, 1)));
  for (std::size_t bit = 0; bit < 8 * sealed.size(); ++bit) {
    const auto flip = [&] { sealed[bit / 8] ^= static_cast<std::byte>(1 << bit % 8); };
    flip();
    REQUIRE_FALSE(receiver.open(one, sealed));
    flip();
  }
  for (std::size_t size = 0; size < sealed.size(); ++size) REQUIRE_FALSE(receiver.open(one, Bytes(sealed).first(size)));
  sealed.push_back({});
  CHECK_FALSE(receiver.open(one, sealed));
  CHECK_FALSE(receiver.open(one, noise(1600, 2)));
}

TEST_CASE("what one end of a stream seals comes out of the other however it is cut") {
  Ends ends;
  ends.greet();
  const auto forth = noise(200'000, 1);
  const auto back = noise(70'000, 2);
  KeyedStream draws(9);
  const auto seal_all = [](StreamSeal& end, Bytes bytes) {
    for (; !bytes.empty(); bytes = bytes.subspan(std::min(bytes.size(), StreamSeal::record_size)))
      end.seal(bytes.first(std::min(bytes.size(), StreamSeal::record_size)));
    end.finish();
  };
  const auto arrives = [&](StreamSeal& from, StreamSeal& to) {
    std::vector<std::byte> got;
    while (!from.outgoing().empty()) {
      give(to, sent_by(from, 1 + to_below(draws.next(), 30'000)));
      for (Bytes opened = to.opened(); !opened.empty(); opened = to.opened()) {
        const std::size_t count = 1 + to_below(draws.next(), opened.size());
        got.insert(got.end(), opened.begin(), opened.begin() + static_cast<std::ptrdiff_t>(count));
        to.take(count);
      }
    }
    return got;
  };
  seal_all(ends.opener, forth);
  CHECK((arrives(ends.opener, ends.accepter) == forth));
  CHECK(ends.accepter.state() == State::finished);
  CHECK(ends.opener.state() == State::open);
  seal_all(ends.accepter, back);
  CHECK((arrives(ends.accepter, ends.opener) == back));
  CHECK(ends.opener.state() == State::finished);
  CHECK(ends.opener.memory() == 0);
}

TEST_CASE("a greeting with any bit changed or made with another key breaks the stream") {
  for (std::size_t bit = 0; bit < 8 * 65; bit += 7) {
    Ends ends;
    auto greeting = sent_by(ends.opener);
    REQUIRE(greeting.size() == 65);
    greeting[bit / 8] ^= static_cast<std::byte>(1 << bit % 8);
    give(ends.accepter, greeting);
    REQUIRE(ends.accepter.state() == State::broken);
    REQUIRE(ends.accepter.outgoing().empty());
  }
  Ends ends;
  StreamSeal outsider(cluster_key('l'), Role::accepter, other);
  StreamSeal elsewhere(cluster_key('k'), Role::accepter, third);
  const auto greeting = sent_by(ends.opener);
  give(outsider, greeting);
  CHECK(outsider.state() == State::broken);
  give(elsewhere, greeting);  // a stream meant for another node
  CHECK(elsewhere.state() == State::broken);
  give(ends.opener, greeting);  // its own greeting, reflected
  CHECK(ends.opener.state() == State::broken);
}

TEST_CASE("a recorded stream opens nothing when it is replayed to either end") {
  Ends ends;
  auto by_opener = sent_by(ends.opener);
  give(ends.accepter, by_opener);
  const auto by_accepter = sent_by(ends.accepter);
  give(ends.opener, by_accepter);
  ends.opener.seal(noise(100, 1));
  const auto records = sent_by(ends.opener);
  give(ends.accepter, records);
  REQUIRE(ends.accepter.opened().size() == 100);
  by_opener.insert(by_opener.end(), records.begin(), records.end());

  StreamSeal again(cluster_key('k'), Role::accepter, other);
  give(again, by_opener);
  CHECK(again.state() == State::broken);
  CHECK(again.opened().empty());
  StreamSeal opener(cluster_key('k'), Role::opener, other);
  give(opener, by_accepter);
  CHECK(opener.state() == State::broken);
}

TEST_CASE("records that are changed, swapped, reflected or repeated break the stream") {
  Ends ends;
  ends.greet();
  ends.opener.seal(noise(100, 1));
  const auto first = sent_by(ends.opener);
  ends.opener.seal(noise(100, 2));
  const auto second = sent_by(ends.opener);
  const auto try_all = [&](StreamSeal& to) { return to.opened().empty() && to.state() == State::broken; };
  SECTION("changed") {
    auto changed = first;
    std::size_t index = 2;
    SECTION("at its beginning") {}
    SECTION("at its end") { index = changed.size() - 1; }
    changed[index] ^= std::byte{1};
    give(ends.accepter, changed);
    CHECK(try_all(ends.accepter));
  }
  SECTION("swapped") {
    give(ends.accepter, second);
    CHECK(try_all(ends.accepter));
  }
  SECTION("reflected") {
    give(ends.opener, first);
    CHECK(try_all(ends.opener));
  }
  SECTION("repeated") {
    give(ends.accepter, first);
    REQUIRE(ends.accepter.opened().size() == 100);
    ends.accepter.take(100);
    give(ends.accepter, first);
    CHECK(try_all(ends.accepter));
  }
  SECTION("of an impossible size") {
    for (const unsigned high : {0x00U, 0xFFU}) {
      Ends fresh;
      fresh.greet();
      give(fresh.accepter, std::vector<std::byte>{static_cast<std::byte>(high), std::byte{3}});
      CHECK(try_all(fresh.accepter));
    }
  }
}

TEST_CASE("two streams with the same key and the same bytes look unrelated") {
  std::set<std::vector<std::byte>> seen;
  for (int i = 0; i < 4; ++i) {
    Ends ends;
    ends.greet();
    ends.opener.seal(std::vector<std::byte>(100));
    ends.accepter.seal(std::vector<std::byte>(100));
    CHECK(seen.insert(sent_by(ends.opener)).second);
    CHECK(seen.insert(sent_by(ends.accepter)).second);
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Key files

TEST_CASE("a created key can be read and differs each time") {
  TemporaryDirectory directory;
  const auto file = directory.path() / "cluster.key";
  ClusterKey::make(file);
  CHECK(text_of(file).size() == 65);
  CHECK((std::filesystem::status(file).permissions() ==
         (std::filesystem::perms::owner_read | std::filesystem::perms::owner_write)));
  const auto key = ClusterKey::read(file);
  CHECK_THROWS_AS(ClusterKey::make(file), std::system_error);  // it is not overwritten
  ClusterKey::make(directory.path() / "second.key");
  const auto second = ClusterKey::read(directory.path() / "second.key");
  const auto same = ClusterKey::read(file);
  const auto bytes = [](ClusterKey::Purpose purpose) {
    return std::vector<unsigned char>(purpose.begin(), purpose.end());
  };
  CHECK(bytes(key->datagrams()) == bytes(same->datagrams()));
  CHECK(bytes(key->datagrams()) != bytes(second->datagrams()));
  CHECK(bytes(key->datagrams()) != bytes(key->streams()));
  CHECK(bytes(key->greetings()) != bytes(key->streams()));
}

TEST_CASE("a file that holds no key or that everybody can read is refused in one sentence") {
  TemporaryDirectory directory;
  const auto file = directory.path() / "key";
  const auto write = [&](const std::string& text) {
    std::ofstream(file) << text;
    std::filesystem::permissions(file, std::filesystem::perms::owner_all);
  };
  const std::string hex = "000102030405060708090A0b0c0d0e0f101112131415161718191a1b1c1d1e1f";
  for (const std::string& good :
       {hex, hex + "\n", hex + " \r\n", std::string("AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8=\n")}) {
    write(good);
    ClusterKey::Secret counting;
    for (std::size_t i = 0; i < counting.size(); ++i) counting[i] = static_cast<std::byte>(i);
    const ClusterKey expected(counting);
    const auto read = ClusterKey::read(file);
    CHECK(std::equal(read->streams().begin(), read->streams().end(), expected.streams().begin()));
  }
  for (const std::string& bad : {std::string(), std::string("\n"), hex.substr(2), hex + "00", "zz" + hex.substr(2),
                                 hex + "\n" + hex, std::string("AAECAwQF"), std::string(5000, 'A')}) {
    write(bad);
    CHECK_THROWS_AS(ClusterKey::read(file), BadKey);
  }
  write(hex);
  std::filesystem::permissions(file, std::filesystem::perms::others_read, std::filesystem::perm_options::add);
  CHECK_THROWS_WITH(ClusterKey::read(file), Catch::Matchers::Contains("chmod 600"));
  std::filesystem::remove(file);
  CHECK_THROWS_AS(ClusterKey::read(file), std::system_error);
  CHECK_THROWS_AS(ClusterKey::read(directory.path()), std::runtime_error);
}

TEST_CASE("the secret that a key is derived from is wiped") {
  ClusterKey::Secret secret;
  secret.fill(std::byte{7});
  const ClusterKey key(secret);
  CHECK(secret == ClusterKey::Secret{});
}

}  // namespace peerbed::adapter
