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
    auto entry = std::find_if(known.begin(), known.end(), [&](const auto& file) { return file.root == offer.root; });
    if (entry == known.end()) {
      if (known.size() == maximum_surveyed) continue;
      known.push_back({.root = offer.root, .name = std::string(text_of(offer.name)), .size = offer.size});
      entry = known.end() - 1;
    }
    ++entry->peers;
    entry->complete += offer.complete ? 1 : 0;
    entry->size = std::max(entry->size, offer.size);
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
  auto& files = survey_->files;
  std::sort(files.begin(), files.end(), [](const auto& one, const auto& other) {
    return std::tie(one.name, one.root) < std::tie(other.name, other.root);
  });
  if (files.empty()) environment.print("Nobody offers a file");
  for (const Survey::Entry& file : files) {
    environment.print(file.name + ": " + std::to_string(file.size) + " bytes at " + std::to_string(file.peers) +
                      (file.peers == 1 ? " peer, " : " peers, ") + to_string(file.root));
    environment.trace(index_of(TraceEvent::file_offered), {short_id(file.root), file.size, file.peers});
  }
  survey_.reset();
}

}  // namespace peerbed::swarm
