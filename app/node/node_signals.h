#pragma once
// The signals that ask a process to end, as a descriptor that a loop can read. While this object lives, they are
// blocked in this thread and in every thread started meanwhile.

#include <signal.h>

#include <optional>

#include "adapter/base/file_descriptor.h"

namespace peerbed::app {

class NodeSignals {
 public:
  // SIGINT and SIGTERM; SIGHUP unless the process was started to ignore it. Also ignores SIGPIPE, so that a closed pipe
  // is an ordinary error.
  NodeSignals();
  ~NodeSignals();
  NodeSignals(const NodeSignals&) = delete;
  NodeSignals& operator=(const NodeSignals&) = delete;

  int descriptor() const noexcept { return descriptor_.number(); }
  // The next pending signal, if any.
  std::optional<int> next() const;

 private:
  sigset_t before_{};
  void (*ignored_)(int) = nullptr;
  adapter::FileDescriptor descriptor_;
};

}  // namespace peerbed::app
