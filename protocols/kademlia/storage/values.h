#pragma once
// All that a node does with values: it holds some for others, puts and gets its user's, and stores them again before
// they are lost. It says which keys are to be looked up and whom to ask; the node does both, and reports back.

#include <cstdint>
#include <map>
#include <optional>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/environment/environment.h"
#include "protocols/kademlia/base/options.h"
#include "protocols/kademlia/lookups/lookup.h"
#include "protocols/kademlia/storage/operations.h"
#include "protocols/kademlia/storage/store.h"
#include "protocols/kademlia/storage/tokens.h"

namespace peerbed::kademlia {

constexpr std::size_t maximum_publications = 1024;  // values that one node publishes; more are refused
constexpr std::size_t maximum_chores = 8;           // values that are stored again at a time
constexpr std::size_t maximum_transfers = 32;       // values given to newcomers at a time

struct ValueContext {
  Environment& environment;
  const Options& options;
  const Id& self;

  Time now() const noexcept { return environment.now(); }
};

class Values {
 public:
  void start(Environment& environment);
  std::uint64_t token_for(const Environment& environment, Address address) const noexcept {
    return tokens_.token_for(address, environment.now());
  }

  // ---- what others ask ---------------------------------------------------------------------------------------------
  std::optional<Copy> copy_of(const ValueContext& context, const Id& key) const noexcept;
  Stored take(const ValueContext& context, Address from, const StoreValue& request);

  // ---- operations: what is named by a number has to be looked up, unless it has ended ------------------------------
  std::uint32_t put(const ValueContext& context, std::string_view name, std::string_view value);
  std::uint32_t get(const ValueContext& context, std::string_view name);
  // What was put or is held and has to be stored again now; nothing if there is none, or enough is under way.
  std::optional<std::uint32_t> begin_chore(const ValueContext& context);
  Time next_chore() const noexcept;  // Time::max(): none for now
  // Values that a newcomer is closer to than this node. They are not looked up, since the target is known.
  std::vector<std::uint32_t> welcome(const ValueContext& context, const Contact& newcomer, std::uint64_t token);

  // Null if it has ended.
  const Operation* find(std::uint32_t number) noexcept { return operations_.find(number); }
  std::size_t pending() const noexcept { return operations_.size(); }

  // There is no lookup for it: it fails.
  void abandon(const ValueContext& context, std::uint32_t number);
  // A node that was asked for a value has it.
  void note_met(std::uint32_t number, const Copy& copy);
  // The lookup has ended. A get has, too; for others, targets are now to be asked.
  void found(const ValueContext& context, const Lookup& lookup);
  // Whom to ask to hold the value, which counts as asked.
  std::optional<Contact> next_target(std::uint32_t number) noexcept;
  bool has_unasked(std::uint32_t number) noexcept;
  std::optional<StoreValue> request(const ValueContext& context, std::uint32_t number, const Contact& target) noexcept;
  void note_answer(std::uint32_t number, const Contact& target, const Stored& answer) noexcept;
  void note_silence(std::uint32_t number, const Contact& target) noexcept;
  // Ends the operation if no target is waited for. A put that met a newer value begins anew with its targets.
  void end_if_done(const ValueContext& context, std::uint32_t number);

  const Store& store() const noexcept { return store_; }
  std::size_t publications() const noexcept { return publications_.size(); }

  auto fields() const { return std::tie(tokens_, store_, operations_, publications_); }

 private:
  // What this node's user has put.
  struct Publication {
    Stamp stamp{};
    Time republish_at{};
    std::vector<std::byte> bytes;
    auto fields() const { return std::tie(stamp, republish_at, bytes); }
  };

  static Time after(const ValueContext& context, Duration period);
  void aim(const ValueContext& context, Operation& operation, const Lookup& lookup);
  void end_put(const ValueContext& context, const Operation& operation);
  void end_get(const ValueContext& context, const Operation& operation, unsigned requests);

  Tokens tokens_;
  Store store_;
  Operations operations_;
  std::map<Id, Publication> publications_;
};

}  // namespace peerbed::kademlia
