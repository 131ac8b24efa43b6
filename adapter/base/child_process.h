#pragma once
// A process started by this one. It dies with its parent, and ignores Ctrl-C, which the parent handles.

#include <sys/types.h>

#include <functional>
#include <utility>

namespace peerbed::adapter {

class ChildProcess {
 public:
  // How it ended: the code with which it exited, or the signal that ended it (0 if none did).
  struct End {
    int code = 0;
    int signal = 0;
  };

  ChildProcess() = default;
  // Forks and exits with what `run` returns in the new process. Holds no process if the system refuses; errno says why.
  // A caller with several threads may do in `run` only what is safe between fork and exec.
  explicit ChildProcess(const std::function<int()>& run);
  ChildProcess(ChildProcess&& other) noexcept : process_(std::exchange(other.process_, -1)) {}
  ChildProcess& operator=(ChildProcess&& other) noexcept {
    std::swap(process_, other.process_);
    return *this;
  }
  // SIGKILL, unless it was waited for.
  ~ChildProcess();

  explicit operator bool() const noexcept { return process_ > 0; }
  void signal(int number) noexcept;
  // Until it has ended. Holds no process afterwards.
  End wait() noexcept;

 private:
  pid_t process_ = -1;
};

}  // namespace peerbed::adapter
