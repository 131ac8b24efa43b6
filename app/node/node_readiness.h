#pragma once
// Tells when a shared descriptor, such as standard input, has something to read. The host's loop would make that
// descriptor non-blocking for everyone who shares it, so a private descriptor waits on its behalf.

#include <functional>

#include "adapter/base/file_descriptor.h"
#include "adapter/host.h"

namespace peerbed::app {

class NodeReadiness {
 public:
  // `readable` is called in the host's loop, again and again while there is something, and only while it is listened
  // to.
  NodeReadiness(adapter::Host& host, int source, std::function<void()> readable);

  // A descriptor that the kernel cannot wait for, such as a regular file, is never reported: reading it does not block.
  void listen(bool on);

 private:
  int source_;
  adapter::FileDescriptor poll_;
  bool listening_ = false;
};

}  // namespace peerbed::app
