#pragma once
// The signals that ask a process to end, as something that a loop can read. They are blocked while this object lives,
// in every thread that starts meanwhile.

#include <signal.h>

#include <optional>

#include "adapter/base/file_descriptor.h"

namespace peerbed::app {

class NodeSignals {
 public:
  // SIGINT and SIGTERM; SIGHUP unless the process was started to ignore it. A pipe that nobody reads any more is an
  // error like any other, and no signal.
  NodeSignals();
  ~NodeSignals();
  NodeSignals(const NodeSignals&) = delete;
  NodeSignals& operator=(const NodeSignals&) = delete;

  int descriptor() const noexcept { return descriptor_.number(); }
  // The next signal that came, if one did.
  std::optional<int> next() const;

 private:
  sigset_t before_{};
  void (*ignored_)(int) = nullptr;
  adapter::FileDescriptor descriptor_;
};

}  // namespace peerbed::app
