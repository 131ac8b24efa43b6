#pragma once
// The shipped ring node as a system to explore: nodes whose keys are spread evenly, the first of which form an ideal
// ring; each may crash, and join again through any member. Failures keep Zave's contract.

#include <chrono>
#include <cstddef>
#include <memory>
#include <vector>

#include "check/nodes/node_form.h"
#include "check/nodes/node_system.h"
#include "protocols/environment/timer_type.h"
#include "protocols/ring/node.h"

namespace peerbed::check {

struct ShippedRing {
  std::size_t nodes = 4;
  std::size_t list_length = 2;
  std::size_t base = 3;
  bool checks_predecessor = false;
  bool is_guarded = true;
  bool in_messages = false;  // each is a step
};

using RingView = View<ring::Node>;

std::vector<ring::Contact> contacts_of(const ShippedRing& ring);
NodeOptions<ring::Node> options_of(const ShippedRing& ring);
// Whether a member has a live successor in its list, whatever else fails.
bool has_live_successors(const RingView& view);
std::size_t count_principals(const RingView& view);

template <class Form = NodeForm<ring::Node>>
auto ring_system(const ShippedRing& ring, Form form = {}) {
  return std::make_unique<NodeSystem<ring::Node, Form>>(options_of(ring), std::move(form));
}

// Of membership alone, where waits have no lengths.
inline NodeForm<ring::Node> membership_form() {
  return {{.commands = false, .isolation = false, .timed = false, .horizon = std::chrono::hours(12)}};
}

// The same where each message is a step, and questions are named.
inline NodeForm<ring::Node> message_form() {
  auto form = membership_form();
  form.scope.between_exchanges = false;
  form.scope.named_questions = form.scope.starts_alike = true;
  return form;
}

}  // namespace peerbed::check
