#include "protocols/ring/membership/membership.h"

#include <algorithm>
#include <utility>
#include <vector>

#include "protocols/ring/base/trace.h"

namespace peerbed::ring {

void Membership::begin_periods(const OverlayContext& context) {
  const std::pair<Timer, Duration> periods[] = {
      {stabilize_timer, context.options.stabilize_period},
      {fix_finger_timer, context.options.fingers ? context.options.fix_finger_period : Duration{0}},
      {check_predecessor_timer, context.options.check_predecessor_period},
      {lookup_timer, context.options.lookup_period},
      {repair_timer, context.options.repair_period},
  };
  for (const auto& [timer, period] : periods) {
    if (period <= Duration{0}) continue;
    const bool is_hastened = context.cold && context.cold->storage.is_repair_hastened(context.now());
    if (timer == repair_timer && is_hastened) continue;
    const auto phase = context.environment.draw_below(draw_phase, static_cast<std::uint64_t>(period.count()));
    context.environment.set_timer(timer, Duration{static_cast<std::int64_t>(phase)});
  }
}

// ---- joining -----------------------------------------------------------------------------------------------------

// A joiner tries for ever. A node that was cut off and finds no node it ever knew goes on alone, and keeps looking for
// them.
void Membership::seek_place(const OverlayContext& context, Duration patience) {
  Bootstrap& bootstrap = context.cold->bootstrap;
  if (context.table.is_member() || context.table.stage() == Stage::gone) return bootstrap.end();
  if (context.table.stage() == Stage::cut_off && bootstrap.is_exhausted()) {
    bootstrap.end();
    context.table.set_stage(Stage::member);
    for (const Address node : bootstrap.nodes()) context.note_lost(node);
    return;
  }
  if (context.table.stage() == Stage::guest) return;
  const bool is_first_time = context.table.stage() == Stage::joining;
  if (!is_first_time || !context.options.check_reachability || bootstrap.reach() == Bootstrap::Reach::open)
    return bootstrap.ask(context, patience);
  bootstrap.ask_for_call(context, patience);
  if (bootstrap.reach() != Bootstrap::Reach::unknown) note_reach(context, bootstrap.reach());
}

// ---- whether others can reach a node -----------------------------------------------------------------------------

// Each copy of the question has another successor call, as far as there are several.
void Membership::take(const OverlayContext& context, Address from, const CallBackQuery& query) {
  if (!context.table.is_member()) return;
  std::vector<Address> others;
  for (const Contact successor : context.table.successors())
    if (successor.address != from) others.push_back(successor.address);
  context.environment.send(from, Called{query.id, from, !others.empty()});
  if (!others.empty())
    context.environment.send(others[query.id % copies_per_id % others.size()], CallBack{query.id, from});
}

void Membership::take(const OverlayContext& context, Address, const CallBack& request) {
  if (context.table.is_member() && request.asker)
    context.environment.send(request.asker, Called{request.id, request.asker});
}

bool Membership::take(const OverlayContext& context, Address from, const Called& called) {
  if (!context.cold || context.table.stage() != Stage::joining || !context.options.check_reachability) return false;
  Bootstrap& bootstrap = context.cold->bootstrap;
  if (bootstrap.reach() != Bootstrap::Reach::unknown) return false;
  bootstrap.take(context, from, called);
  if (bootstrap.reach() == Bootstrap::Reach::unknown) return false;
  note_reach(context, bootstrap.reach());
  return bootstrap.reach() == Bootstrap::Reach::open;
}

void Membership::note_reach(const OverlayContext& context, Bootstrap::Reach reach) {
  const bool is_open = reach == Bootstrap::Reach::open;
  const Duration latency = context.now() - context.cold->bootstrap.started();
  context.environment.trace(index_of(TraceEvent::reachability_known),
                            {is_open ? 1u : 0u, static_cast<std::uint64_t>(latency.count())});
  if (is_open) return;
  context.table.set_stage(Stage::guest);
  begin_lookups(context);
}

// The built-in workload of a guest.
void Membership::begin_lookups(const OverlayContext& context) {
  const Duration period = context.options.lookup_period;
  if (period <= Duration{0}) return;
  const auto phase = context.environment.draw_below(draw_phase, static_cast<std::uint64_t>(period.count()));
  context.environment.set_timer(lookup_timer, Duration{static_cast<std::int64_t>(phase)});
}

void Membership::hear_of(const OverlayContext& context, Address member) {
  if (context.table.stage() == Stage::gone || member == context.environment.self()) return;
  if (context.table.is_member()) return context.note_lost(member);
  context.cold.get_or_create().bootstrap.put_first(member);
}

bool Membership::take(const OverlayContext& context, const Welcome& welcome) {
  const bool is_waiting = context.table.stage() == Stage::joining || context.table.stage() == Stage::cut_off;
  if (!context.cold || !is_waiting || !context.is_valid(welcome.member)) return false;
  // A taken key may belong to an earlier process of this host that is not yet found dead: the bootstrap node is asked
  // again.
  if (welcome.taken || welcome.member.key == context.table.self()) return false;
  const bool is_answer = context.cold->bootstrap.is_answer(welcome.id);
  if (is_answer) join(context, welcome);
  return is_answer;
}

// Join: the list of the member before this node becomes its own. It notifies nobody yet: stabilization will.
void Membership::join(const OverlayContext& context, const Welcome& welcome) {
  const bool first_time = context.table.stage() == Stage::joining;
  Bootstrap& bootstrap = context.cold->bootstrap;
  const Duration latency = context.now() - bootstrap.started();
  bootstrap.end();
  context.table.set_stage(Stage::member);
  context.cold.get_or_create().storage.forget_past(context.now());
  set_predecessor(context, welcome.member);
  // Entries that name this node are of a former process of its host. A list that came back to a node that was cut off
  // may be what is left of its own: the member itself is the one entry that certainly lives.
  std::vector<Contact> list;
  for (const Contact contact : welcome.successors.all())
    if (contact.key != context.table.self()) list.push_back(contact);
  if (list.empty() || !first_time) list.push_back(welcome.member);
  adopt(context, list.front(), std::span(list).subspan(1));
  if (first_time) {
    context.environment.trace(index_of(TraceEvent::joined), {static_cast<std::uint64_t>(latency.count())});
    begin_periods(context);
  }
  stabilize(context);
}

// ---- stabilizing ---------------------------------------------------------------------------------------------------

void Membership::stabilize(const OverlayContext& context) {
  if (context.table.is_member()) stabilization_.begin(context, context.table, context.asked_along());
}

void Membership::take(const OverlayContext& context, Address from, const NeighboursQuery& query) {
  if (!context.table.is_member()) return;
  Neighbours answer{.id = query.id, .self = context.table.self(), .predecessor = context.table.predecessor()};
  for (const Contact successor : context.table.successors()) answer.successors.add(successor);
  answer.incarnation = context.incarnation;
  if (context.cold && !context.cold->storage.incarnations().empty())
    for (const Contact successor : context.table.successors())
      answer.incarnations.add(context.cold->storage.incarnations().of(successor));
  context.environment.send(from, answer);
}

// Stabilize from the first successor, or from the candidate before it: who answers is live and becomes the head of the
// list. Its predecessor may be a better head, and is asked in its turn; if there is none, the head is notified.
void Membership::take(const OverlayContext& context, Address from, const Neighbours& answer) {
  const Contact head = stabilization_.take_answer(context, context.table, from, answer);
  if (!head) return;
  adopt(context, head, answer.successors.all());
  if (context.cold || Storage::may_note(answer, context.table))
    context.cold.get_or_create().storage.note_incarnations(context.storage(), head, answer);
  if (context.is_valid(answer.predecessor) && context.table.precedes_head(answer.predecessor))
    return stabilization_.ask_candidate(context, answer.predecessor, context.asked_along());
  stabilization_.finish(context, context.table, context.incarnation);
}

// A node that may be a better first successor has introduced itself. It has just been heard of, so it does not wait for
// a first successor that owes an answer: that one may be dead, and by the time this is found, the stranger forgotten.
void Membership::ask_candidate(const OverlayContext& context, Contact candidate) {
  if (!context.is_valid(candidate)) return;
  if (stabilization_.is_under_way()) {
    if (stabilization_.is_of_candidate()) return;
    stabilization_.end();
  }
  stabilization_.ask_candidate(context, candidate, context.asked_along());
}

bool Membership::handle_stabilization_silence(const OverlayContext& context) {
  switch (stabilization_.judge_silence(context, context.table)) {
    case Stabilization::Silence::waits:
      return false;
    case Stabilization::Silence::asks_again:
      if (context.options.hedges() && !stabilization_.is_of_candidate()) {
        AskedAlong& along = context.punctuality().along;
        if (stabilization_.is_first_repetition()) along.begin(std::span(context.table.successors()).subspan(1));
        along.ask(context, stabilization_.question());
      }
      stabilization_.send_query(context, context.table);
      return false;
    case Stabilization::Silence::candidate_ends:
      stabilization_.finish(context, context.table, context.incarnation);
      return false;
    case Stabilization::Silence::successor_ends:
      return lose_first_successor(context);
  }
  return false;
}

// The first successor is dead, also as a predecessor: the next one is asked, unless it has left unanswered what it was
// asked along.
bool Membership::lose_first_successor(const OverlayContext& context) {
  RoutingTable& table = context.table;
  while (true) {
    const Contact lost = table.successors().front();
    suspect(context, lost);
    if (table.predecessor() == lost) lose_predecessor(context);
    note_change(context, table.drop_successor(context.options, lost));
    if (table.successors().empty()) return is_cut_off(context);
    AskedAlong* along = context.options.hedges() ? &context.punctuality().along : nullptr;
    const auto silences = along != nullptr ? along->take_silent(table.successors().front()) : std::nullopt;
    if (!silences) {
      stabilize(context);
      return false;
    }
    if (*silences + 1 > context.options.rpc_attempts) continue;
    stabilization_.begin_after(context, table, *silences + 1);
    along->ask(context, stabilization_.question());
    stabilization_.send_query(context, table);
    return false;
  }
}

// Zave's update.
void Membership::adopt(const OverlayContext& context, Contact head, std::span<const Contact> following) {
  note_change(context, context.table.adopt(context.options, head, following));
}

void Membership::note_change(const OverlayContext& context, RoutingTable::Change change) {
  if (change.head)
    context.environment.trace(index_of(TraceEvent::successor_changed), {context.table.successors().front().key.value});
  if (change.holders) placement_changed(context);
}

// Rectify: a notifier that lies closer is the new predecessor; any other becomes it if the old one is found dead.
void Membership::take(const OverlayContext& context, Address from, const Notify& notify) {
  const Contact notifier{notify.self, from};
  if (!context.is_valid(notifier) || notifier.key == context.table.self()) return;
  if (context.table.stage() == Stage::cut_off) return context.cold->bootstrap.put_first(from);
  if (!context.table.is_member()) return;
  const Contact predecessor = context.table.predecessor();
  if (!predecessor || between(predecessor.key, notifier.key, context.table.self())) {
    set_predecessor(context, notifier);
    note_process(context, notifier, notify.incarnation);
  } else if (predecessor == notifier) {
    context.table.note_predecessor_heard(context.now());
    if (context.cold) context.cold->predecessor_check.end();
    note_process(context, notifier, notify.incarnation);
  } else {
    PredecessorCheck& check = context.cold.get_or_create().predecessor_check;
    check.note_candidate(context.table.self(), notifier);
    check.begin(context, predecessor);
  }
  if (context.table.successors().empty()) stabilize(context);
}

// A notification may be a late one of a former process.
void Membership::note_process(const OverlayContext& context, Contact peer, std::uint32_t incarnation) {
  if (incarnation != 0)
    context.cold.get_or_create().storage.note_incarnation(context.storage(), peer, incarnation, false);
}

void Membership::set_predecessor(const OverlayContext& context, Contact predecessor) {
  context.table.set_predecessor(predecessor, context.now());
  if (context.cold) context.cold->predecessor_check.end();
  context.environment.trace(index_of(TraceEvent::predecessor_changed), {predecessor.key.value});
  placement_changed(context);
}

// ---- silent, lost and leaving peers --------------------------------------------------------------------------------

// A predecessor notifies in each of its periods, so that only a silent one has to be asked.
void Membership::check_predecessor(const OverlayContext& context) {
  const Contact predecessor = context.table.predecessor();
  if (predecessor && context.table.predecessor_heard() < context.now() - context.options.check_predecessor_period)
    context.cold.get_or_create().predecessor_check.begin(context, predecessor);
  if (context.cold && context.table.is_member()) context.cold->lost.try_one(context);
}

void Membership::take(const OverlayContext& context, Address from, const Ping& ping) {
  if (context.table.is_member()) context.environment.send(from, Pong{ping.id, context.table.self()});
}

bool Membership::take(const OverlayContext& context, Address from, const Pong& pong) {
  const Contact predecessor = context.table.predecessor();
  const bool is_of_predecessor = predecessor && from == predecessor.address;
  if (context.cold && is_of_predecessor && context.cold->predecessor_check.is_answer(pong.id)) {
    if (pong.self != predecessor.key) return false;  // another node has taken over the address
    context.cold->predecessor_check.take_answer(context, predecessor, pong.id);
    context.table.note_predecessor_heard(context.now());
    return false;
  }
  context.rtt.note_late_answer(from, pong.id, context.now());
  const bool is_stranger = pong.self != context.table.self() && context.space().contains(pong.self);
  return context.cold && is_stranger && context.table.is_member() && context.cold->lost.take_answer(from);
}

void Membership::handle_predecessor_silence(const OverlayContext& context) {
  const Contact predecessor = context.table.predecessor();
  const auto silence = context.cold->predecessor_check.judge_silence(context, predecessor);
  if (silence == PredecessorCheck::Silence::waits) return;
  suspect(context, predecessor);
  lose_predecessor(context);
}

// The predecessor is dead, or has left: who has notified since takes its place at once, else the next one who will.
void Membership::lose_predecessor(const OverlayContext& context) {
  const Contact candidate = context.cold ? context.cold->predecessor_check.take_candidate() : Contact{};
  context.table.forget_predecessor();
  if (candidate) set_predecessor(context, candidate);
}

// A peer answered nothing, however often it was asked.
void Membership::suspect(const OverlayContext& context, Contact peer) {
  context.environment.trace(index_of(TraceEvent::peer_suspected), {peer.key.value});
  context.table.forget_finger(peer);
  context.note_lost(peer.address);
}

// All successors are lost. The fingers and the predecessor are members, too: the nearest live one leads back to the
// ring, and stabilization from there to this node's place. Otherwise any node that was ever known may know the way.
bool Membership::is_cut_off(const OverlayContext& context) {
  context.environment.trace(index_of(TraceEvent::cut_off), {});
  const auto fingers = context.table.fingers().all();
  std::vector<Contact> known(fingers.begin(), fingers.end());
  const Contact predecessor = context.table.predecessor();
  if (predecessor && (known.empty() || known.back() != predecessor)) known.push_back(predecessor);
  if (!known.empty()) {
    adopt(context, known.front(), std::span(known).subspan(1));
    stabilize(context);
    return false;
  }
  context.table.set_stage(Stage::cut_off);
  context.cold.get_or_create().bootstrap.begin(context.now());
  return true;
}

// A peer that leaves is as good as dead, only sooner. One that has come back since is not.
void Membership::take(const OverlayContext& context, Address from, const Leaving& leaving) {
  const Contact leaver{leaving.self, from};
  if (!context.table.is_member() || !context.is_valid(leaver)) return;
  if (context.cold && context.cold->storage.incarnations().is_former(leaver, leaving.incarnation)) return;
  context.table.forget_finger(leaver);
  if (context.cold) context.cold->predecessor_check.forget_candidate(leaver);
  if (context.table.predecessor() == leaver) lose_predecessor(context);
  stabilization_.forget_candidate(leaver);
  const bool was_head = !context.table.successors().empty() && context.table.successors().front() == leaver;
  note_change(context, context.table.drop_successor(context.options, leaver));
  if (!was_head) return;
  if (!stabilization_.is_of_candidate()) stabilization_.end();
  stabilize(context);
}

void Membership::begin_leaving(const OverlayContext& context) {
  RoutingTable& table = context.table;
  if (table.stage() != Stage::member || !context.options.notify_on_leave || table.successors().empty())
    return finish_leaving(context);
  table.set_stage(Stage::leaving);
  if (!context.cold || context.cold->storage.store().size() == 0) return finish_leaving(context);
  context.cold->storage.begin_leaving(context.storage());
}

void Membership::finish_leaving(const OverlayContext& context) {
  const bool is_leaving = context.table.stage() == Stage::leaving && context.cold;
  if (is_leaving && context.cold->storage.goes_on_leaving(context.storage())) return;
  if (context.options.notify_on_leave && context.table.is_member()) {
    const Leaving leaving{context.table.self(), context.incarnation};
    if (context.table.predecessor()) context.environment.send(context.table.predecessor().address, leaving);
    const auto successors = std::span(context.table.successors());
    for (const Contact successor : successors.first(std::min<std::size_t>(successors.size(), 2)))
      context.environment.send(successor.address, leaving);
  }
  context.table.set_stage(Stage::gone);
  context.environment.trace(index_of(TraceEvent::left), {});
  context.environment.exit();
}

void Membership::placement_changed(const OverlayContext& context) {
  if (context.cold) context.cold->storage.begin_placement(context.storage());
}

}  // namespace peerbed::ring
