#include "adapter/base/child_process.h"

#include <sys/prctl.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>

namespace peerbed::adapter {
namespace {

// An exception must not reach what the parent was doing.
[[noreturn]] void become(const std::function<int()>& run, pid_t parent) noexcept {
  ::prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (::getppid() != parent) ::_exit(127);  // the parent died before the request
  ::signal(SIGINT, SIG_IGN);
  ::_exit(run());  // without flushing the parent's buffered output
}

}  // namespace

ChildProcess::ChildProcess(const std::function<int()>& run) {
  const pid_t parent = ::getpid();
  process_ = ::fork();
  if (process_ == 0) become(run, parent);
}

ChildProcess::~ChildProcess() {
  signal(SIGKILL);
  wait();
}

void ChildProcess::signal(int number) noexcept {
  if (process_ > 0) ::kill(process_, number);
}

ChildProcess::End ChildProcess::wait() noexcept {
  int status = 0;
  const pid_t process = std::exchange(process_, -1);
  if (process <= 0) return {};
  while (::waitpid(process, &status, 0) < 0 && errno == EINTR) {
  }
  return WIFSIGNALED(status) ? End{.code = 0, .signal = WTERMSIG(status)}
                             : End{.code = WEXITSTATUS(status), .signal = 0};
}

}  // namespace peerbed::adapter
