#pragma once
// The log in which a handler records what it wants done. The host owns it, reuses it, and applies it after the handler
// has returned: no re-entrancy, and no allocation per message once it is warm.

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <memory>
#include <vector>

#include "protocols/environment/address.h"
#include "protocols/environment/codec.h"
#include "protocols/environment/content.h"
#include "protocols/environment/contract.h"
#include "protocols/environment/stream.h"
#include "protocols/environment/time.h"
#include "protocols/environment/trace.h"

namespace peerbed {

enum class EffectKind : std::uint8_t {
  send_datagram,    // address, bytes
  set_timer,        // number = timer, argument = delay in nanoseconds
  cancel_timer,     // number = timer
  trace,            // number = index in the protocol's table, bytes = TraceValues
  print_line,       // bytes; for a refusal they begin with its code, and number = the code's length
  exit_process,     //
  write_content,    // argument = content key, bytes
  erase_content,    // argument = content key
  read_content,     // argument = content key
  hash_content,     // bytes = ContentRange
  import_content,   // argument = content key, bytes = file name
  export_content,   // argument = content key, bytes = file name, number = 1 for a tree
  open_stream,      // stream, address
  write_stream,     // stream, bytes
  send_content,     // stream, bytes = ContentRange
  receive_bytes,    // stream, argument = count
  receive_content,  // stream, bytes = ContentRange
  close_stream,     // stream: this side writes no more
  reset_stream,     // stream
};

struct Effect {
  EffectKind kind{};
  std::uint16_t number = 0;
  std::uint32_t size = 0;      // of its bytes
  std::uint64_t offset = 0;    // of its bytes in the log
  std::uint64_t argument = 0;  // an Address, a delay in nanoseconds or a ContentKey
  StreamId stream{};
};

// The range in the bytes of an effect.
inline ContentRange range_in(Bytes bytes) {
  ContentRange range;
  PEERBED_CONTRACT(bytes.size() == sizeof range, "an effect on a range holds one");
  std::memcpy(&range, bytes.data(), sizeof range);
  return range;
}

class Effects {
 public:
  void clear() noexcept {
    effects_.clear();
    used_ = 0;
  }
  const std::vector<Effect>& all() const noexcept { return effects_; }
  Bytes bytes_of(const Effect& effect) const noexcept { return {arena_.get() + effect.offset, effect.size}; }

  void record(const Effect& effect) { effects_.push_back(effect); }
  void record(Effect effect, Bytes bytes) {
    Writer writer = lend(bytes.size());
    writer.bytes(bytes);
    record_lent(effect, writer);
  }

  // Lends space for at most `limit` bytes at the end of the log. One loan at a time, returned by record_lent.
  Writer lend(std::size_t limit) {
    if (capacity_ - used_ < limit) grow(limit);
    return Writer({arena_.get() + used_, limit});
  }
  void record_lent(Effect effect, const Writer& writer) {
    effect.offset = used_;
    effect.size = static_cast<std::uint32_t>(writer.size());
    used_ += writer.size();
    effects_.push_back(effect);
  }

 private:
  void grow(std::size_t needed) {
    const std::size_t capacity = (used_ + needed) * 2 + 4096;
    auto arena = std::make_unique<std::byte[]>(capacity);
    if (used_ > 0) std::memcpy(arena.get(), arena_.get(), used_);
    arena_ = std::move(arena);
    capacity_ = capacity;
  }

  std::vector<Effect> effects_;
  std::unique_ptr<std::byte[]> arena_;
  std::size_t used_ = 0;
  std::size_t capacity_ = 0;
};

}  // namespace peerbed
