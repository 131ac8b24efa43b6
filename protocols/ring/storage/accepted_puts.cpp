#include "protocols/ring/storage/accepted_puts.h"

namespace peerbed::ring {

namespace {

// A stamp that is ahead of the own clock by more than is allowed is refused, unless it follows one that is here: a
// clock that runs away, or a liar, can push the stamps of a key no further at a time.
bool is_ahead(const StorageContext& context, ValueStamp stamp, ValueStamp present) noexcept {
  const std::uint64_t known = std::max(context.clock, present.time);
  const auto lead = static_cast<std::uint64_t>(context.options.maximum_clock_lead.count());
  return stamp.time > known && stamp.time - known > lead;
}

}  // namespace

bool AcceptedPuts::accept(const StorageContext& context, Store& store, Address from, const Put& put) {
  PEERBED_CONTRACT(context.table.is_member() && context.table.owns_key(put.key), "the owner of a key accepts a put");
  const auto refuse = [&](PutDone::Outcome outcome, ValueStamp stamp = {}) {
    context.environment.send(from, PutDone{.id = put.id, .outcome = outcome, .stamp = stamp});
    return false;
  };
  const ValueStamp stamp = put.copy.state.stamp;
  const ValueStamp present = store.stamp_of(put.key);
  if (is_ahead(context, stamp, present)) return refuse(PutDone::Outcome::refused);

  const bool is_here = present.operation == stamp.operation && stamp <= present;
  if (!is_here && stamp <= present) return refuse(PutDone::Outcome::outdated, present);
  const auto same = std::find_if(puts_.begin(), puts_.end(),
                                 [&](const AcceptedPut& entry) { return entry.id == put.id && entry.asker == from; });
  const bool is_known = same != puts_.end();
  if (is_known && is_here) return false;
  if (!is_known && puts_.size() >= maximum_accepted_puts) return refuse(PutDone::Outcome::refused);
  if (!is_here && store.keep(context, put.key, put.copy.state, put.copy.bytes.bytes) != Store::Kept::newer)
    return refuse(PutDone::Outcome::refused);
  const Time deadline = context.now() + context.backoff(1);
  const AcceptedPut entry{.id = put.id,
                          .asker = from,
                          .key = put.key,
                          .stamp = is_here ? present : stamp,
                          .deadline = deadline,
                          .attempts = 1};
  if (is_known) {
    *same = entry;
  } else {
    puts_.push_back(entry);
  }
  context.await(deadline);
  store.replicate(context, put.key);
  settle(context, store, put.key);
  return true;
}

void AcceptedPuts::settle(const StorageContext& context, const Store& store, Key key) {
  if (puts_.empty() || !context.table.owns_key(key)) return;
  const StoredValue* value = store.find(key);
  if (value == nullptr || !store.is_settled(*value, context)) return;
  std::erase_if(puts_, [&](const AcceptedPut& put) {
    if (put.key != key) return false;
    context.environment.send(put.asker, PutDone{.id = put.id, .outcome = PutDone::Outcome::stored, .stamp = put.stamp});
    return true;
  });
}

void AcceptedPuts::settle_all(const StorageContext& context, const Store& store) {
  std::vector<Key> keys;
  for (const AcceptedPut& put : puts_) keys.push_back(put.key);
  for (const Key key : keys) settle(context, store, key);
}

void AcceptedPuts::outdate(const StorageContext& context, Key key, ValueStamp present) {
  std::erase_if(puts_, [&](const AcceptedPut& put) {
    if (put.key != key || put.stamp.operation == present.operation) return false;
    context.environment.send(put.asker, PutDone{.id = put.id, .outcome = PutDone::Outcome::outdated, .stamp = present});
    return true;
  });
}

void AcceptedPuts::handle_overdue(const StorageContext& context, const Store& store) {
  const Time now = context.now();
  std::vector<Key> repeated;
  std::erase_if(puts_, [&](AcceptedPut& put) {
    if (put.deadline > now) return false;
    const bool is_owner = context.table.is_member() && context.table.owns_key(put.key);
    if (!is_owner || put.attempts > 2 * context.options.rpc_attempts) {
      const auto outcome = is_owner ? PutDone::Outcome::refused : PutDone::Outcome::not_owner;
      context.environment.send(put.asker, PutDone{.id = put.id, .outcome = outcome, .stamp = {}});
      return true;
    }
    ++put.attempts;
    put.deadline = now + context.backoff(put.attempts);
    store.replicate(context, put.key);
    repeated.push_back(put.key);
    return false;
  });
  // A holder may have gone meanwhile, and those that are left may all have it.
  for (const Key key : repeated) settle(context, store, key);
}

}  // namespace peerbed::ring
