#include "scenarios/backends/node_process.h"

#include <fcntl.h>
#include <sys/prctl.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>

#include "scenarios/text/error.h"

namespace peerbed::scenarios {
namespace {

[[noreturn]] void no_process() {
  throw FileError(std::string("cannot start a node's process: ") + std::strerror(errno) + "; use fewer nodes");
}

// In the new process: nothing but calls that are safe between fork and exec.
[[noreturn]] void become(char* const* words, int channel, pid_t parent) {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);
  ::signal(SIGINT, SIG_IGN);  // Ctrl-C is for the process that runs the scenario
  ::dup2(channel, STDIN_FILENO);
  ::dup2(channel, STDOUT_FILENO);
  ::execvp(words[0], words);
  ::_exit(127);
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
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ < 0) no_process();
  if (process_ == 0) become(arguments.data(), theirs.number(), parent);
}

NodeProcess::~NodeProcess() {
  ::kill(process_, SIGKILL);
  while (::waitpid(process_, nullptr, 0) < 0 && errno == EINTR) {
  }
}

void NodeProcess::tell(std::string_view line) noexcept {
  std::string bytes(line);
  bytes += '\n';
  for (std::size_t done = 0; done < bytes.size();) {
    const ssize_t sent = ::send(reports_.number(), bytes.data() + done, bytes.size() - done, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) return;
    done += static_cast<std::size_t>(sent);
  }
}

void NodeProcess::signal(int number) noexcept { ::kill(process_, number); }

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
