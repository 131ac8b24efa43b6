#pragma once
// Lines from a descriptor, taken as they come and never waited for: a script, a pipe, a terminal without a prompt.

#include <functional>
#include <optional>
#include <string>

#include "adapter/file_descriptor.h"
#include "adapter/host.h"

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
  // All was taken.
  bool at_end() const noexcept { return ended_ && buffer_.empty(); }
  // Whether `readable` is to be called.
  void listen(bool on);

 private:
  bool read_more();

  adapter::FileDescriptor source_;
  // Waits for the source on behalf of the loop, which would make the source itself non-blocking for all who share it.
  adapter::FileDescriptor poll_;
  std::string buffer_;
  bool ended_ = false;
  bool listening_ = false;
};

}  // namespace peerbed::app
