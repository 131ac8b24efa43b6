#pragma once
// Holds content on its way from a socket to a file: small parts in a buffer, large ones in a kernel pipe, so that they
// are not copied into this process. One splice buffer serves all streams of a loop.

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "adapter/base/file_descriptor.h"
#include "protocols/environment/codec.h"

namespace peerbed::adapter {

// Writes bytes to a file; false, with errno, if the disk fails.
bool write_at(int file, Bytes bytes, std::uint64_t offset) noexcept;

class SpliceBuffer {
 public:
  static constexpr std::size_t buffer_size = 256 * 1024;  // bytes: what is written is still in the processor's cache

  SpliceBuffer();

  std::span<std::byte> buffer() noexcept { return buffer_; }
  bool has_pipe() const noexcept { return static_cast<bool>(pipe_in_); }

  struct Moved {
    long from_socket = 0;  // as splice() returns it, with errno
    int error = 0;         // why the disk did not take everything; 0: it did
  };
  // Moves what waits at the socket, at most `size` bytes, to `file` at `offset`, or discards it if `file` is -1.
  Moved move(int socket, std::size_t size, int file, std::uint64_t offset);

 private:
  int empty_into(int file, std::uint64_t offset, std::size_t size);

  std::vector<std::byte> buffer_;
  FileDescriptor pipe_in_;  // the write end
  FileDescriptor pipe_out_;
};

}  // namespace peerbed::adapter
