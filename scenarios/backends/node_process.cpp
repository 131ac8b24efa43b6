#include "scenarios/backends/node_process.h"

#include <fcntl.h>
#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <cstring>

#include "scenarios/text/error.h"

namespace peerbed::scenarios {
namespace {

[[noreturn]] void no_process() {
  throw FileError(std::string("cannot start a node's process: ") + std::strerror(errno) + "; use fewer nodes");
}

}  // namespace

NodeProcess::NodeProcess(const std::vector<std::string>& words) {
  std::array<int, 2> channel{};
  if (::socketpair(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0, channel.data()) != 0) no_process();
  reports_ = adapter::FileDescriptor(channel[0]);
  const adapter::FileDescriptor theirs(channel[1]);
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  process_ = adapter::ChildProcess([&arguments, &theirs] {
    ::dup2(theirs.number(), STDIN_FILENO);
    ::dup2(theirs.number(), STDOUT_FILENO);
    ::execvp(arguments[0], arguments.data());
    return 127;
  });
  if (!process_) no_process();
}

void NodeProcess::ask(const NodeRequest& request) {
  const std::string bytes = write_request(request);
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t sent = ::send(reports_.number(), bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    done += static_cast<std::size_t>(sent);
  }
}

bool NodeProcess::take(const std::function<void(const NodeReport&)>& hear) {
  std::array<char, 65536> room;
  while (true) {
    const ssize_t received = ::recv(reports_.number(), room.data(), room.size(), MSG_DONTWAIT);
    if (received < 0 && errno == EINTR) continue;
    if (received < 0) return errno == EAGAIN || errno == EWOULDBLOCK;
    if (received == 0) return false;
    unread_.append(room.data(), static_cast<std::size_t>(received));
    std::size_t begin = 0;
    for (std::size_t end; (end = unread_.find('\n', begin)) != std::string::npos; begin = end + 1)
      if (const auto report = read_report(std::string_view(unread_).substr(begin, end - begin))) hear(*report);
    unread_.erase(0, begin);
  }
}

}  // namespace peerbed::scenarios
