#pragma once
// Actions in words.

#include <cstddef>
#include <string>

#include "check/nodes/action.h"
#include "check/nodes/message.h"
#include "check/nodes/node_options.h"
#include "check/nodes/stream_words.h"
#include "check/nodes/view.h"

namespace peerbed::check {

// "notify from node 1"
template <class N>
std::string name_of_message(const View<N>& seen, std::size_t place) {
  const Message& message = seen.message(place);
  const std::string kind = kind_of<N>(message);
  return (kind.empty() ? "a message" : kind) + " from node " + std::to_string(message.from);
}

// "node 2 receives notify from node 1"
template <class N>
std::string describe_action(const View<N>& seen, const NodeAction& what, const NodeOptions<N>& options) {
  const auto node_name = [](NodeIndex index) { return "node " + std::to_string(index); };
  const std::string node = node_name(what.node);
  switch (what.kind) {
    case ActionKind::deliver:
      return node + " receives " + name_of_message(seen, what.argument);
    case ActionKind::drop:
      return node + " never receives " + name_of_message(seen, what.argument);
    case ActionKind::duplicate:
      return node + " will receive once more " + name_of_message(seen, what.argument);
    case ActionKind::fire:
      return "timer " + std::to_string(what.argument) + " of " + node + " fires";
    case ActionKind::start:
      return node + " starts";
    case ActionKind::crash_keep:
      return node + " crashes";
    case ActionKind::crash_wipe:
      return node + " crashes and loses its disk";
    case ActionKind::leave:
      return node + " is asked to leave";
    case ActionKind::command:
      return node + " is told: " + options.commands[what.argument].line;
    case ActionKind::age:
      return "the clock of " + node + " passes all that it waits for";
    case ActionKind::tick:
      return "a tick passes";
    case ActionKind::stream:
      return node + " " + words_of_stream(seen, what).text(node_name);
    case ActionKind::disk:
      return "the disk of " + node + " answers";
    case ActionKind::quiet:
    case ActionKind::rename:
      break;
  }
  return {};
}

}  // namespace peerbed::check
