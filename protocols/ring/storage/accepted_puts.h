#pragma once
// The owner's part of a put: it keeps the value, sends it to the other holders, and answers when all of them have it.
// At most maximum_accepted_puts are under way; more are refused.

#include <algorithm>
#include <cstdint>
#include <tuple>
#include <vector>

#include "protocols/ring/storage/storage_context.h"
#include "protocols/ring/storage/store.h"
#include "protocols/ring/wire/storage_messages.h"

namespace peerbed::ring {

constexpr std::size_t maximum_accepted_puts = 1024;

// A put that its owner has stored and is replicating.
struct AcceptedPut {
  std::uint32_t id = 0;
  Address asker;
  Key key;
  ValueStamp stamp;
  Time deadline;  // of the next repetition
  std::uint8_t attempts = 0;
  auto fields() const { return std::tie(id, asker, key, stamp, deadline, attempts); }
};

class AcceptedPuts {
 public:
  // The owner of a key was asked to put a value that is intact. Returns whether it did something for it; if not, the
  // asker is told why, or will be told what becomes of its earlier copy.
  bool accept(const StorageContext& context, Store& store, Address from, const Put& put);
  // Answers the puts of a key once all its holders have it. One that was overtaken by a later put while it was under
  // way counts as done just before that.
  void settle(const StorageContext& context, const Store& store, Key key);
  void settle_all(const StorageContext& context, const Store& store);  // of all keys
  // A newer state came from another node: perhaps it was acknowledged long ago, by a clock that is ahead. Puts that are
  // under way have to go above it.
  void outdate(const StorageContext& context, Key key, ValueStamp present);
  // Sends again what is overdue, and gives up what nothing comes of.
  void handle_overdue(const StorageContext& context, const Store& store);

  std::size_t size() const noexcept { return puts_.size(); }
  Time earliest_deadline() const noexcept {
    Time earliest = never;
    for (const AcceptedPut& put : puts_) earliest = std::min(earliest, put.deadline);
    return earliest;
  }

  auto fields() const { return std::tie(puts_); }

 private:
  std::vector<AcceptedPut> puts_;
};

}  // namespace peerbed::ring
