// Whom this peer uploads to. Few at a time, so that each gets whole pieces soon and can pass them on; a slot never
// stays with somebody who asks for nothing while others wait.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

constexpr Duration time_to_ask = std::chrono::milliseconds(200);
constexpr Duration spreading_turn = std::chrono::milliseconds(1000);

bool waits(const Link& link) noexcept { return link.is_open() && link.peer_interested && link.peer_choked; }
bool has_slot(const Link& link) noexcept { return link.is_open() && !link.peer_choked; }
// It asks for something, or has had no time to.
bool uses_slot(const Link& link, Time now) noexcept {
  const Duration idle = now - link.choke_changed;
  return has_slot(link) && (!link.queue.empty() || link.in_network > 0 || idle < time_to_ask + link.answer_time);
}
std::uint64_t gave(const Link& link) noexcept { return link.received - link.received_before; }

}  // namespace

// Whoever spreads a file gives each slot for a piece or two, so that all get new pieces alike.
bool Peer::is_turn_over(Environment& environment, const Link& link) const noexcept {
  return environment.now() - link.choke_changed >= spreading_turn && std::any_of(links_.begin(), links_.end(), waits);
}

bool Peer::spreads(const Link& link) noexcept {
  const SharedFile* file = file_numbered(link.file);
  return file != nullptr && file->state == State::complete && options_->suggest_pieces;
}

void Peer::end_turn(Environment& environment, Link& link) {
  if (!spreads(link) || !has_slot(link)) return;
  if (!link.queue.empty() || link.in_network > 0 || link.advised_count > 0 || !is_turn_over(environment, link)) return;
  set_choked(environment, link, true);
  fill_slots(environment);
}

std::size_t Peer::slots() const noexcept {
  return options_->choking == Choking::plain ? SIZE_MAX : options_->upload_slots + 1;
}

void Peer::set_choked(Environment& environment, Link& link, bool choked) {
  if (link.peer_choked == choked) return;
  link.peer_choked = choked;
  choked ? forget_slot(link) : slot_holders_.push_back(link.stream);
  link.choke_changed = link.last_asked = environment.now();
  SharedFile* file = file_numbered(link.file);
  if (choked) {
    if (file != nullptr) withdraw_queue(*file, link);
    link.queue.clear();
    link.choked_at = environment.now();
    ++link.unseen_chokes;
  }
  if (choked && optimistic_ == link.stream) optimistic_ = StreamId{};
  say(environment, link, Frame{.kind = choked ? FrameKind::choke : FrameKind::unchoke});
  if (file == nullptr) return;
  choked ? withdraw_suggestions(*file, link, true) : suggest(environment, *file, link);
}

void Peer::forget_slot(const Link& link) noexcept { std::erase(slot_holders_, link.stream); }

// Free slots go to those who gave most in this round, and among equals to those who wait longest. A slot whose peer
// asks for nothing is lent to another meanwhile.
void Peer::fill_slots(Environment& environment) {
  std::size_t given = slot_holders_.size();
  auto used = static_cast<std::size_t>(std::count_if(slot_holders_.begin(), slot_holders_.end(), [&](StreamId holder) {
    const Link* link = links_.find(holder);
    return link != nullptr && uses_slot(*link, environment.now());
  }));
  for (; given < slots() || (used < slots() / 2 && given / 2 < slots()); ++used, ++given) {
    Link* next = nullptr;
    for (Link& link : links_) {
      if (!waits(link)) continue;
      const bool by_giving = options_->choking == Choking::tit_for_tat && next != nullptr && gave(link) != gave(*next);
      if (next == nullptr || (by_giving ? gave(link) > gave(*next) : link.choke_changed < next->choke_changed))
        next = &link;
    }
    if (next == nullptr) return;
    set_choked(environment, *next, false);
  }
  if (choking_ || options_->choking == Choking::plain) return;
  choking_ = true;
  environment.set_timer(choke_timer, options_->choke_period);
  if (watching_) return;
  watching_ = true;
  environment.set_timer(slot_timer, options_->idle_slot);
}

