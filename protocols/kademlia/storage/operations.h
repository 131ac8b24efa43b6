#pragma once
// What a node does with values: its user's puts and gets, and storing values again. Each begins with a lookup of the
// key. A put then sends the value to the closest nodes; a get ends with the newest value that the lookup has met.

#include <cstdint>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/environment/codec.h"
#include "protocols/environment/time.h"
#include "protocols/kademlia/base/contact.h"
#include "protocols/kademlia/base/options.h"
#include "protocols/kademlia/lookups/lookup.h"
#include "protocols/kademlia/wire/messages.h"

namespace peerbed::kademlia {

constexpr std::size_t maximum_operations = 256;  // of a node at a time; further ones fail at once
constexpr unsigned maximum_stampings = 4;        // of one put, each above what holders have; then it fails

// One node that is to hold a value.
struct Target {
  enum class State : std::uint8_t { unasked, asked, stored, failed };
  Contact contact{};
  std::uint64_t token = 0;
  State state{};
  auto fields() const { return std::tie(contact, token, state); }
};

struct Operation {
  enum class Kind : std::uint8_t {
    put,        // of this node's user
    get,        // the same
    republish,  // of what this node has put
    replicate,  // of what it holds
    transfer,   // of what it holds, to a newcomer
  };
  std::uint32_t number = 0;
  Kind kind{};
  std::uint8_t stampings = 1;
  std::string name{};  // as the user wrote it
  Id key{};
  Stamp stamp{};               // of the value; of a get: of the newest one so far, time 0 if there was none
  std::uint64_t identity = 0;  // in traces; no other operation of the run has it
  Time started{};
  Time expires{};
  std::vector<std::byte> bytes{};
  std::vector<Target> targets{};
  Stamp newest{};  // that a target has

  bool is_own() const noexcept { return kind == Kind::put || kind == Kind::republish; }
  Target* target(const Contact& contact) noexcept;
  std::size_t stored() const noexcept;
  bool is_waiting() const noexcept;  // for a target
  // The message that asks a target to hold the value.
  StoreValue request(const Target& target, Time now) const noexcept;

  auto fields() const {
    return std::tie(number, kind, stampings, name, key, stamp, identity, started, expires, bytes, targets, newest);
  }
};

class Operations {
 public:
  std::size_t size() const noexcept { return pending_.size(); }
  bool is_full() const noexcept { return pending_.size() >= maximum_operations; }
  std::size_t count(Operation::Kind kind) const noexcept;

  // There is room.
  Operation& begin(Operation operation);
  // Null if it has ended.
  Operation* find(std::uint32_t number) noexcept;
  void end(std::uint32_t number) noexcept;

  auto fields() const { return std::tie(pending_, begun_); }

 private:
  std::vector<Operation> pending_;
  std::uint32_t begun_ = 0;
};

}  // namespace peerbed::kademlia
