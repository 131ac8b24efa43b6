// A live swarm peer among malicious ones, over real sockets: what they can make it store is bounded.

#include <fcntl.h>
#include <sys/stat.h>

#include "adapter/files/file_hash.h"
#include "protocols/swarm/base/manifest.h"
#include "protocols/swarm/base/trace.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/trackers/tracker.h"
#include "tests/adapter/journal.h"
#include "tests/catch.h"
#include "tests/swarm/impostor.h"
#include "tests/swarm/speech.h"

namespace peerbed::adapter {

namespace {

using namespace std::chrono_literals;
using swarm::Impostor;
using swarm::Peer;
using swarm::Script;
using swarm::Speech;

constexpr std::uint64_t mebibyte = 1024 * 1024;

// A tracker whose list has a million entries, which it invents page by page.
struct BoundlessTracker {
  static constexpr std::size_t timer_count = 1;
  static constexpr std::array<TraceEventType, 0> trace_events{};
  static constexpr std::array<std::string_view, 0> message_kinds{};
  static constexpr std::uint32_t first = 0x0A000000;
  static constexpr std::uint32_t entries = 1'000'000;

  void on_start(Environment&, Start) {}
  void on_timer(Environment&, TimerId) {}
  void on_command(Environment&, std::string_view) {}
  void on_leave(Environment& environment) { environment.exit(); }
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    const auto message = swarm::decode(payload);
    if (!message) return;
    if (std::holds_alternative<swarm::Enrol>(*message)) send_page(environment, from, {});
    if (const auto* query = std::get_if<swarm::ListQuery>(&*message)) send_page(environment, from, query->after);
  }
  void send_page(Environment& environment, Address to, Address after) {
    swarm::ListPage page{.version = {7, 7}, .after = after, .last = false, .peers = {}};
    std::uint32_t host = after ? after.host() + 1 : first;
    for (; host < first + entries && !page.peers.full(); ++host) page.peers.add(Address::ipv4(host, 4000));
    page.last = host == first + entries;
    listed = std::max(listed, host - first);
    environment.send(to, page);
  }
  std::uint32_t listed = 0;
  auto fields() const { return std::tie(listed); }
};

// A tracker, a peer that wants a file, and an impostor that claims to have it.
struct Stage {
  Stage() : host(HostOptions{.seed = 1}) {
    host.observe(&journal);
    options.give_up = 1s;
    const auto shared = std::make_shared<const swarm::Options>(options);
    auto& tracker = host.add<swarm::Tracker>({}, [=](Address) { return swarm::Tracker(shared); });
    tracker.start();
    script->tracker = tracker.address();
    impostor = &host.add<Impostor>({}, [this](Address) { return Impostor(script); });
    NodeOptions node_options;
    node_options.content.directory = directory.path();
    const Address known = tracker.address();
    peer = &host.add<Peer>(node_options, [=](Address) { return Peer::make(shared, std::span(&known, 1)); });
    impostor->start();
    peer->start();
    REQUIRE(host.run_until([&] { return peer->node().list().size() == 1; }, 5s));
  }
  bool prints(std::string_view part) {
    return host.run_until([&] { return journal.has_line(peer->index(), part); }, 10s);
  }
  std::uint64_t bytes_on_disk() const {
    std::uint64_t bytes = 0;
    for (const auto& entry : std::filesystem::recursive_directory_iterator(directory.path())) {
      struct stat status {};
      if (::lstat(entry.path().c_str(), &status) == 0) bytes += 512 * static_cast<std::uint64_t>(status.st_blocks);
    }
    return bytes;
  }
  swarm::Root root_of(const std::vector<std::byte>& manifest) const {
    std::ofstream(directory.path() / "manifest").write(reinterpret_cast<const char*>(manifest.data()), manifest.size());
    const FileDescriptor file(::open((directory.path() / "manifest").c_str(), O_RDONLY));
    return {hash_range(file.number(), 0, manifest.size()).value()};
  }
  // A manifest with a correct hash, of a file that nobody could ever send.
  std::vector<std::byte> claim(const swarm::Manifest& manifest) {
    std::vector<std::byte> encoded = manifest.encoded();
    script->claimed = root_of(encoded);
    const auto pieces = manifest.pieces.size();
    Speech speech;
    speech.hello(script->claimed, impostor->address().port()).pieces(pieces);
    speech.frame({.kind = swarm::FrameKind::manifest, .size = static_cast<std::uint32_t>(encoded.size())});
    script->speech = speech.raw(encoded).bytes();
    return encoded;
  }

