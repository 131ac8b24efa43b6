#pragma once
// Tells when a shared descriptor, such as standard input, has something to read. The host's loop would make that
// descriptor non-blocking for everyone who shares it, so a private descriptor waits in its place.

#include <functional>

#include "adapter/base/file_descriptor.h"
#include "adapter/host.h"

namespace peerbed::app {

class NodeReadiness {
 public:
  // `readable` is called in the host's loop, repeatedly while there is something to read, but only while listening.
  NodeReadiness(adapter::Host& host, int source, std::function<void()> readable);

  // A descriptor that cannot be polled, such as a regular file, is never reported: reading it does not block.
  void listen(bool on);

 private:
  int source_;
  adapter::FileDescriptor poll_;
  bool listening_ = false;
};

}  // namespace peerbed::app
