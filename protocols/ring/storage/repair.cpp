#include "protocols/ring/storage/repair.h"

#include <algorithm>

namespace peerbed::ring {

namespace {
// Runs in quick succession after a change, before the ordinary period suffices again.
constexpr std::uint32_t hurried_runs = 8;
}  // namespace

void Repair::hasten(const StorageContext& context) {
  if (!context.table.is_member() || context.options.repair_period <= Duration{0} || is_hastened(context.now())) return;
  const auto soon = static_cast<std::uint64_t>(context.options.rpc_timeout.count());
  const Duration delay{static_cast<std::int64_t>(context.environment.draw_below(draw_hurry, soon))};
  hastened_ = context.now() + delay;
  context.environment.set_timer(repair_timer, delay);
}

void Repair::begin_run(const StorageContext& context) noexcept {
  const Time now = context.now();
  if (compared_ != Time::min() && now - compared_ < context.options.repair_period / 2) return;
  compared_ = now;
  alike_ = peers_informed_ = 0;
}

void Repair::end_run(const StorageContext& context, bool done) {
  if (done) {
    hurry_ = 0;
  } else if (hurry_ < hurried_runs) {
    ++hurry_;
    context.environment.set_timer(repair_timer, std::min(context.options.repair_period, context.backoff(hurry_)));
  }
}

void Repair::begin_leaving(const StorageContext& context) {
  leave_deadline_ = context.now() + context.backoff(1);
  context.await(leave_deadline_);
  hurry_ = 0;
}

bool Repair::may_wait_again(const StorageContext& context) noexcept {
  if (hurry_ >= context.options.rpc_attempts) return false;
  ++hurry_;
  return true;
}

void Repair::wait_again(const StorageContext& context) {
  leave_deadline_ = context.now() + context.backoff(hurry_);
  context.await(leave_deadline_);
}

}  // namespace peerbed::ring
