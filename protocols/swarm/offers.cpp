// What this peer offers to others, and GET: a survey of what they offer. Every listed peer is asked, a batch at a time,
// page by page; a silent one is asked once more and then passed over.

#include <algorithm>
#include <numeric>

#include "protocols/environment/nearest_word.h"
#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

namespace {

ByteView view_of(std::string_view name) noexcept { return {std::as_bytes(std::span(name.data(), name.size()))}; }

std::string_view text_of(ByteView view) noexcept {
  return {reinterpret_cast<const char*>(view.bytes.data()), view.bytes.size()};
}

// A file is offered once its root is known, whether or not there is anything to give yet: its peers find each other.
bool is_offered(const SharedFile& file) noexcept {
  return !file.root.is_zero() && (file.state != SharedFile::State::restoring || file.has_manifest());
}

OfferedFile offer_of(const SharedFile& file) noexcept {
  return {.root = file.root,
          .size = file.geometry().size,
          .complete = file.state == SharedFile::State::complete,
          .name = view_of(file.name())};
}

}  // namespace

std::string numbered_choice(const std::string& name, std::size_t number) {
  return name + " #" + std::to_string(number);
}

std::string offer_line(const std::string& name, std::uint64_t size, std::size_t peers, const Root& root) {
  return shown_name(name) + ": " + std::to_string(size) + " bytes at " + std::to_string(peers) +
         (peers == 1 ? " peer, " : " peers, ") + to_string(root);
}

// ---------------------------------------------------------------------------------------------------------------------
// Answers

void Peer::handle(Environment& environment, Address from, const OffersQuery& query) {
  Offers answer{.id = query.id, .first = query.first, .total = 0, .files = {}};
  std::size_t room = Offers::room;
  bool full = false;
  for (const SharedFile& file : files_) {
    if (!is_offered(file)) continue;
    if (answer.total++ < query.first || full) continue;
    const OfferedFile offer = offer_of(file);
    full = offer.encoded_size() > room || !answer.files.add(offer);
    if (!full) room -= offer.encoded_size();
  }
  environment.send(from, answer);
}

// A name may mean several files, each of which has its own answer.
void Peer::handle(Environment& environment, Address from, const Find& find) {
  if (leaving_) return;
  std::vector<SharedFile*> files =
      find.root.is_zero() ? files_.all_named(text_of(find.name)) : std::vector{file_rooted(find.root)};
  std::erase_if(files, [](const SharedFile* file) { return file == nullptr || !is_offered(*file); });
  if (files.empty()) environment.send(from, Found{.id = find.id, .file = {}});
  for (const SharedFile* file : std::span(files).first(std::min(files.size(), maximum_candidates)))
    environment.send(from, Found{.id = find.id, .file = offer_of(*file)});
}

// ---------------------------------------------------------------------------------------------------------------------
// Walks over the list

Walk Peer::begin_walk(Environment& environment) const {
  const std::uint64_t size = std::max<std::size_t>(list_.size(), 1);
  Walk walk{.start = environment.draw_below(draw_walk, size), .step = 1 + environment.draw_below(draw_walk, size)};
  while (std::gcd(walk.step, size) != 1) ++walk.step;
  return walk;
}

// Nowhere at the end. The list may change under the walk: then it may meet a peer twice or not at all.
Address Peer::next_of(Walk& walk) const noexcept {
  if (walk.done >= list_.size()) return Address{};
  return list_[(walk.start + walk.step * walk.done++) % list_.size()];
}

// ---------------------------------------------------------------------------------------------------------------------
// GET

void Peer::start_survey(Environment& environment) {
  if (is_surveying()) return environment.print("GET is under way");
  if (survey_) {
    survey_->is_shown = true;
    return;
  }
  begin_survey(environment, true);
  continue_survey(environment);
}

void Peer::begin_survey(Environment& environment, bool is_shown) {
  survey_.emplace();
  survey_->id = ++last_id_;
  survey_->is_shown = is_shown;
  survey_->walk = begin_walk(environment);
  wake(environment);
}

void Peer::continue_survey(Environment& environment) {
  const Time now = environment.now();
  const auto ask = [&](const Asked& asked) { environment.send(asked.peer, OffersQuery{survey_->id, asked.first}); };
  std::erase_if(survey_->asked, [&](Asked& asked) {
    if (asked.deadline > now) return false;
    if (asked.attempts == 2) return true;
    ++asked.attempts;
    asked.deadline = now + options_->ask_timeout;
    ask(asked);
    return false;
  });
  while (survey_->asked.size() < options_->ask_batch) {
    const Address peer = next_of(survey_->walk);
    if (!peer) break;
    survey_->asked.push_back({.peer = peer, .deadline = now + options_->ask_timeout});
    ask(survey_->asked.back());
  }
  if (survey_->asked.empty()) finish_survey(environment);
}

