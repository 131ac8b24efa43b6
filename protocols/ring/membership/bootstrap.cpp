#include "protocols/ring/membership/bootstrap.h"

#include <algorithm>

#include "protocols/environment/contract.h"
#include "protocols/ring/wire/routing_messages.h"

namespace peerbed::ring {

Bootstrap::Bootstrap(std::span<const Address> nodes) {
  const auto kept = nodes.first(std::min(nodes.size(), maximum_bootstrap));
  nodes_.assign(kept.begin(), kept.end());
}

void Bootstrap::put_first(Address node) {
  nodes_.insert(nodes_.begin(), node);
  if (nodes_.size() > maximum_bootstrap) nodes_.pop_back();
}

void Bootstrap::begin(Time now) noexcept {
  next_ = 0;
  attempts_ = 0;
  started_ = now;
}

void Bootstrap::ask(const Context& context, Duration patience) {
  PEERBED_CONTRACT(!nodes_.empty(), "a node that looks for its place knows whom to ask");
  if (next_ >= nodes_.size()) next_ = 0;
  const bool is_first = attempts_ == 0 || id_of_next_copy(id_) == id_;
  id_ = is_first ? context.ids.next() : id_of_next_copy(id_);
  // The first round has short waits, because most nodes are dead if the first one is. Later rounds wait longer.
  const std::uint32_t rounds = attempts_++ / std::max<std::uint32_t>(static_cast<std::uint32_t>(nodes_.size()), 4);
  deadline_ = context.now() + patience * (1 << std::min<std::uint32_t>(rounds, 5));
  context.await(deadline_);
  const Address asker = context.environment.self();
  context.environment.send(nodes_[next_++],
                           Find{.id = id_, .key = context.self, .asker = asker, .purpose = Find::Purpose::join});
}

Contact Bootstrap::current() const noexcept {
  PEERBED_CONTRACT(next_ < nodes_.size(), "a guest knows a member");
  return {Key{}, nodes_[next_]};
}

Contact Bootstrap::next() noexcept {
  PEERBED_CONTRACT(!nodes_.empty(), "a guest knows a member");
  next_ = (next_ + 1) % nodes_.size();
  return current();
}

}  // namespace peerbed::ring
