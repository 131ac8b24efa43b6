#pragma once
// What a node asks of its disk, and the answers. Small writes are done at once, in the loop; what reads or flushes is
// done by workers, so that the network never waits for a disk. Questions of one kind are answered in the order of
// asking, and each sees what was asked before it done.

#include <cstdint>
#include <deque>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "adapter/content_directory.h"
#include "adapter/open_files.h"
#include "protocols/environment/effects.h"

namespace peerbed::adapter {

struct Resources;

class NodeContent {
 public:
  using Answer = std::function<void(const ContentReady&)>;

  // `answer` is called in the loop's thread, never from within apply(). Throws as ContentDirectory does.
  NodeContent(Resources& resources, const ContentOptions& options, Answer answer);

  std::vector<ContentKey> stored() const { return directory_.stored(); }
  void apply(const Effect& effect, Bytes bytes);
  // The file that holds the whole range; null when there is none.
  OpenFile file_with(const ContentRange& range);
  // The file into which the range is to be written; null when the disk fails.
  OpenFile file_for(const ContentRange& range);
  // Answers to what was asked so far are given to nobody.
  void forget_questions() noexcept {
    ++life_;
    files_.clear();
    questions_.clear();
  }

 private:
  // A question, and what became of it.
  struct Question {
    ContentAction action{};
    ContentRange range;
    std::string name{};
    std::vector<std::byte> bytes{};
    bool found = false;
    bool begun = false;
    bool done = false;
    // Files are named one after the other; hashes are computed side by side.
    bool names_file() const noexcept { return action == ContentAction::imported || action == ContentAction::exported; }
  };
  using Questions = std::deque<std::shared_ptr<Question>>;

  void ask(Question question);
  bool is_blocked(Questions::const_iterator question) const;
  void begin_what_can();
  void perform(Question& question);
  void answer_what_is_done();

  Resources& resources_;
  ContentDirectory directory_;
  OpenFiles files_{directory_};
  Answer answer_;
  Questions questions_;  // in the order of asking
  std::uint32_t life_ = 0;
};

}  // namespace peerbed::adapter
