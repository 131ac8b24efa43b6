#include "protocols/swarm/trackers/tracker_sessions.h"

namespace peerbed::swarm {

void TrackerSessions::start(const Context& context) {
  list_.set_self(context.environment.self());
  review(context);
}

void TrackerSessions::review(const Context& context) {
  const Duration silence = context.options.tracker_silence;
  for (std::size_t i = 0; i < list_.trackers(); ++i) {
    const bool never_heard = list_.heard(i) == Time{};
    const bool silent = silence > Duration{0} && context.now() - list_.heard(i) >= silence;
    if (never_heard || silent) {
      context.environment.send(list_.tracker(i), Enrol{});
      if (context.options.hole_punching) context.environment.send(list_.tracker(i), Introduce{});
    } else {
      ask(context, i, list_.open_question(i));
    }
  }
  const Duration period = silence > Duration{0} ? silence / 3 : context.options.heartbeat_timeout;
  if (list_.trackers() > 0) context.environment.set_timer(tracker_timer, period);
}

bool TrackerSessions::move_tracker(const Context& context, Address from, Address to) {
  const auto tracker = list_.index_of(from);
  if (!tracker || list_.index_of(to)) return false;
  list_.move_tracker(*tracker, to);
  context.environment.send(to, Enrol{});
  return true;
}

void TrackerSessions::ask(const Context& context, std::size_t tracker, const std::optional<ListQuery>& query) const {
  if (query) context.environment.send(list_.tracker(tracker), *query);
}

bool TrackerSessions::take(const Context& context, Address from, const Heartbeat& heartbeat) {
  const auto tracker = list_.index_of(from);
  if (!tracker) return false;
  list_.set_heard(*tracker, context.now());
  context.environment.send(from, Alive{heartbeat.version.epoch, heartbeat.number});
  ask(context, *tracker, list_.on_heartbeat(*tracker, heartbeat));
  return true;
}

bool TrackerSessions::take(const Context& context, Address from, const ListPage& page) {
  const auto tracker = list_.index_of(from);
  if (!tracker) return false;
  list_.set_heard(*tracker, context.now());
  if (!page.after) context.trace(TraceEvent::list_renewed, {from.value});
  ask(context, *tracker, list_.on_page(*tracker, page));
  return true;
}

bool TrackerSessions::take(const Context& context, Address from, const ListChanges& changes) {
  const auto tracker = list_.index_of(from);
  if (!tracker) return false;
  ask(context, *tracker, list_.on_changes(*tracker, changes));
  return true;
}

bool TrackerSessions::take(Address from, const Introduced& introduced) {
  if (!list_.index_of(from)) return false;
  if (introduced.listed && introduced.listed != list_.self()) list_.set_self(introduced.listed);
  return true;
}

void TrackerSessions::leave(const Context& context) const {
  for (std::size_t i = 0; i < list_.trackers(); ++i) context.environment.send(list_.tracker(i), Leaving{});
}

void TrackerSessions::introduce_to(const Context& context, Address peer, const Root& root) const {
  for (std::size_t i = 0; i < list_.trackers(); ++i)
    if (list_.heard(i) != Time{}) context.environment.send(list_.tracker(i), Introduce{peer, root});
}

bool TrackerSessions::has_heard() const noexcept {
  for (std::size_t i = 0; i < list_.trackers(); ++i)
    if (list_.heard(i) != Time{}) return true;
  return false;
}

}  // namespace peerbed::swarm
