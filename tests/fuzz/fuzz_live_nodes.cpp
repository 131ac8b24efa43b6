// A tracker, a peer with a file and a ring node on real loopback sockets. An attacker sends them arbitrary and
// well-formed datagrams, opens streams to the peer, with or without a greeting, sends any frames, and disconnects
// cleanly or not. The host must not crash or hang, nor keep a stream or a node that has ended.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <filesystem>
#include <fstream>
#include <vector>

#include "adapter/host.h"
#include "protocols/ring/node.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/trackers/tracker.h"
#include "protocols/swarm/wire/frame.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/forged_datagram.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed;
using namespace std::chrono_literals;

namespace {

constexpr std::size_t most_steps = 48;
constexpr std::size_t most_streams = 4;
constexpr std::uint64_t file_size = 3 * swarm::smallest_piece;
constexpr auto moment = 150us;  // time for the host to handle what has arrived

sockaddr_in loopback(std::uint16_t port) {
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(port);
  in.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  return in;
}

// Created once; its nodes restart for each input. They are bound to loopback, so whatever they are told, they reach
// nobody else.
class LiveNodes {
 public:
  LiveNodes() : folder_(std::filesystem::temp_directory_path() / ("peerbed-fuzz-" + std::to_string(::getpid()))) {
    std::filesystem::create_directories(folder_);
    std::ofstream(folder_ / "a", std::ios::binary) << std::string(file_size, 'a');
    auto options = std::make_shared<swarm::Options>();
    options->piece_size = swarm::smallest_piece;
    options->block_size = swarm::smallest_block;
    const swarm::SharedOptions shared = options;
    auto& tracker = host_.add<swarm::Tracker>({}, [shared](Address) { return swarm::Tracker(shared); });
    adapter::NodeOptions node_options;
    node_options.content.directory = folder_;
    peer_ = &host_.add<swarm::Peer>(
        node_options, [shared, at = std::array{tracker.address()}](Address) { return swarm::Peer::make(shared, at); });
    host_.add<ring::Node>({}, [ring = std::make_shared<const ring::Options>()](Address) {
      return ring::Node::joining(ring, ring::Key{7}, {});
    });
    start();
    peer_->command("ADD a");
    FUZZ_EXPECT(host_.run_until([&] { return has_file(); }, 10s));
    root_ = peer_->node().files().front().root;
    stop();
  }

  void start() {
    for (NodeIndex i = 0; i < host_.size(); ++i) host_.process(i).start();
    if (!root_.is_zero()) FUZZ_EXPECT(host_.run_until([&] { return has_file(); }, 10s));
  }
  void stop() {
    for (NodeIndex i = 0; i < host_.size(); ++i) host_.process(i).crash();
    FUZZ_EXPECT(host_.open_streams() == 0);
  }
  void handle_what_is_there() { host_.run_for(moment); }

  std::size_t size() const { return host_.size(); }
  std::uint16_t port(std::size_t node) { return host_.process(static_cast<NodeIndex>(node)).endpoint().port; }
  std::uint16_t peer_port() const { return peer_->endpoint().port; }
  std::size_t open_streams() const { return host_.open_streams(); }
  const swarm::Root& root() const { return root_; }

 private:
  bool has_file() const {
    const auto& files = peer_->node().files();
    return !files.empty() && files.front().state == swarm::SharedFile::State::complete;
  }

  std::filesystem::path folder_;
  // Datagrams of unvalidated peers must reach the nodes.
  adapter::Host host_{adapter::HostOptions{.seed = 1, .limits = {.address_validation = false}}};
  adapter::HostedNodeOf<swarm::Peer>* peer_ = nullptr;
  swarm::Root root_{};
};

class Attacker {
 public:
  Attacker(LiveNodes& nodes, Bytes input)
      : nodes_(nodes), choices_(input), datagrams_(::socket(AF_INET, SOCK_DGRAM, 0)) {}
  ~Attacker() {
    for (const int stream : streams_) ::close(stream);
    ::close(datagrams_);
  }
  Attacker(const Attacker&) = delete;
  Attacker& operator=(const Attacker&) = delete;

  void run() {
    for (std::size_t step = 0; step < most_steps && !choices_.over(); ++step) {
      take_step();
      FUZZ_EXPECT(nodes_.open_streams() <= 64);
    }
    nodes_.handle_what_is_there();
  }

 private:
  void take_step() {
    switch (choices_.below(8)) {
      case 0:
        return send_datagram(choices_.bytes());
      case 1:
        return send_datagram(forged_datagram(choices_.bytes()));
      case 2:
        return open_stream();
      case 3:
        return say(choices_.bytes());
      case 4:
        return greet();
      case 5:
        return close_stream();
      case 6:
        return nodes_.handle_what_is_there();
      default:
        return say_frame();
    }
  }

  void send_datagram(Bytes payload) {
    const sockaddr_in to = loopback(nodes_.port(choices_.below(nodes_.size())));
    ::sendto(datagrams_, payload.data(), payload.size(), MSG_DONTWAIT, reinterpret_cast<const sockaddr*>(&to),
             sizeof to);
    nodes_.handle_what_is_there();
  }

  void open_stream() {
    if (streams_.size() == most_streams) return;
    const int stream = ::socket(AF_INET, SOCK_STREAM, 0);
    const sockaddr_in to = loopback(nodes_.peer_port());
    FUZZ_EXPECT(::connect(stream, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
    streams_.push_back(stream);
  }
  void close_stream() {
    if (streams_.empty()) return;
    const std::size_t index = choices_.below(streams_.size());
    const linger at_once{static_cast<int>(choices_.below(2)), 0};
    ::setsockopt(streams_[index], SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
    ::close(streams_[index]);
    streams_.erase(streams_.begin() + static_cast<std::ptrdiff_t>(index));
  }
  void say(Bytes bytes) {
    if (streams_.empty()) return;
    ::send(streams_[choices_.below(streams_.size())], bytes.data(), bytes.size(), MSG_DONTWAIT | MSG_NOSIGNAL);
  }

  void greet() {
    std::array<std::byte, swarm::frame_size + swarm::hello_size> bytes{};
    Writer writer(bytes);
    swarm::Frame{.kind = swarm::FrameKind::hello, .size = swarm::hello_size}.encode(writer);
    swarm::Hello{nodes_.root(), static_cast<std::uint16_t>(4000 + choices_.below(2))}.encode(writer);
    say(writer.written());
  }
  void say_frame() {
    constexpr std::array<std::uint32_t, 8> numbers{
        0, 1, 2, 3, swarm::smallest_block, swarm::smallest_piece, 1u << 31, swarm::no_piece};
    std::array<std::byte, swarm::frame_size> bytes{};
    Writer writer(bytes);
    swarm::Frame frame{.kind = static_cast<swarm::FrameKind>(1 + choices_.below(15))};
    for (std::uint32_t* number : {&frame.piece, &frame.offset, &frame.size})
      *number = numbers[choices_.below(numbers.size())];
    frame.encode(writer);
    say(writer.written());
  }

  LiveNodes& nodes_;
  Choices choices_;
  int datagrams_;
  std::vector<int> streams_;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static LiveNodes& nodes = *new LiveNodes;
  nodes.start();
  Attacker(nodes, std::as_bytes(std::span(data, size))).run();
  nodes.stop();
  return 0;
}
