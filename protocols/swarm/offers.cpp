// What this peer offers to others, and GET: a survey of what they offer. Every listed peer is asked, a batch at a time,
// page by page; a silent one is asked once more and then passed over.

#include <algorithm>
#include <numeric>

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

void Peer::handle(Environment& environment, Address from, const Find& find) {
  if (leaving_) return;
  const SharedFile* file = find.root.is_zero() ? file_named(text_of(find.name)) : file_rooted(find.root);
  Found answer{.id = find.id, .file = {}};
  if (file != nullptr && is_offered(*file)) answer.file = offer_of(*file);
  environment.send(from, answer);
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
  if (survey_) return environment.print("GET is under way");
  survey_.emplace();
  survey_->id = ++last_id_;
  survey_->walk = begin_walk(environment);
  continue_survey(environment);
  if (survey_) wake(environment);
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

// Files of one name are told apart by numbers, which DOWN takes.
void Peer::finish_survey(Environment& environment) {
  std::vector<Survey::Entry> files;
  for (auto& [root, entry] : survey_->files) files.push_back(std::move(entry));
  std::sort(files.begin(), files.end(), [](const auto& one, const auto& other) {
    return std::tie(one.name, one.root) < std::tie(other.name, other.root);
  });
  if (files.empty()) environment.print("Nobody offers a file");
  choices_.clear();
  for (std::size_t i = 0, number = 1; i < files.size(); ++i) {
    const Survey::Entry& file = files[i];
    const bool is_first = i == 0 || files[i - 1].name != file.name;
    const bool is_last = i + 1 == files.size() || files[i + 1].name != file.name;
    number = is_first ? 1 : number + 1;
    if (!is_first || !is_last) choices_.push_back({file.name + " #" + std::to_string(number), file.root});
    const std::string shown = shown_name(is_first && is_last ? file.name : choices_.back().shown);
    environment.print(shown + ": " + std::to_string(file.size) + " bytes at " + std::to_string(file.peers) +
                      (file.peers == 1 ? " peer, " : " peers, ") + to_string(file.root));
    environment.trace(index_of(TraceEvent::file_offered), {short_id(file.root), file.size, file.peers});
  }
  survey_.reset();
}

}  // namespace peerbed::swarm
