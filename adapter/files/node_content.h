#pragma once
// Carries out a node's disk requests and returns the results. Small writes are done at once, in the loop; workers do
// what reads or flushes, so that the network never waits for a disk. Requests of one kind are answered in order, and
// each sees the effects of those before it.

#include <cstdint>
#include <deque>
#include <functional>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "adapter/files/content_directory.h"
#include "adapter/files/content_references.h"
#include "adapter/files/open_files.h"
#include "protocols/environment/effects.h"

namespace peerbed::adapter {

struct Resources;

// Where the bytes of a range are.
struct RangeInFile {
  OpenFile file;
  std::uint64_t offset = 0;
};

class NodeContent {
 public:
  using Answer = std::function<void(const ContentReady&)>;

  // `answer` is called in the loop's thread, never from within apply(). Throws as ContentDirectory does.
  NodeContent(Resources& resources, const ContentOptions& options, Answer answer);

  // Returns the content that an earlier process left, and starts to watch the files among it.
  std::vector<ContentKey> start();
  void apply(const Effect& effect, Bytes bytes);
  // Reports file changes now, so that a command finds its node up to date. Must not be called from a handler.
  void tell_changes();
  // The file that holds the whole range; null if there is none, or if it has changed since it was hashed.
  RangeInFile file_with(const ContentRange& range);
  // The file to write the range into; null, with errno, if the disk fails.
  OpenFile file_for(const ContentRange& range);
  // A disk error in words for the user.
  std::string problem_of(int error) const { return directory_.problem_of(error); }
  // Discards pending answers.
  void forget_questions() noexcept;

 private:
  // A request and its result.
  struct Question {
    ContentAction action{};
    ContentRange range;
    std::string name{};
    bool is_tree = false;  // what was exported
    std::shared_ptr<const SharedTree> tree{};
    std::optional<std::uint64_t> file_size{};  // of what was hashed
    std::vector<std::byte> bytes{};
    bool found = false;
    bool begun = false;
    bool done = false;
    std::optional<ContentReference> reference{};  // as found
    std::optional<FileIdentity> identity{};       // of the file that was read, taken before reading
    // Files are named one after the other; hashes are computed in parallel.
    bool names_file() const noexcept { return action == ContentAction::imported || action == ContentAction::exported; }
  };
  using Asked = std::shared_ptr<Question>;

  void ask(Question question);
  void begin(const Asked& question);
  void begin_next_naming();
  void finish(const Asked& question);
  void release_waiting(ContentKey key);
  void answer_what_is_done(std::deque<Asked>& questions);
  void note_outcome(const Question& question);
  void note_change(ContentKey key);
  void answer_changes();
  void perform(Question& question);
  void perform_naming(Question& question);
  void perform_hash(Question& question);
  OpenFile gather(const SharedTree& tree, const ContentRange& range);

  Resources& resources_;
  ContentDirectory directory_;
  OpenFiles files_{directory_};
  ContentReferences references_;
  Answer answer_;
  std::deque<Asked> hashes_;  // in order of request; includes failed writes
  std::deque<Asked> others_;
  std::deque<Asked> naming_;                        // requests that name files; the first one is under way
  std::map<ContentKey, std::deque<Asked>> behind_;  // requests that wait for one of these, by content
  std::vector<ContentKey> changes_;                 // yet to be reported to the node
  std::uint32_t life_ = 0;
};

}  // namespace peerbed::adapter
