#include "protocols/swarm/exchange/choker.h"

#include <algorithm>

#include "protocols/swarm/exchange/advising.h"

namespace peerbed::swarm {

namespace {

constexpr Duration time_to_ask = std::chrono::milliseconds(200);

bool waits(const Link& link) noexcept { return link.waits_for_slot(); }
bool has_slot(const Link& link) noexcept { return link.has_slot(); }
// It asks for something, or has had no time to.
bool uses_slot(const Link& link, Time now) noexcept {
  const Duration idle = now - link.slot.changed();
  return has_slot(link) && (!link.uploads.is_idle() || idle < time_to_ask + link.slot.answer_time());
}
std::uint64_t gave(const Link& link) noexcept { return link.slot.gave(link.received); }

std::size_t slots(const Options& options) noexcept {
  return options.choking == Choking::plain ? SIZE_MAX : options.upload_slots + 1;
}

}  // namespace

void Choker::give(const Context& context, const LinkTable& links, FileTable& files, Link& link) {
  link.slot.give(context.now());
  holders_.push_back(link.stream);
  context.say(link, Frame{.kind = FrameKind::unchoke});
  if (SharedFile* file = files.numbered(link.file)) advise(context, links, *file, link);
}

void Choker::take(const Context& context, FileTable& files, Link& link) {
  link.slot.take(context.now());
  lose(link);
  SharedFile* file = files.numbered(link.file);
  if (file != nullptr) withdraw_queue(*file, link);
  link.uploads.clear();
  context.say(link, Frame{.kind = FrameKind::choke});
  if (file != nullptr) withdraw_advice(*file, link);
}

bool Choker::lose(const Link& link) noexcept {
  if (optimistic_ == link.stream) optimistic_ = StreamId{};
  return std::erase(holders_, link.stream) > 0;
}

void Choker::take_unwanted(const Context& context, LinkTable& links, FileTable& files, Link& link) {
  if (link.slot.is_given()) take(context, files, link);
  fill_slots(context, links, files);
}

void Choker::end_turn(const Context& context, LinkTable& links, FileTable& files, Link& link) {
  if (!spreads(context.options, files.numbered(link.file)) || !has_slot(link)) return;
  if (!link.uploads.is_idle() || !link.advice.empty() || !is_turn_over(links, link, context.now())) return;
  take(context, files, link);
  fill_slots(context, links, files);
}

// Among those who gave as much, to those who wait longest. A slot whose peer asks for nothing is lent to another
// meanwhile.
void Choker::fill_slots(const Context& context, LinkTable& links, FileTable& files) {
  const std::size_t all = slots(context.options);
  std::size_t given = holders_.size();
  auto used = static_cast<std::size_t>(std::count_if(holders_.begin(), holders_.end(), [&](StreamId holder) {
    const Link* link = links.find(holder);
    return link != nullptr && uses_slot(*link, context.now());
  }));
  const bool is_by_giving = context.options.choking == Choking::tit_for_tat;
  for (; given < all || (used < all / 2 && given / 2 < all); ++used, ++given) {
    Link* next = nullptr;
    for (Link& link : links) {
      if (!waits(link)) continue;
      const bool by_giving = is_by_giving && next != nullptr && gave(link) != gave(*next);
      if (next == nullptr || (by_giving ? gave(link) > gave(*next) : link.slot.changed() < next->slot.changed()))
        next = &link;
    }
    if (next == nullptr) return;
    give(context, links, files, *next);
  }
  if (choking_ || context.options.choking == Choking::plain) return;
  choking_ = true;
  context.environment.set_timer(choke_timer, context.options.choke_period);
  if (!watching_) watch(context);
}

void Choker::watch(const Context& context) {
  watching_ = true;
  context.environment.set_timer(slot_timer, context.options.idle_slot);
}

void Choker::begin_round(const Context& context, LinkTable& links, FileTable& files) {
  choking_ = false;
  ++rounds_;
  std::vector<Link*> waiting;
  std::vector<Link*> served;
  for (Link& link : links) {
    if (waits(link)) waiting.push_back(&link);
    if (has_slot(link)) served.push_back(&link);
  }
  const bool draw_anew = rounds_ % context.options.optimistic_rounds == 0;
  const auto longest_first = [](const Link* one, const Link* other) {
    return one->slot.changed() < other->slot.changed();
  };
  std::stable_sort(waiting.begin(), waiting.end(), longest_first);
  std::stable_sort(served.begin(), served.end(), longest_first);
  if (context.options.choking == Choking::tit_for_tat) {
    const auto most_first = [](const Link* one, const Link* other) { return gave(*one) > gave(*other); };
    std::stable_sort(waiting.begin(), waiting.end(), most_first);
    std::stable_sort(served.begin(), served.end(),
                     [&](const Link* one, const Link* other) { return most_first(other, one); });
  }
  // The least deserving of the served make room for better ones; where none is better, half of the slots move on.
  std::size_t moves = 0;
  for (Link* link : served) {
    if (link->stream == optimistic_ && !draw_anew) continue;
    if (spreads(context.options, files.numbered(link->file))) continue;
    if (moves == waiting.size()) break;
    const Link& better = *waiting[moves];
    const bool in_turn = gave(better) == 0 && gave(*link) == 0 && 2 * moves < served.size();
    if (gave(better) <= gave(*link) && !in_turn && link->stream != optimistic_) break;
    take(context, files, *link);
    ++moves;
  }
  for (std::size_t i = 0; i < moves; ++i) give(context, links, files, *waiting[i]);
  for (Link& link : links) link.slot.begin_round(link.received);
  if (draw_anew) draw_optimistic(context, links, files);
  fill_slots(context, links, files);
}

// Chance gives one slot, so that newcomers can show what they give.
void Choker::draw_optimistic(const Context& context, LinkTable& links, FileTable& files) {
  if (context.options.choking != Choking::tit_for_tat) return;
  std::vector<Link*> candidates;
  for (Link& link : links)
    if (waits(link)) candidates.push_back(&link);
  if (candidates.empty()) return;
  Link* victim = nullptr;
  for (Link& link : links)
    if (has_slot(link) && (victim == nullptr || gave(link) < gave(*victim))) victim = &link;
  if (victim != nullptr) take(context, files, *victim);
  Link& lucky = *candidates[context.environment.draw_below(draw_optimistic_peer, candidates.size())];
  give(context, links, files, lucky);
  optimistic_ = lucky.stream;
}

// A newcomer has nothing to give, and nobody would ever give to it: until it has got a piece, it need not wait for
// chance. Whoever never shows a piece is no newcomer for long.
void Choker::welcome_newcomer(const Context& context, LinkTable& links, FileTable& files) {
  if (context.options.choking != Choking::tit_for_tat) return;
  const auto is_new = [&](const Link& link) {
    return link.theirs.is_announced() && link.theirs.count() == 0 && link.uploads.sent() < context.options.piece_size;
  };
  Link* lucky = nullptr;
  Link* victim = nullptr;
  for (Link& link : links) {
    if (has_slot(link) && is_new(link)) return;  // one at a time
    if (waits(link) && is_new(link) && (lucky == nullptr || link.slot.changed() < lucky->slot.changed())) lucky = &link;
    const bool is_worse = victim == nullptr || (victim->stream != optimistic_ && gave(link) < gave(*victim));
    if (has_slot(link) && (link.stream == optimistic_ || is_worse)) victim = &link;
  }
  if (lucky == nullptr) return;
  if (victim != nullptr) take(context, files, *victim);
  give(context, links, files, *lucky);
  optimistic_ = lucky->stream;
}

void Choker::take_idle_slots(const Context& context, LinkTable& links, FileTable& files) {
  watching_ = false;
  welcome_newcomer(context, links, files);
  if (std::any_of(links.begin(), links.end(), waits)) {
    for (Link& link : links) {
      const Duration patience = context.options.idle_slot + link.slot.answer_time();
      const bool is_idle = has_slot(link) && link.uploads.is_idle();
      if (is_idle && context.now() - link.slot.last_asked() >= patience) take(context, files, link);
    }
    fill_slots(context, links, files);
  }
  if (!watching_ && std::any_of(links.begin(), links.end(), has_slot)) watch(context);
}

}  // namespace peerbed::swarm
