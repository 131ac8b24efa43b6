#include "protocols/swarm/files/offer_survey.h"

#include <algorithm>
#include <utility>

#include "protocols/environment/contract.h"
#include "protocols/environment/nearest_word.h"
#include "protocols/swarm/files/offers.h"

namespace peerbed::swarm {

void OfferSurvey::begin(Environment& environment, const PeerList& list, std::uint32_t id, bool is_shown) {
  PEERBED_CONTRACT(!under_way_, "there is one survey at a time");
  under_way_ = Survey{.id = id, .is_shown = is_shown, .walk = Walk(environment, list)};
}

void OfferSurvey::show() noexcept {
  PEERBED_CONTRACT(under_way_.has_value(), "a survey that is shown is under way");
  under_way_->is_shown = true;
}

bool OfferSurvey::take(const Context& context, Address from, const Offers& offers) {
  if (!under_way_ || offers.id != under_way_->id) return false;
  auto& waiting = under_way_->asked;
  const auto asked = std::find_if(waiting.begin(), waiting.end(), [&](const Asked& entry) {
    return entry.peer == from && entry.first == offers.first;
  });
  if (asked == waiting.end()) return false;
  for (const OfferedFile& offer : offers.files.all()) note(offer);
  const std::size_t next = offers.first + offers.files.size();
  if (offers.files.empty() || next >= std::min<std::size_t>(offers.total, context.options.maximum_files)) {
    waiting.erase(asked);
  } else {
    asked->first = static_cast<std::uint32_t>(next);
    asked->attempts = 1;
    asked->deadline = context.now() + context.options.ask_timeout;
    context.environment.send(from, OffersQuery{under_way_->id, asked->first});
  }
  return true;
}

void OfferSurvey::note(const OfferedFile& offer) {
  if (offer.root.is_zero() || !is_valid_name(text_of(offer.name))) return;
  auto& known = under_way_->files;
  auto entry = known.find(offer.root);
  if (entry == known.end()) {
    if (known.size() == maximum_surveyed) return;
    SurveyedFile fresh{.root = offer.root, .name = std::string(text_of(offer.name)), .size = offer.size};
    entry = known.emplace(offer.root, std::move(fresh)).first;
  }
  ++entry->second.peers;
  entry->second.complete += offer.complete ? 1 : 0;
  entry->second.size = std::max(entry->second.size, offer.size);
}

std::optional<OfferSurvey::Result> OfferSurvey::proceed(const Context& context, const PeerList& list) {
  PEERBED_CONTRACT(under_way_.has_value(), "a survey that proceeds is under way");
  Survey& survey = *under_way_;
  const Time now = context.now();
  const auto ask = [&](const Asked& asked) {
    context.environment.send(asked.peer, OffersQuery{survey.id, asked.first});
  };
  std::erase_if(survey.asked, [&](Asked& asked) {
    if (asked.deadline > now) return false;
    if (asked.attempts == 2) return true;
    ++asked.attempts;
    asked.deadline = now + context.options.ask_timeout;
    ask(asked);
    return false;
  });
  while (survey.asked.size() < context.options.ask_batch) {
    const Address peer = survey.walk.next(list);
    if (!peer) break;
    survey.asked.push_back({.peer = peer, .deadline = now + context.options.ask_timeout});
    ask(survey.asked.back());
  }
  if (!survey.asked.empty()) return std::nullopt;
  return finish();
}

OfferSurvey::Result OfferSurvey::finish() {
  Result result{.files = {}, .is_shown = under_way_->is_shown};
  for (auto& [root, file] : under_way_->files) result.files.push_back(std::move(file));
  std::sort(result.files.begin(), result.files.end(), [](const SurveyedFile& one, const SurveyedFile& other) {
    return std::tie(one.name, one.root) < std::tie(other.name, other.root);
  });
  under_way_.reset();
  return result;
}

// ---------------------------------------------------------------------------------------------------------------------
// What was found

Choices choices_among(std::span<const SurveyedFile> files) {
  std::vector<NamedRoot> named;
  for (const SurveyedFile& file : files) named.push_back({file.name, file.root});
  return Choices(named);
}

NameMeaning meaning_of(const std::string& name, std::span<const SurveyedFile> files) {
  if (std::any_of(files.begin(), files.end(), [&](const SurveyedFile& each) { return each.name == name; }))
    return {.is_offered = true};
  const Choices choices = choices_among(files);
  if (const auto root = choices.root_of(name)) return {.root = root};
  std::vector<std::string> known;
  for (const SurveyedFile& each : files) known.push_back(each.name);
  for (const Choice& each : choices.all()) known.push_back(each.shown);
  return {.nearest = nearest_word(name, known)};
}

ShownOffers show_offers(const Context& context, std::span<const SurveyedFile> files) {
  if (files.empty()) context.environment.print("Nobody offers a file");
  ShownOffers shown{choices_among(files), {}};
  auto choice = shown.choices.all().begin();
  for (const SurveyedFile& file : files) {
    const bool is_numbered = choice != shown.choices.all().end() && choice->root == file.root;
    shown.words.push_back(is_numbered ? choice++->shown : file.name);
    context.environment.print(offer_line(shown.words.back(), file.size, file.peers, file.root));
    context.trace(TraceEvent::file_offered, {short_id(file.root), file.size, file.peers});
  }
  return shown;
}

}  // namespace peerbed::swarm
