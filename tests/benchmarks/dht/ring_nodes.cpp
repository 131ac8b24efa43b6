// ring_nodes HOLDERS COUNT FIRST_PORT [DOOR_PORT]: COUNT nodes of a ring in one process on 127.0.0.1, which join
// through a node of another process. The first of them carries out compare.py's commands from stdin; see
// conversation.h.

#include <unistd.h>

#include <cstdlib>
#include <iostream>
#include <memory>
#include <optional>

#include "adapter/host.h"
#include "protocols/ring/base/trace.h"
#include "protocols/ring/node.h"
#include "tests/benchmarks/dht/conversation.h"

namespace {

using namespace peerbed;
using namespace peerbed::benchmarks;
using namespace std::chrono_literals;

constexpr std::uint32_t loopback = 0x7F000001;

// For a few dozen nodes on one machine: a death is noticed in 0.3 s.
ring::Options options(int holders) {
  ring::Options options;
  options.replicas = static_cast<std::size_t>(holders);
  options.successor_list_length = 32;
  options.stabilize_period = options.check_predecessor_period = 500ms;
  options.rpc_timeout = 40ms;
  options.rpc_attempts = 3;
  options.hop_timeout = 40ms;
  options.hop_attempts = 1;
  options.hedge_after = 2ms;
  options.lookup_timeout = 1s;
  options.repair_period = 10s;
  options.fix_finger_period = 5s;
  options.operation_attempts = 16;
  options.gets_end_early = true;
  return options;
}

class Session final : public Observer {
 public:
  explicit Session(adapter::Host& host) : host_(host) {}

  void handle(const std::string& line) {
    work_.emplace(order_of(line), [this](unsigned number) { begin(number); });
    work_->start();
  }

  void on_trace(Time, NodeIndex node, std::uint16_t type, const TraceValues&) override {
    if (type == ring::index_of(ring::TraceEvent::joined) && node == last_) say_ready();
  }
  // "name7 is stored", "name7 = ...", "name7 was not found"
  void on_line(Time, NodeIndex node, std::string_view line) override {
    if (node != 0 || !work_) return;
    const auto number = static_cast<unsigned>(std::atoi(std::string(line.substr(4, line.find(' ') - 4)).c_str()));
    const bool is_right = work_->order().is_put
                              ? line.ends_with(" is stored")
                              : line.substr(std::min(line.find(' '), line.size())) == " = " + value_of(number);
    host_.post([this, number, is_right] { work_->finish(number, is_right); });
  }

  void expect(NodeIndex last) { last_ = last; }
  void say_ready() {
    std::puts("ready");
    std::fflush(stdout);
  }

 private:
  void begin(unsigned number) {
    const std::string name = name_of(number);
    host_.process(0).command(!work_->order().is_put ? "get " + name : "put " + name + " " + value_of(number));
  }

  adapter::Host& host_;
  NodeIndex last_ = 0;
  std::optional<Work> work_;
};

}  // namespace

int main(int argc, char** argv) {
  if (argc < 4) return 2;
  const auto port = [&](int word) { return static_cast<std::uint16_t>(std::atoi(argv[word])); };
  const int count = std::atoi(argv[2]);
  adapter::Host host;
  Session session(host);
  host.observe(&session);
  session.expect(static_cast<NodeIndex>(count - 1));
  std::vector<Address> doors;
  if (argc > 4) doors.push_back(Address::ipv4(loopback, port(4)));
  const auto shared = std::make_shared<const ring::Options>(options(std::atoi(argv[1])));
  for (int i = 0; i < count; ++i) {
    adapter::NodeOptions node_options;
    node_options.listen = adapter::Endpoint::ipv4(loopback, static_cast<std::uint16_t>(port(3) + i));
    auto& node = host.add<ring::Node>(node_options, [&, shared](Address self) {
      return ring::Node::joining(shared, ring::key_of_name(to_string(self), ring::KeySpace(shared->key_bits)), doors);
    });
    node.start();
    if (doors.empty()) doors.push_back(node.address());
  }
  std::string typed;
  host.watch(STDIN_FILENO, [&] {
    char bytes[256];
    const ssize_t size = ::read(STDIN_FILENO, bytes, sizeof bytes);
    if (size <= 0) return host.stop();
    typed.append(bytes, static_cast<std::size_t>(size));
    for (std::size_t end; (end = typed.find('\n')) != std::string::npos; typed.erase(0, end + 1))
      session.handle(typed.substr(0, end));
  });
  host.run();
}
