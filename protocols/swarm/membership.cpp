// A peer and its trackers: it enrols, answers heartbeats, keeps the list up to date, and enrols again with a tracker
// that is silent. So one that lost its memory knows all peers again within a heartbeat.

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

void Peer::look_after_trackers(Environment& environment) {
  const Duration silence = options_->tracker_silence;
  for (std::size_t i = 0; i < list_.trackers(); ++i) {
    const bool never_heard = list_.heard(i) == Time{};
    const bool silent = silence > Duration{0} && environment.now() - list_.heard(i) >= silence;
    if (never_heard || silent) {
      environment.send(list_.tracker(i), Enrol{});
    } else {
      ask_tracker(environment, i, list_.open_question(i));
    }
  }
  const Duration period = silence > Duration{0} ? silence / 3 : options_->heartbeat_timeout;
  if (list_.trackers() > 0 && !leaving_) environment.set_timer(tracker_timer, period);
}

bool Peer::move_tracker(Environment& environment, Address from, Address to) {
  const auto tracker = list_.index_of(from);
  if (!tracker || list_.index_of(to) || leaving_) return false;
  list_.move_tracker(*tracker, to);
  environment.send(to, Enrol{});
  return true;
}

void Peer::ask_tracker(Environment& environment, std::size_t tracker, const std::optional<ListQuery>& query) {
  if (query) environment.send(list_.tracker(tracker), *query);
}

void Peer::handle(Environment& environment, Address from, const Heartbeat& heartbeat) {
  const auto tracker = list_.index_of(from);
  if (!tracker || leaving_) return;
  list_.set_heard(*tracker, environment.now());
  environment.send(from, Alive{heartbeat.version.epoch, heartbeat.number});
  ask_tracker(environment, *tracker, list_.on_heartbeat(*tracker, heartbeat));
}

void Peer::handle(Environment& environment, Address from, const ListPage& page) {
  const auto tracker = list_.index_of(from);
  if (!tracker) return;
  list_.set_heard(*tracker, environment.now());
  if (!page.after) environment.trace(index_of(TraceEvent::list_renewed), {from.value});
  ask_tracker(environment, *tracker, list_.on_page(*tracker, page));
}

void Peer::handle(Environment& environment, Address from, const ListChanges& changes) {
  const auto tracker = list_.index_of(from);
  if (!tracker) return;
  ask_tracker(environment, *tracker, list_.on_changes(*tracker, changes));
  retry_listed(environment, changes);
}

void Peer::on_leave(Environment& environment) {
  if (leaving_) return;
  leaving_ = true;
  for (std::size_t i = 0; i < list_.trackers(); ++i) environment.send(list_.tracker(i), Leaving{});
  for (Link& link : links_) drop_link(environment, link, CloseReason::leaving);
  links_.sweep();
  count_exchange(environment);
  environment.exit();
}

}  // namespace peerbed::swarm
