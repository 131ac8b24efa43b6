#pragma once
// Streams that end in peace. Whoever ends one says why in a last frame and writes no more; the other side does the same
// when it has read it; each reads on until the other is done. What is under way on a stream is not waited for: then it
// is reset. At most maximum_partings at once; more are reset.

#include <tuple>
#include <vector>

#include "protocols/environment/stream.h"
#include "protocols/swarm/base/close_reason.h"
#include "protocols/swarm/link/context.h"

namespace peerbed::swarm {

constexpr std::size_t maximum_partings = 64;

class Partings {
 public:
  enum class End { parting, reset };

  // Ends a stream that is no link any more: with a word that says why where the reason allows it, nothing is under way
  // on the stream and there is room; else by a reset. After `parting` end_overdue() is to be called from time to time.
  [[nodiscard]] End end(const Context& context, StreamId stream, CloseReason reason, bool is_quiet);
  // The same, for a stream on which the other side said goodbye.
  [[nodiscard]] End answer(const Context& context, StreamId stream, bool is_quiet);
  // What comes on a stream; one that is not parting is passed over.
  void read_on(const Context& context, const StreamEvent& event);
  // Resets those whose other side takes too long.
  void end_overdue(const Context& context);

  bool empty() const noexcept { return partings_.empty(); }
  std::size_t size() const noexcept { return partings_.size(); }
  auto fields() const { return std::tie(partings_); }

 private:
  struct Parting {
    StreamId stream{};
    Time since{};
    auto fields() const { return std::tie(stream, since); }
  };

  std::vector<Parting> partings_;
};

}  // namespace peerbed::swarm
