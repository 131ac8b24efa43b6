#include "adapter/base/splice_buffer.h"

#include <fcntl.h>
#include <unistd.h>

#include <algorithm>
#include <cerrno>

namespace peerbed::adapter {

namespace {

constexpr int pipe_size = 1024 * 1024;  // bytes, as far as the kernel allows

}  // namespace

bool write_at(int file, Bytes bytes, std::uint64_t offset) noexcept {
  while (!bytes.empty()) {
    const ssize_t written = ::pwrite(file, bytes.data(), bytes.size(), static_cast<off_t>(offset));
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) return false;
    bytes = bytes.subspan(static_cast<std::size_t>(written));
    offset += static_cast<std::uint64_t>(written);
  }
  return true;
}

// Without a pipe everything passes through the buffer.
SpliceBuffer::SpliceBuffer() : buffer_(buffer_size) {
  int ends[2] = {-1, -1};
  if (::pipe2(ends, O_CLOEXEC | O_NONBLOCK) != 0) return;
  pipe_out_ = FileDescriptor(ends[0]);
  pipe_in_ = FileDescriptor(ends[1]);
  ::fcntl(ends[1], F_SETPIPE_SZ, pipe_size);
}

SpliceBuffer::Moved SpliceBuffer::move(int socket, std::size_t size, int file, std::uint64_t offset) {
  Moved moved;
  moved.from_socket = ::splice(socket, nullptr, pipe_in_.number(), nullptr, size, SPLICE_F_MOVE | SPLICE_F_NONBLOCK);
  if (moved.from_socket > 0) moved.error = empty_into(file, offset, static_cast<std::size_t>(moved.from_socket));
  return moved;
}

// Discards what the file does not take: the pipe must be empty for the next stream.
int SpliceBuffer::empty_into(int file, std::uint64_t offset, std::size_t size) {
  auto position = static_cast<off64_t>(offset);
  int error = 0;
  while (size > 0 && file >= 0) {
    const ssize_t written = ::splice(pipe_out_.number(), nullptr, file, &position, size, SPLICE_F_MOVE);
    if (written < 0 && errno == EINTR) continue;
    if (written <= 0) {
      error = written < 0 ? errno : EIO;
      break;
    }
    size -= static_cast<std::size_t>(written);
  }
  while (size > 0) {
    const ssize_t taken = ::read(pipe_out_.number(), buffer_.data(), std::min(size, buffer_.size()));
    if (taken < 0 && errno == EINTR) continue;
    if (taken <= 0) break;
    size -= static_cast<std::size_t>(taken);
  }
  return error;
}

}  // namespace peerbed::adapter