// The regular slots of the round: to those who gave most, and where nobody gives, in turn.
void Peer::choke_round(Environment& environment) {
  choking_ = false;
  ++rounds_;
  std::vector<Link*> waiting;
  std::vector<Link*> served;
  for (Link& link : links_) {
    if (waits(link)) waiting.push_back(&link);
    if (has_slot(link)) served.push_back(&link);
  }
  const bool draw_anew = rounds_ % options_->optimistic_rounds == 0;
  const auto longest_first = [](const Link* one, const Link* other) {
    return one->choke_changed < other->choke_changed;
  };
  std::stable_sort(waiting.begin(), waiting.end(), longest_first);
  std::stable_sort(served.begin(), served.end(), longest_first);
  if (options_->choking == Choking::tit_for_tat) {
    const auto most_first = [](const Link* one, const Link* other) { return gave(*one) > gave(*other); };
    std::stable_sort(waiting.begin(), waiting.end(), most_first);
    std::stable_sort(served.begin(), served.end(),
                     [&](const Link* one, const Link* other) { return most_first(other, one); });
  }
  // The least deserving of the served make room for better ones; where none is better, half of the slots move on.
  std::size_t moves = 0;
  for (Link* link : served) {
    if (link->stream == optimistic_ && !draw_anew) continue;
    if (spreads(*link)) continue;
    if (moves == waiting.size()) break;
    const Link& better = *waiting[moves];
    const bool in_turn = gave(better) == 0 && gave(*link) == 0 && 2 * moves < served.size();
    if (gave(better) <= gave(*link) && !in_turn && link->stream != optimistic_) break;
    set_choked(environment, *link, true);
    ++moves;
  }
  for (std::size_t i = 0; i < moves; ++i) set_choked(environment, *waiting[i], false);
  for (Link& link : links_) link.received_before = link.received;
  if (draw_anew) draw_optimistic(environment);
  fill_slots(environment);
}

// Chance gives one slot, so that newcomers can show what they give.
void Peer::draw_optimistic(Environment& environment) {
  if (options_->choking != Choking::tit_for_tat) return;
  std::vector<Link*> candidates;
  for (Link& link : links_)
    if (waits(link)) candidates.push_back(&link);
  if (candidates.empty()) return;
  Link* victim = nullptr;
  for (Link& link : links_)
    if (has_slot(link) && (victim == nullptr || gave(link) < gave(*victim))) victim = &link;
  if (victim != nullptr) set_choked(environment, *victim, true);
  Link& lucky = *candidates[environment.draw_below(draw_optimistic_peer, candidates.size())];
  set_choked(environment, lucky, false);
  optimistic_ = lucky.stream;
}

// A newcomer has nothing to give, and nobody would ever give to it: until it has got a piece, it need not wait for
// chance. Whoever never shows a piece is no newcomer for long.
void Peer::welcome_newcomer(Environment& environment) {
  if (options_->choking != Choking::tit_for_tat) return;
  const auto is_new = [&](const Link& link) {
    return link.theirs.is_announced() && link.theirs.count() == 0 && link.sent < options_->piece_size;
  };
  Link* lucky = nullptr;
  Link* victim = nullptr;
  for (Link& link : links_) {
    if (has_slot(link) && is_new(link)) return;  // one at a time
    if (waits(link) && is_new(link) && (lucky == nullptr || link.choke_changed < lucky->choke_changed)) lucky = &link;
    const bool is_worse = victim == nullptr || (victim->stream != optimistic_ && gave(link) < gave(*victim));
    if (has_slot(link) && (link.stream == optimistic_ || is_worse)) victim = &link;
  }
  if (lucky == nullptr) return;
  if (victim != nullptr) set_choked(environment, *victim, true);
  set_choked(environment, *lucky, false);
  optimistic_ = lucky->stream;
}

void Peer::take_idle_slots(Environment& environment) {
  watching_ = false;
  const Time now = environment.now();
  welcome_newcomer(environment);
  if (std::any_of(links_.begin(), links_.end(), waits)) {
    for (Link& link : links_) {
      const bool is_idle = has_slot(link) && link.queue.empty() && link.in_network == 0;
      const Duration patience = options_->idle_slot + link.answer_time;
      if (is_idle && now - link.last_asked >= patience) set_choked(environment, link, true);
    }
    fill_slots(environment);
  }
  if (watching_ || std::none_of(links_.begin(), links_.end(), has_slot)) return;
  watching_ = true;
  environment.set_timer(slot_timer, options_->idle_slot);
}

}  // namespace peerbed::swarm
