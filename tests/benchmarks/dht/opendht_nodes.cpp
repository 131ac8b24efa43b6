// opendht_nodes COUNT FIRST_PORT [DOOR_PORT]: the counterpart of ring_nodes.cpp, with default OpenDHT nodes.

#include <opendht.h>

#include <atomic>
#include <cstdlib>
#include <iostream>
#include <memory>
#include <thread>

#include "tests/benchmarks/dht/conversation.h"

namespace {

using namespace peerbed::benchmarks;

dht::Blob bytes_of(const std::string& text) { return {text.begin(), text.end()}; }

void put(dht::DhtRunner& node, std::shared_ptr<Work> work, unsigned number) {
  node.put(dht::InfoHash::get(name_of(number)), dht::Value(bytes_of(value_of(number))),
           [work, number](bool done) { work->finish(number, done); });
}

void get(dht::DhtRunner& node, std::shared_ptr<Work> work, unsigned number) {
  const auto found = std::make_shared<std::atomic<bool>>(false);
  const auto look_at = [number, found](const std::vector<std::shared_ptr<dht::Value>>& values) {
    for (const auto& value : values)
      if (value->data == bytes_of(value_of(number))) *found = true;
    return !*found;
  };
  node.get(dht::InfoHash::get(name_of(number)), look_at, [work, number, found](bool) { work->finish(number, *found); });
}

void carry_out(dht::DhtRunner& node, const Order& order) {
  std::shared_ptr<Work> work;
  work = std::make_shared<Work>(
      order, [&](unsigned number) { order.is_put ? put(node, work, number) : get(node, work, number); });
  work->start();
  while (!work->is_done()) std::this_thread::sleep_for(std::chrono::milliseconds(5));
}

}  // namespace

int main(int argc, char** argv) {
  if (argc < 3) return 2;
  std::vector<std::unique_ptr<dht::DhtRunner>> nodes;
  for (int i = 0; i < std::atoi(argv[1]); ++i) {
    nodes.push_back(std::make_unique<dht::DhtRunner>());
    dht::DhtRunner::Config config;
    config.threaded = true;
    nodes.back()->run("127.0.0.1", "::1", std::to_string(std::atoi(argv[2]) + i).c_str(), config);
    if (argc > 3)
      nodes.back()->bootstrap("127.0.0.1", argv[3]);
    else if (i > 0)
      nodes.back()->bootstrap("127.0.0.1", argv[2]);
  }
  std::puts("ready");
  std::fflush(stdout);
  for (std::string line; std::getline(std::cin, line);) carry_out(*nodes.front(), order_of(line));
  std::_Exit(0);
}
