#pragma once
// Lines from a descriptor, taken as they arrive and never waited for: a script, a pipe, or a terminal without a prompt.

#include <unistd.h>

#include <functional>
#include <optional>
#include <string>

#include "adapter/base/file_descriptor.h"
#include "app/node/node_readiness.h"

namespace peerbed::app {

class NodeInput {
 public:
  static constexpr std::size_t longest_line = 64 * 1024;  // bytes; a longer one is cut

  // Reads what `path` names, or standard input when it is "-". Throws std::runtime_error when it cannot be opened.
  static adapter::FileDescriptor open(const std::string& path);

  // `readable` is called in the host's loop when next() may have more to give.
  NodeInput(adapter::Host& host, adapter::FileDescriptor source, std::function<void()> readable);

  // The next line without its end, if it is here.
  std::optional<std::string> next();
  bool is_terminal() const noexcept { return ::isatty(source_.number()) != 0; }
  // All was taken.
  bool at_end() const noexcept { return ended_ && buffer_.empty(); }
  // Whether `readable` is to be called.
  void listen(bool on) { readiness_.listen(on); }

 private:
  bool read_more();

  adapter::FileDescriptor source_;
  NodeReadiness readiness_;
  std::string buffer_;
  bool ended_ = false;
};

}  // namespace peerbed::app
