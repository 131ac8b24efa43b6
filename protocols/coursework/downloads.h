#pragma once
// The files that a peer asked for. Each comes in chunks, one after the other.

#include <cstdint>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/coursework/messages.h"
#include "protocols/environment/time.h"

namespace peerbed::coursework {

struct Download {
  std::uint16_t file = 0;
  Contact owner{};         // nobody until it has answered
  std::uint32_t size = 0;  // bytes
  std::vector<std::byte> bytes{};
  Time deadline{};
  bool is_complete() const noexcept { return bytes.size() >= size; }
  auto fields() const { return std::tie(file, owner, size, bytes, deadline); }
};

class Downloads {
 public:
  static constexpr std::size_t maximum_requests = 16;

  // False if the file is asked for already, or too many are.
  bool may_begin(std::uint16_t file) noexcept;
  void begin(std::uint16_t file, Time deadline) { downloads_.push_back({.file = file, .deadline = deadline}); }
  // The download that the answer is about: the first one from its owner, of a size that is allowed. Null when there is
  // none.
  Download* of_answer(const FileAnswer& answer) noexcept;
  // The download that the chunk was added to; null when it continues none.
  Download* add_chunk(Address from, const FileChunk& chunk);
  // Ends one of them.
  void end(std::uint16_t file);
  // Ends those whose deadline has come, and returns their files.
  std::vector<std::uint16_t> end_overdue(Time now);

  std::span<const Download> all() const noexcept { return downloads_; }
  auto fields() const { return std::tie(downloads_); }

 private:
  Download* find(std::uint16_t file) noexcept;

  std::vector<Download> downloads_;
};

}  // namespace peerbed::coursework