void Peer::handle(Environment& environment, Address from, const Offers& offers) {
  if (!survey_ || offers.id != survey_->id) return;
  const auto asked = std::find_if(survey_->asked.begin(), survey_->asked.end(), [&](const Asked& entry) {
    return entry.peer == from && entry.first == offers.first;
  });
  if (asked == survey_->asked.end()) return;
  auto& known = survey_->files;
  for (const OfferedFile& offer : offers.files.all()) {
    if (offer.root.is_zero() || !is_valid_name(text_of(offer.name))) continue;
    auto entry = known.find(offer.root);
    if (entry == known.end()) {
      if (known.size() == maximum_surveyed) continue;
      Survey::Entry fresh{.root = offer.root, .name = std::string(text_of(offer.name)), .size = offer.size};
      entry = known.emplace(offer.root, std::move(fresh)).first;
    }
    ++entry->second.peers;
    entry->second.complete += offer.complete ? 1 : 0;
    entry->second.size = std::max(entry->second.size, offer.size);
  }
  const std::size_t next = offers.first + offers.files.size();
  if (offers.files.empty() || next >= std::min<std::size_t>(offers.total, options_->maximum_files)) {
    survey_->asked.erase(asked);
  } else {
    asked->first = static_cast<std::uint32_t>(next);
    asked->attempts = 1;
    asked->deadline = environment.now() + options_->ask_timeout;
    environment.send(from, OffersQuery{survey_->id, asked->first});
  }
  continue_survey(environment);
}

void Peer::finish_survey(Environment& environment) {
  std::vector<Survey::Entry> files;
  for (auto& [root, entry] : survey_->files) files.push_back(std::move(entry));
  std::sort(files.begin(), files.end(), [](const auto& one, const auto& other) {
    return std::tie(one.name, one.root) < std::tie(other.name, other.root);
  });
  const bool is_shown = survey_->is_shown;
  survey_.reset();
  if (is_shown) show_offers(environment, files);
  judge_names(environment, files);
}

// Files of one name are told apart by numbers, which DOWN takes. They follow the order of roots, so that all who ask
// give the same ones.
std::vector<Choice> Peer::choices_among(const std::vector<Survey::Entry>& files) {
  std::vector<Choice> choices;
  std::size_t number = 1;
  for (std::size_t i = 0; i < files.size(); ++i) {
    const bool is_first = i == 0 || files[i - 1].name != files[i].name;
    const bool is_last = i + 1 == files.size() || files[i + 1].name != files[i].name;
    number = is_first ? 1 : number + 1;
    if (!is_first || !is_last) choices.push_back({numbered_choice(files[i].name, number), files[i].root});
  }
  return choices;
}

void Peer::show_offers(Environment& environment, const std::vector<Survey::Entry>& files) {
  if (files.empty()) environment.print("Nobody offers a file");
  choices_ = choices_among(files);
  auto choice = choices_.begin();
  for (const Survey::Entry& file : files) {
    const bool is_numbered = choice != choices_.end() && choice->root == file.root;
    environment.print(offer_line(is_numbered ? choice++->shown : file.name, file.size, file.peers, file.root));
    environment.trace(index_of(TraceEvent::file_offered), {short_id(file.root), file.size, file.peers});
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Names that nobody knows

void Peer::judge_names(Environment& environment, const std::vector<Survey::Entry>& files) {
  std::vector<FileNumber> unknown;
  for (const SharedFile& file : files_)
    if (file.download && file.download->surveyed && file.root.is_zero()) unknown.push_back(file.number);
  for (const FileNumber number : unknown) judge_name(environment, *file_numbered(number), files);
}

// One that has been offered meanwhile will be found; a number stands for a root, as GET would give it.
void Peer::judge_name(Environment& environment, SharedFile& file, const std::vector<Survey::Entry>& files) {
  const std::string name = file.name();
  const std::vector<Choice> choices = choices_among(files);
  const auto choice =
      std::find_if(choices.begin(), choices.end(), [&](const Choice& each) { return each.shown == name; });
  const bool is_offered =
      std::any_of(files.begin(), files.end(), [&](const Survey::Entry& each) { return each.name == name; });
  if (is_offered || !file.download->candidates.empty()) return;
  if (choice != choices.end()) {
    files_.rename(file, to_string(choice->root));
    file.download->walk = begin_walk(environment);
    if (take_root(environment, file, choice->root)) search_on(environment, file);
  } else {
    std::vector<std::string> names;
    for (const Survey::Entry& each : files) names.push_back(each.name);
    for (const Choice& each : choices) names.push_back(each.shown);
    const std::string nearest = nearest_word(name, names);
    fail_download(environment, file,
                  nearest.empty() ? "nobody offers it; GET lists what is offered"
                                  : "nobody offers it; did you mean '" + nearest + "'?");
  }
}

}  // namespace peerbed::swarm
