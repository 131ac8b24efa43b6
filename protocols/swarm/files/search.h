#pragma once
// Finds who has a wanted file, by asking the listed peers, a batch at a time. A name may mean several files: the one
// that most of those asked first have is taken, or where a person is asked, the person says which.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/swarm/files/asked.h"
#include "protocols/swarm/files/ban_scores.h"
#include "protocols/swarm/files/choices.h"
#include "protocols/swarm/files/sources.h"
#include "protocols/swarm/files/walk.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/wire/offer_messages.h"

namespace peerbed::swarm {

class FileTable;
struct SharedFile;

constexpr std::size_t maximum_candidates = 8;  // files of the name that is wanted

// Of one download, from its beginning. While the root of the file is not known there are candidates; afterwards that
// one.
class Search {
 public:
  // What is asked for: a root, or a name while the root is zero.
  struct Question {
    Root root{};
    std::string_view name{};
  };
  struct WhichOne {
    Choices choices{};
    std::vector<std::string> lines{};  // the choices, as the person sees them
  };

  // The id is new; `root` is zero where only a name is known.
  void begin(Environment& environment, const PeerList& list, std::uint32_t id, const Root& root);
  std::uint32_t id() const noexcept { return id_; }

  // Asks those that have not answered in time once more, and then passes over them. Returns those that it asks again.
  std::vector<Address> repeat_questions(const Context& context, const Question& question);
  // A peer can be reached now from where it is seen: if it has not answered yet, it is asked again there. A NAT may
  // give it a port for this peer alone.
  void ask_at_once(const Context& context, Address from, const Question& question);
  // Where the peer is listed that was asked there.
  Address listed_address(Address from) const noexcept;
  // Whether it was asked more than once, and has not answered yet.
  bool is_asked_again(Address peer) const noexcept;
  // Asks the next ones of the walk, but for known sources and banned peers.
  void ask_on(const Context& context, const Question& question, const PeerList& list, const BanScores& ban_scores);
  bool is_walk_over(const PeerList& list) const noexcept { return walk_.is_over(list) && asked_.empty(); }
  // Begins the next walk, after a pause that is longer each time. Returns whether it has begun.
  bool walk_again(const Context& context, const PeerList& list);
  void restart_walk(Environment& environment, const PeerList& list) { walk_ = Walk(environment, list); }
  // Nobody has a file of that name. Returns, once, that all that is offered should be looked at, for it may be the
  // number of a file, or nearly the name of another.
  bool wants_survey(Time now, std::string_view name) noexcept;
  bool is_surveyed() const noexcept { return surveyed_; }

  // Whether an answer is taken: late ones are only taken from listed peers.
  bool take_answer(Address from, const PeerList& list);
  // Somebody has a file of the wanted name, or root (`is_chosen`). Returns whether that is a file that is wanted.
  bool note_offer(const Context& context, Address from, const OfferedFile& offer, bool is_chosen, bool is_banned);

  // Those who answered first are waited for as long again; where a file of that name is here, all others are.
  bool is_name_known(const Context& context, const PeerList& list, FileTable& files, std::string_view name) const;
  bool has_candidates() const noexcept { return !candidates_.empty(); }
  const Root& candidate(std::size_t index) const noexcept { return candidates_[index]; }
  // The candidates that are not here by that name.
  std::vector<std::size_t> candidates_missing(FileTable& files, const std::string& name) const;
  // Of some candidates the one that most sources have; among equals the smaller root, so that all who ask choose alike.
  // Only its sources are kept.
  Root choose(std::span<const std::size_t> among);
  // Which of several candidates is meant? They come in the order of roots, as GET numbers them.
  WhichOne ask_which(const std::string& name, std::vector<std::size_t> among) const;
  // The root is known.
  void settle(const Root& root) { candidates_.assign(1, root); }

  Sources& sources() noexcept { return sources_; }
  const Sources& sources() const noexcept { return sources_; }

  auto fields() const {
    return std::tie(id_, begun_, walk_, walk_again_, walk_pause_, first_answer_, surveyed_, asked_, candidates_, sizes_,
                    sources_);
  }

 private:
  void ask(const Context& context, Address peer, const Question& question) const;

  std::uint32_t id_ = 0;
  Time begun_{};
  Walk walk_{};
  Time walk_again_{};  // when the walk, having ended, begins again
  Duration walk_pause_{};
  Time first_answer_{};    // from somebody who has a file of the wanted name
  bool surveyed_ = false;  // nobody has: the name is looked for among all that is offered
  std::vector<Asked> asked_{};
  std::vector<Root> candidates_{};
  std::vector<std::uint64_t> sizes_{};  // of these, bytes, as they were offered
  Sources sources_{};
};

// A file of that name that needs nothing more; null: none.
const SharedFile* here_as(FileTable& files, std::string_view name);
// The file that DOWN of a name goes on with; null: none. Where a person is asked, others may mean another file by the
// name than the one that is here: they are asked.
SharedFile* file_to_go_on_with(const Options& options, FileTable& files, std::string_view name);

}  // namespace peerbed::swarm
