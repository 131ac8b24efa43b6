#include "protocols/swarm/files/search.h"

#include <algorithm>

#include "protocols/environment/contract.h"
#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/files/offers.h"

namespace peerbed::swarm {

namespace {

// Between two walks; doubled each time, for in the beginning many learn what they have at once.
constexpr Duration shortest_pause = std::chrono::milliseconds(50);
constexpr Duration longest_pause = std::chrono::seconds(4);
// Where a person is asked, a name that nobody has is looked for so long, as it may be offered any moment.
constexpr Duration patience_with_name = std::chrono::seconds(5);
// And a peer that has one file of a name may have another, which it announces in the next datagram.
constexpr Duration patience_with_answers = std::chrono::milliseconds(20);

// Whether a name looks like the number of a file, as GET gives them: "film #2".
bool is_numbered(std::string_view name) {
  const std::size_t mark = name.rfind(" #");
  return mark != std::string_view::npos && mark + 2 < name.size() &&
         name.find_first_not_of("0123456789", mark + 2) == std::string_view::npos;
}

}  // namespace

void Search::begin(Environment& environment, const PeerList& list, std::uint32_t id, const Root& root) {
  PEERBED_CONTRACT(id_ == 0 && id != 0, "a search begins once, with an id of its own");
  id_ = id;
  begun_ = environment.now();
  walk_ = Walk(environment, list);
  if (!root.is_zero()) candidates_.push_back(root);
}

// ---------------------------------------------------------------------------------------------------------------------
// Asking

void Search::ask(const Context& context, Address peer, const Question& question) const {
  context.environment.send(peer, Find{id_, question.root, view_of(question.name)});
}

std::vector<Address> Search::repeat_questions(const Context& context, const Question& question) {
  std::vector<Address> repeated;
  std::erase_if(asked_, [&](Asked& asked) {
    if (asked.deadline > context.now()) return false;
    if (asked.attempts == 2) return true;
    ++asked.attempts;
    asked.deadline = context.now() + context.options.ask_timeout;
    ask(context, asked.peer, question);
    repeated.push_back(asked.peer);
    return false;
  });
  return repeated;
}

void Search::ask_at_once(const Context& context, Address from, const Question& question) {
  const auto is_it = [from](const Asked& asked) { return asked.peer == from; };
  const auto is_host = [from](const Asked& asked) { return asked.peer.with_port(from.port()) == from; };
  auto asked = std::find_if(asked_.begin(), asked_.end(), is_it);
  if (asked == asked_.end()) asked = std::find_if(asked_.begin(), asked_.end(), is_host);
  if (asked == asked_.end()) return;
  asked->seen = from;
  asked->deadline = context.now() + context.options.ask_timeout;
  ask(context, from, question);
}

Address Search::listed_address(Address from) const noexcept {
  const auto asked =
      std::find_if(asked_.begin(), asked_.end(), [from](const Asked& entry) { return entry.seen == from; });
  return asked == asked_.end() ? from : asked->peer;
}

void Search::ask_on(const Context& context, const Question& question, const PeerList& list,
                    const BanScores& ban_scores) {
  while (asked_.size() < context.options.ask_batch) {
    const Address peer = walk_.next(list);
    if (!peer) break;
    if (sources_.has(peer) || ban_scores.has_banned(peer, question.root, context.options.ban_after)) continue;
    asked_.push_back({.peer = peer, .deadline = context.now() + context.options.ask_timeout});
    ask(context, peer, question);
  }
}

bool Search::walk_again(const Context& context, const PeerList& list) {
  if (walk_again_ == Time{}) {
    walk_pause_ = std::clamp(2 * walk_pause_, shortest_pause, longest_pause);
    walk_again_ = context.now() + walk_pause_;
  }
  if (context.now() < walk_again_) return false;
  restart_walk(context.environment, list);
  walk_again_ = Time{};
  return true;
}

bool Search::wants_survey(Time now, std::string_view name) noexcept {
  const Duration patience = is_numbered(name) ? Duration{0} : patience_with_name;
  if (surveyed_ || now - begun_ < patience) return false;
  surveyed_ = true;
  return true;
}

bool Search::is_asked_again(Address peer) const noexcept {
  return std::any_of(asked_.begin(), asked_.end(),
                     [peer](const Asked& asked) { return asked.peer == peer && asked.attempts > 1; });
}

bool Search::take_answer(Address from, const PeerList& list) {
  const auto asked =
      std::find_if(asked_.begin(), asked_.end(), [from](const Asked& entry) { return entry.peer == from; });
  if (asked == asked_.end()) return list.contains(from);  // then it is far away, and answers late
  asked_.erase(asked);
  return true;
}

bool Search::note_offer(const Context& context, Address from, const OfferedFile& offer, bool is_chosen,
                        bool is_banned) {
  auto candidate = std::find(candidates_.begin(), candidates_.end(), offer.root);
  if (candidate == candidates_.end() && !is_chosen && candidates_.size() < maximum_candidates) {
    if (candidates_.empty()) {
      first_answer_ = context.now();
      if (context.options.ask_which) context.environment.set_timer(pulse_timer, patience_with_answers);
    }
    candidates_.push_back(offer.root);
    sizes_.push_back(offer.size);
    candidate = candidates_.end() - 1;
  }
  if (candidate == candidates_.end()) return false;
  if (!is_banned)
    sources_.note(context.self(), context.now(), context.options.retry_delay, from,
                  static_cast<std::uint8_t>(candidate - candidates_.begin()), offer.complete);
  return true;
}

// ---------------------------------------------------------------------------------------------------------------------
// What a name means

const SharedFile* here_as(FileTable& files, std::string_view name) {
  const auto named = files.all_named(name);
  const auto here = std::find_if(named.begin(), named.end(), [](const SharedFile* file) { return file->is_here(); });
  return here == named.end() ? nullptr : *here;
}

SharedFile* file_to_go_on_with(const Options& options, FileTable& files, std::string_view name) {
  if (!options.ask_which) return files.named(name);
  const auto named = files.all_named(name);
  const auto unfinished =
      std::find_if(named.begin(), named.end(), [](const SharedFile* file) { return !file->is_here(); });
  return unfinished == named.end() ? nullptr : *unfinished;
}

bool Search::is_name_known(const Context& context, const PeerList& list, FileTable& files,
                           std::string_view name) const {
  if (candidates_.empty()) return false;
  const Duration since = context.now() - first_answer_;
  const bool waited = asked_.empty() || since >= first_answer_ - begun_;
  if (!context.options.ask_which) return waited;
  return since >= patience_with_answers && (here_as(files, name) != nullptr ? is_walk_over(list) : waited);
}

std::vector<std::size_t> Search::candidates_missing(FileTable& files, const std::string& name) const {
  std::vector<std::size_t> missing;
  for (std::size_t i = 0; i < candidates_.size(); ++i) {
    const SharedFile* same = files.rooted(candidates_[i]);
    if (same == nullptr || !same->is_here() || !same->has_name(name)) missing.push_back(i);
  }
  return missing;
}

Root Search::choose(std::span<const std::size_t> among) {
  PEERBED_CONTRACT(!among.empty(), "one of some candidates is chosen");
  const auto votes = [&](std::size_t candidate) { return sources_.of(static_cast<std::uint8_t>(candidate)); };
  const std::size_t best = *std::max_element(among.begin(), among.end(), [&](std::size_t one, std::size_t other) {
    return std::pair(votes(one), candidates_[other]) < std::pair(votes(other), candidates_[one]);
  });
  sources_.keep_only(static_cast<std::uint8_t>(best));
  return candidates_[best];
}

Search::WhichOne Search::ask_which(const std::string& name, std::vector<std::size_t> among) const {
  std::sort(among.begin(), among.end(),
            [&](std::size_t one, std::size_t other) { return candidates_[one] < candidates_[other]; });
  std::vector<NamedRoot> named;
  for (const std::size_t i : among) named.push_back({name, candidates_[i]});
  WhichOne which{.choices = Choices(named)};
  for (std::size_t i = 0; i < among.size(); ++i) {
    const Choice& choice = which.choices.all()[i];
    which.lines.push_back(
        offer_line(choice.shown, sizes_[among[i]], sources_.of(static_cast<std::uint8_t>(among[i])), choice.root));
  }
  return which;
}

}  // namespace peerbed::swarm
