// Arbitrary bytes as an HTTP request to a node's status port: it answers in HTTP, or closes, and survives.

#include <arpa/inet.h>
#include <netinet/in.h>
#include <poll.h>
#include <sys/socket.h>
#include <unistd.h>

#include <string>
#include <string_view>

#include "app/node/node_status_server.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed;
using namespace std::chrono_literals;

namespace {

struct Monitored {
  adapter::Host host;
  app::NodeStatusServer server{host, 0, [](std::string_view path) -> std::optional<app::StatusPage> {
                                 if (path != "/status") return std::nullopt;
                                 return app::StatusPage{"text/plain", "all is well\n"};
                               }};
};

int connect_to(std::uint16_t port) {
  const int stream = ::socket(AF_INET, SOCK_STREAM, 0);
  sockaddr_in to{};
  to.sin_family = AF_INET;
  to.sin_port = htons(port);
  to.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  FUZZ_EXPECT(::connect(stream, reinterpret_cast<const sockaddr*>(&to), sizeof to) == 0);
  return stream;
}

// What arrived until the server closed; meanwhile the host's loop must run, because it produces the pages.
std::string answer_on(int stream, adapter::Host& host) {
  std::string answer;
  for (int round = 0; round < 20'000; ++round) {
    char bytes[512];
    const ssize_t size = ::recv(stream, bytes, sizeof bytes, MSG_DONTWAIT);
    if (size == 0 || (size < 0 && errno != EAGAIN)) return answer;
    if (size > 0) answer.append(bytes, static_cast<std::size_t>(size));
    if (size < 0) host.run_for(100us);
  }
  FUZZ_EXPECT(!"the server closes soon after the end of what was sent");
  return answer;
}

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  static Monitored& monitored = *new Monitored;
  const int stream = connect_to(monitored.server.port());
  ::send(stream, data, size, MSG_NOSIGNAL | MSG_DONTWAIT);
  ::shutdown(stream, SHUT_WR);
  const std::string answer = answer_on(stream, monitored.host);
  ::close(stream);
  FUZZ_EXPECT(answer.empty() || answer.starts_with("HTTP/1.1 "));
  return 0;
}
