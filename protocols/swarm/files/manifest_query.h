#pragma once
// Which source a download asks for the manifest, one at a time. What came and did not match its root came from peer().

#include <tuple>

#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link_table.h"

namespace peerbed::swarm {

class ManifestQuery {
 public:
  bool is_free() const noexcept { return from_ == StreamId{}; }  // nobody is asked
  StreamId from() const noexcept { return from_; }
  Address peer() const noexcept { return peer_; }  // who is, or was, asked last
  Time asked() const noexcept { return asked_; }
  bool is_here() const noexcept { return is_here_; }  // all of it, and being hashed

  // A manifest from that source is waited for.
  bool expects(StreamId source) const noexcept { return !is_free() && from_ == source && !is_here_; }

  // Asks a source, unless another is asked.
  void ask(const Context& context, const Link& source);
  // Asks the first one that has it, if any.
  void ask_any(const Context& context, const LinkTable& links, FileNumber file);
  void note_arrival() noexcept;
  // It came to nothing, or is verified: another may be asked.
  void end() noexcept;
  // A source is gone: what it was asked for is not to come, but what is here is still of use.
  void lose(StreamId source) noexcept;

  auto fields() const { return std::tie(from_, peer_, asked_, is_here_); }

 private:
  StreamId from_{};
  Address peer_{};
  Time asked_{};
  bool is_here_ = false;
};

}  // namespace peerbed::swarm