  TemporaryDirectory directory;
  Journal journal;
  std::shared_ptr<Script> script = std::make_shared<Script>();
  swarm::Options options;
  Host host;
  HostedNodeOf<Impostor>* impostor = nullptr;
  HostedNodeOf<Peer>* peer = nullptr;
};

swarm::Manifest manifest_of(std::uint64_t size, std::uint32_t piece_size, std::size_t pieces) {
  swarm::Manifest manifest;
  manifest.geometry = {size, piece_size};
  manifest.pieces.resize(pieces);
  return manifest;
}

}  // namespace

TEST_CASE("a list of a million entries leaves a peer with the few that it keeps") {
  Host host(HostOptions{.seed = 1});
  auto& tracker = host.add<BoundlessTracker>({}, [](Address) { return BoundlessTracker(); });
  tracker.start();
  TemporaryDirectory directory;
  NodeOptions node_options;
  node_options.content.directory = directory.path();
  const auto options = std::make_shared<const swarm::Options>();
  const Address known = tracker.address();
  auto& peer = host.add<Peer>(node_options, [=](Address) { return Peer::make(options, std::span(&known, 1)); });
  peer.start();
  host.run_until([&] { return tracker.node().listed == BoundlessTracker::entries; }, 30s);
  REQUIRE(tracker.node().listed == BoundlessTracker::entries);
  host.run_for(50ms);
  CHECK(peer.node().list().size() == options->maximum_listed);
}

TEST_CASE("a manifest of a file that nobody can send costs its requester only time") {
  Stage stage;
  stage.claim(manifest_of(1900 * 4 * mebibyte, 4 * mebibyte, 1900));
  const std::uint64_t before = stage.bytes_on_disk();
  stage.peer->command("DOWN film");
  const auto verified = swarm::index_of(swarm::TraceEvent::manifest_verified);
  REQUIRE(stage.host.run_until([&] { return stage.journal.count(verified) == 1; }, 10s));
  stage.host.run_for(100ms);
  CHECK(stage.bytes_on_disk() < before + mebibyte);
  CHECK(stage.impostor->crash());
  CHECK(stage.prints("DOWN film failed"));
  CHECK(stage.host.open_streams() == 0);
}

TEST_CASE("a manifest that claims more than it holds is refused even if its hash is right") {
  Stage stage;
  std::vector<std::byte> encoded = manifest_of(1000 * mebibyte, mebibyte, 1000).encoded();
  std::string reason = "its root names no manifest";
  SECTION("a size of exabytes") { encoded[6] = std::byte{0x0F}; }
  SECTION("pieces of two gigabytes") { encoded[2] = std::byte{0x80}; }
  SECTION("pieces of one byte") {
    encoded[3] = std::byte{0};
    encoded[5] = std::byte{1};
  }
  stage.script->claimed = stage.root_of(encoded);
  Speech speech;
  speech.hello(stage.script->claimed, stage.impostor->address().port()).pieces(1000);
  speech.frame({.kind = swarm::FrameKind::manifest, .size = static_cast<std::uint32_t>(encoded.size())});
  stage.script->speech = speech.raw(encoded).bytes();
  stage.peer->command("DOWN film");
  CHECK(stage.prints("DOWN film failed"));
  CHECK(stage.journal.has_line(stage.peer->index(), reason));
}

TEST_CASE("frames above the size limit end their stream and are counted") {
  Stage stage;
  stage.script->claimed.value[0] = std::byte{1};
  Speech speech;
  speech.hello(stage.script->claimed, stage.impostor->address().port());
  SECTION("a manifest of four gigabytes") {
    speech.pieces(8).frame({.kind = swarm::FrameKind::manifest, .size = UINT32_MAX});
  }
  SECTION("a bit for each of four billion pieces") {
    speech.frame({.kind = swarm::FrameKind::pieces, .size = UINT32_MAX});
  }
  SECTION("a greeting of four gigabytes") { speech.frame({.kind = swarm::FrameKind::hello, .size = UINT32_MAX}); }
  stage.script->speech = speech.bytes();
  stage.peer->command("DOWN film");
  REQUIRE(stage.host.run_until([&] { return stage.impostor->node().reset > 0; }, 5s));
  CHECK(stage.journal.count(swarm::index_of(swarm::TraceEvent::frame_refused)) > 0);
  CHECK(stage.prints("DOWN film failed"));
}

}  // namespace peerbed::adapter
