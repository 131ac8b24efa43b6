#pragma once
// When many die at once, those behind a silent first successor are often dead, too: a node that hedges asks them at the
// same time, so that the waits for them do not add up. A node that hears nobody may itself be cut off: it drops its
// successors one by one.

#include <algorithm>
#include <cstdint>
#include <optional>
#include <span>
#include <tuple>
#include <vector>

#include "protocols/ring/base/context.h"
#include "protocols/ring/wire/membership_messages.h"

namespace peerbed::ring {

class AskedAlong {
 public:
  // These are behind a first successor that has left a question unanswered.
  void begin(std::span<const Contact> behind) {
    unheard_.assign(behind.begin(), behind.end());
    questions_ = 0;
    hears_others_ = false;
  }
  // Asks those that were not heard since, along with the question of this id.
  void ask(const Context& context, std::uint32_t id) {
    ++questions_;
    for (const Contact successor : unheard_) context.environment.send(successor.address, Ping{id});
  }
  void note_heard(Address peer) {
    hears_others_ = true;
    std::erase_if(unheard_, [peer](Contact successor) { return successor.address == peer; });
  }
  void end() noexcept { unheard_.clear(); }
  // How often a successor that is now the first was asked in vain, if there were others that answered.
  std::optional<unsigned> take_silent(Contact successor) {
    if (!hears_others_ || std::erase(unheard_, successor) == 0) return std::nullopt;
    return questions_;
  }

  auto fields() const { return std::tie(unheard_, questions_, hears_others_); }

 private:
  std::vector<Contact> unheard_;
  std::uint8_t questions_ = 0;
  bool hears_others_ = false;  // anybody, since it began
};

}  // namespace peerbed::ring
