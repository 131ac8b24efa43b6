#pragma once
// A survey of what all other peers offer: every listed peer is asked, a batch at a time, page by page; a silent one is
// asked once more and then passed over. One survey at a time; it tells at most maximum_surveyed files apart.

#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <tuple>
#include <vector>

#include "protocols/swarm/files/asked.h"
#include "protocols/swarm/files/choices.h"
#include "protocols/swarm/files/shared_file.h"
#include "protocols/swarm/files/walk.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/wire/offer_messages.h"

namespace peerbed::swarm {

// A file that others offer.
struct SurveyedFile {
  Root root{};
  std::string name{};
  std::uint64_t size = 0;
  std::uint32_t peers = 0;
  std::uint32_t complete = 0;  // of these
  auto fields() const { return std::tie(root, name, size, peers, complete); }
};

class OfferSurvey {
 public:
  // What was found, in the order of names and roots.
  struct Result {
    std::vector<SurveyedFile> files{};
    bool is_shown = false;
  };

  bool is_under_way() const noexcept { return under_way_.has_value(); }
  bool is_shown() const noexcept { return under_way_ && under_way_->is_shown; }  // it is for GET

  // Nothing is under way. The id is new. The caller goes on with proceed().
  void begin(Environment& environment, const PeerList& list, std::uint32_t id, bool is_shown);
  // The one that is under way is for GET, too.
  void show() noexcept;
  // An answer. Returns whether it is one that was waited for; then the caller goes on with proceed().
  bool take(const Context& context, Address from, const Offers& offers);
  // Asks those whose turn it is. Returns what was found once nobody is left to ask; then the survey is over. While it
  // is under way this is to be called at least every ask_timeout.
  std::optional<Result> proceed(const Context& context, const PeerList& list);

  auto fields() const { return std::tie(under_way_); }

 private:
  struct Survey {
    std::uint32_t id = 0;
    bool is_shown = false;  // for GET; else for a name that nobody has
    Walk walk{};
    std::vector<Asked> asked{};
    std::map<Root, SurveyedFile> files{};
    auto fields() const { return std::tie(id, is_shown, walk, asked, files); }
  };

  void note(const OfferedFile& offer);
  Result finish();

  std::optional<Survey> under_way_{};
};

// The files of a survey whose name others have too, numbered.
Choices choices_among(std::span<const SurveyedFile> files);

// What a survey says of a name that nobody has a file of.
struct NameMeaning {
  bool is_offered = false;     // somebody has by now: the file will be found
  std::optional<Root> root{};  // it is the number of a file: "film #2"
  std::string nearest{};       // else the name or number on offer that it may be meant for; empty: none
};
NameMeaning meaning_of(const std::string& name, std::span<const SurveyedFile> files);

// How GET showed the files: the numbers of those whose name others have too, and for each a word that DOWN takes.
struct ShownOffers {
  Choices choices{};
  std::vector<std::string> words{};
};
// Prints and traces the files for GET.
ShownOffers show_offers(const Context& context, std::span<const SurveyedFile> files);

}  // namespace peerbed::swarm
