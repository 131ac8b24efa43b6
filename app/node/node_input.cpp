#include "app/node/node_input.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <stdexcept>
#include <system_error>

namespace peerbed::app {

adapter::FileDescriptor NodeInput::open(const std::string& path) {
  adapter::FileDescriptor source(path == "-" ? ::fcntl(STDIN_FILENO, F_DUPFD_CLOEXEC, 0)
                                             : ::open(path.c_str(), O_RDONLY | O_NONBLOCK | O_CLOEXEC));
  struct stat status {};
  if (!source || ::fstat(source.number(), &status) != 0)
    throw std::runtime_error(path + ": " + std::generic_category().message(errno));
  if (S_ISDIR(status.st_mode))
    throw std::runtime_error(path + " is a directory; --script takes a file of commands, or - for standard input");
  return source;
}

NodeInput::NodeInput(adapter::Host& host, adapter::FileDescriptor source, std::function<void()> readable)
    : source_(std::move(source)), readiness_(host, source_.number(), std::move(readable)) {}

std::optional<std::string> NodeInput::next() {
  while (true) {
    std::size_t end = buffer_.find('\n');
    if (end == std::string::npos && buffer_.size() >= longest_line) end = longest_line;
    if (end == std::string::npos && ended_ && !buffer_.empty()) end = buffer_.size();
    if (end != std::string::npos) {
      std::string line = buffer_.substr(0, end);
      buffer_.erase(0, end + 1);
      return line;
    }
    if (ended_ || !read_more()) return std::nullopt;
  }
}

// Returns false if there is nothing at the moment.
bool NodeInput::read_more() {
  pollfd waiting{.fd = source_.number(), .events = POLLIN, .revents = 0};
  if (::poll(&waiting, 1, 0) <= 0) return false;
  std::array<char, 4096> bytes;
  const ssize_t count = ::read(source_.number(), bytes.data(), bytes.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return false;
  ended_ = count <= 0;
  if (count > 0) buffer_.append(bytes.data(), static_cast<std::size_t>(count));
  return true;
}

}  // namespace peerbed::app
