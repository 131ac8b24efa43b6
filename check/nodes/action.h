#pragma once
// What may happen to a node, or to a message under way, and how it is packed into the number of an action.

#include <cstdint>

#include "check/engine/system.h"
#include "host/node_index.h"

namespace peerbed::check {

enum class ActionKind : std::uint8_t {
  deliver,     // argument = place of the message among those under way; node = its receiver
  drop,        // the same
  duplicate,   // the same
  fire,        // argument = timer
  start,       // argument = 0 as the node was created, else 1 + place in NodeOptions::restarts
  crash_keep,  // the disk is kept
  crash_wipe,  //
  leave,       // gracefully
  command,     // argument = place in NodeOptions::commands
  age,         // the node's clock passes everything that it compares with it
  tick,        // of all clocks; node = 0
  quiet,       // nothing is under way any more: ends an exchange, and is no action by itself
  rename,      // questions get their names: no action by itself
  stream,      // a node hears of a stream: see StreamAction
  disk,        // a node's disk answers its oldest question
};

// What a node hears of a stream, in the argument of an action.
struct StreamAction {
  enum class What : std::uint8_t {
    next,   // that it is open, or closed, or what was asked for
    sent,   // that the network has taken content
    reset,  //
  };
  std::uint32_t connection = 0;  // its place among those of the state
  std::uint32_t side = 0;        // 0 or 1
  What what{};

  constexpr std::uint32_t packed() const noexcept {
    return connection << 3 | side << 2 | static_cast<std::uint32_t>(what);
  }
  static constexpr StreamAction from(std::uint32_t argument) noexcept {
    return {argument >> 3, argument >> 2 & 1, static_cast<What>(argument & 3)};
  }
};

struct NodeAction {
  ActionKind kind{};
  NodeIndex node = 0;          // below 256
  std::uint32_t argument = 0;  // below 2^20

  constexpr Action packed() const noexcept { return static_cast<Action>(kind) << 28 | node << 20 | argument; }
  static constexpr NodeAction from(Action action) noexcept {
    return {static_cast<ActionKind>(action >> 28), action >> 20 & 0xFF, action & 0xF'FFFF};
  }
  friend constexpr bool operator==(const NodeAction&, const NodeAction&) = default;
};

// Maintenance is what goes on without anybody's doing.
constexpr bool is_maintenance(ActionKind kind) noexcept {
  return kind == ActionKind::deliver || kind == ActionKind::fire || kind == ActionKind::age ||
         kind == ActionKind::tick || kind == ActionKind::stream || kind == ActionKind::disk;
}

}  // namespace peerbed::check
