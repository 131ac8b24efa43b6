#pragma once
// Lines from a descriptor, read as they arrive without blocking: a script, a pipe, or a terminal without a prompt.

#include <unistd.h>

#include <functional>
#include <optional>
#include <string>

#include "adapter/base/file_descriptor.h"
#include "app/node/node_readiness.h"

namespace peerbed::app {

class NodeInput {
 public:
  static constexpr std::size_t longest_line = 64 * 1024;  // bytes; longer lines are cut

  // Opens `path`, or standard input if it is "-". Throws std::runtime_error on failure.
  static adapter::FileDescriptor open(const std::string& path);

  // `readable` is called in the host's loop when next() may return more.
  NodeInput(adapter::Host& host, adapter::FileDescriptor source, std::function<void()> readable);

  // The next line without its newline, if it has arrived.
  std::optional<std::string> next();
  bool is_terminal() const noexcept { return ::isatty(source_.number()) != 0; }
  // Whether everything has been taken.
  bool at_end() const noexcept { return ended_ && buffer_.empty(); }
  // Turns calls of `readable` on or off.
  void listen(bool on) { readiness_.listen(on); }

 private:
  bool read_more();

  adapter::FileDescriptor source_;
  NodeReadiness readiness_;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace peerbed::app
