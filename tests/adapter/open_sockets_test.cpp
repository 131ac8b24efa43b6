#include "adapter/base/open_sockets.h"

#include <netinet/tcp.h>

#include <array>
#include <fstream>
#include <sstream>
#include <string>

#include "tests/catch.h"

using namespace peerbed::adapter;

namespace {

std::string congestion_control_of(const FileDescriptor& socket) {
  std::array<char, 32> name{};
  socklen_t size = name.size();
  REQUIRE(::getsockopt(socket.number(), IPPROTO_TCP, TCP_CONGESTION, name.data(), &size) == 0);
  return name.data();
}

std::string setting(const std::string& name) {
  std::ostringstream text;
  text << std::ifstream("/proc/sys/net/ipv4/" + name).rdbuf();
  std::string words = text.str();
  words.erase(words.find_last_not_of('\n') + 1);
  return words;
}

bool anybody_may_choose(const std::string& name) {
  std::istringstream allowed(setting("tcp_allowed_congestion_control"));
  for (std::string word; allowed >> word;)
    if (word == name) return true;
  return false;
}

}  // namespace

TEST_CASE("streams within one machine are not paced, all others use the machine's congestion control") {
  const std::string machines = setting("tcp_congestion_control");
  const std::string within = anybody_may_choose("reno") ? "reno" : machines;
  CHECK(congestion_control_of(open_sockets(Endpoint::parse("127.0.0.1:0").value(), true).listener) == within);
  CHECK(congestion_control_of(open_sockets(Endpoint::parse("127.9.0.1:0").value(), true).listener) == within);
  CHECK(congestion_control_of(open_sockets(Endpoint::parse("0.0.0.0:0").value(), true).listener) == machines);
}
