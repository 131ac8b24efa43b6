#pragma once
// The values that a node holds for others. They are kept in memory and expire; whoever published them, and all that
// hold them, store them again from time to time.

#include <cstddef>
#include <map>
#include <optional>
#include <set>
#include <tuple>
#include <utility>
#include <vector>

#include "protocols/environment/codec.h"
#include "protocols/environment/time.h"
#include "protocols/kademlia/base/id.h"
#include "protocols/kademlia/base/options.h"
#include "protocols/kademlia/wire/messages.h"

namespace peerbed::kademlia {

struct StoredValue {
  Stamp stamp{};
  Time expires{};
  Time replicate_at{};  // Time::max(): not before it expires
  std::vector<std::byte> bytes;

  auto fields() const { return std::tie(stamp, expires, replicate_at, bytes); }
};

class Store {
 public:
  using Outcome = Stored::Outcome;

  // Takes a value that has `lifetime` left, but no more than value_lifetime. A newer value stays. Storing what is here
  // already never brings its end nearer: the copy may come from somebody who has had it for long. `replicate_at` is
  // when this node is to store it again at others.
  Outcome put(const Options& options, const Id& key, const Stamp& stamp, Bytes bytes, Duration lifetime, Time now,
              Time replicate_at);
  // Null if there is none, or if it has expired.
  const StoredValue* find(const Id& key, Time now) const noexcept;
  std::size_t size() const noexcept { return values_.size(); }
  const std::map<Id, StoredValue>& values() const noexcept { return values_; }

  // A value whose turn has come: it has expired and is gone, or it is to be replicated, and again at `next`.
  struct Turn {
    Id key{};
    bool has_expired = false;
  };
  std::optional<Turn> take_turn(Time now, Time next);
  Time next_turn() const noexcept { return agenda_.empty() ? Time::max() : agenda_.begin()->first; }
  // Others are to replicate the value from now on.
  void retire(const Id& key);

  auto fields() const { return std::tie(values_, agenda_); }

 private:
  void schedule(const Id& key, StoredValue& value, Time expires, Time replicate_at);

  std::map<Id, StoredValue> values_;
  std::set<std::pair<Time, Id>> agenda_;  // each value's next turn
};

}  // namespace peerbed::kademlia
