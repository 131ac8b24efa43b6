#pragma once
// The coursework's peer as a system to explore: some peers stand in an ideal ring; each may die, and join again through
// any peer.

#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <utility>

#include "check/nodes/node_form.h"
#include "check/nodes/node_system.h"
#include "protocols/coursework/node.h"

namespace peerbed::check {

struct ShippedCoursework {
  std::size_t peers = 4;
  std::size_t established = 4;
  std::uint8_t deaths = 1;
  std::uint8_t starts = 0;
  bool settles_first = true;
  bool in_messages = false;  // each is a step
};

NodeOptions<coursework::Node> options_of(const ShippedCoursework& coursework);

// Where waits have no lengths, and no commands are given.
inline NodeForm<coursework::Node> peer_form() {
  return {{.commands = false, .timed = false, .horizon = std::chrono::hours(12)}};
}

// The same where each message is a step, and questions are named.
inline NodeForm<coursework::Node> peer_message_form() {
  auto form = peer_form();
  form.scope.between_exchanges = false;
  form.scope.named_questions = form.scope.starts_alike = true;
  return form;
}

template <class Form = NodeForm<coursework::Node>>
auto coursework_system(const ShippedCoursework& coursework, Form form = peer_form()) {
  return std::make_unique<NodeSystem<coursework::Node, Form>>(options_of(coursework), std::move(form));
}

}  // namespace peerbed::check
