#include "adapter/files/node_content.h"

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>
#include <utility>

#include "adapter/base/splice_buffer.h"
#include "adapter/files/file_hash.h"
#include "adapter/loop/resources.h"
#include "protocols/environment/contract.h"

namespace peerbed::adapter {

namespace {

constexpr std::uint64_t most_gathered = 8 * 1024 * 1024;  // bytes of a tree that are served at once

// Reads up to `limit` bytes from the beginning; false if the disk fails.
bool read_beginning(int file, std::size_t limit, std::vector<std::byte>& bytes) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return false;
  bytes.resize(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), limit));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;  // it was truncated meanwhile
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return true;
}

std::uint64_t size_of(int file) noexcept {
  struct stat status {};
  return ::fstat(file, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

std::vector<std::byte> bytes_of(const std::string& text) {
  const Bytes bytes = std::as_bytes(std::span(text));
  return {bytes.begin(), bytes.end()};
}

}  // namespace

NodeContent::NodeContent(Resources& resources, const ContentOptions& options, Answer answer)
    : resources_(resources),
      directory_(options),
      references_(resources.loop, directory_, [this](ContentKey key) { note_change(key); }),
      answer_(std::move(answer)) {}

std::vector<ContentKey> NodeContent::start() {
  std::vector<ContentKey> stored = directory_.stored();
  references_.find(stored);
  return stored;
}

void NodeContent::forget_questions() noexcept {
  ++life_;
  files_.clear();
  references_.clear();
  changes_.clear();
  hashes_.clear();
  others_.clear();
  naming_.clear();
  behind_.clear();
}

void NodeContent::apply(const Effect& effect, Bytes bytes) {
  const ContentKey key{effect.argument};
  const std::string name(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  switch (effect.kind) {
    case EffectKind::write_content: {
      files_.forget(key);
      references_.forget(key);
      if (directory_.write(key, bytes)) return;
      const auto failed = std::make_shared<Question>(Question{
          .action = ContentAction::written, .range = {key, 0, bytes.size()}, .bytes = bytes_of(problem_of(errno))});
      failed->done = true;
      hashes_.push_back(failed);
      return resources_.loop.post([this, life = life_] {
        if (life == life_) answer_what_is_done(hashes_);
      });
    }
    case EffectKind::erase_content:
      files_.forget(key);
      references_.forget(key);
      return directory_.erase(key);
    case EffectKind::read_content:
      return ask({ContentAction::read, {key, 0, 0}});
    case EffectKind::hash_content:
      return ask({ContentAction::hashed, range_in(bytes)});
    case EffectKind::import_content:
      files_.forget(key);
      references_.expect(key, name);
      return ask({ContentAction::imported, {key, 0, 0}, name});
    default:
      files_.forget(key);  // from then on, a file that was open for writing belongs to the user
      return ask({ContentAction::exported, {key, 0, 0}, name, effect.number != 0});
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// Ranges

RangeInFile NodeContent::file_with(const ContentRange& range) {
  if (!references_.is_as_it_was(range.content)) return {};
  if (const auto tree = references_.tree(range.content)) return {gather(*tree, range), 0};
  OpenFile file = files_.for_reading(range.content);
  if (file == nullptr) return {};
  const std::uint64_t size = size_of(file->number());
  const bool is_within = range.offset <= size && range.size <= size - range.offset;
  return {is_within ? file : nullptr, range.offset};
}

// Copies a range that spans many files into memory.
OpenFile NodeContent::gather(const SharedTree& tree, const ContentRange& range) {
  if (range.size > most_gathered) return nullptr;
  std::vector<std::byte> bytes(range.size);
  if (!tree.read(range.offset, bytes)) {
    references_.note_change(range.content);
    return nullptr;
  }
  FileDescriptor memory(::memfd_create("peerbed", MFD_CLOEXEC));
  if (!memory || !write_at(memory.number(), bytes, 0)) return nullptr;
  return std::make_shared<const FileDescriptor>(std::move(memory));
}

OpenFile NodeContent::file_for(const ContentRange& range) {
  constexpr std::uint64_t largest = std::uint64_t{1} << 62;  // the largest file offset, about
  if (range.offset > largest || range.size > largest) {
    errno = EFBIG;
    return nullptr;
  }
  return files_.for_writing(range.content);
}

// ---------------------------------------------------------------------------------------------------------------------
// Requests

void NodeContent::ask(Question question) {
  const auto asked = std::make_shared<Question>(std::move(question));
  (asked->action == ContentAction::hashed ? hashes_ : others_).push_back(asked);
  const ContentKey key = asked->range.content;
  if (asked->names_file()) {
    behind_.try_emplace(key);
    naming_.push_back(asked);
    return begin_next_naming();
  }
  const auto behind = behind_.find(key);
  if (behind == behind_.end()) return begin(asked);
  behind->second.push_back(asked);
}

void NodeContent::begin(const Asked& question) {
  question->begun = true;
  question->tree = references_.tree(question->range.content);
  resources_.workers.run([this, question] { perform(*question); },
                         [this, question, life = life_] {
                           if (life == life_) finish(question);
                         });
}

void NodeContent::begin_next_naming() {
  if (!naming_.empty() && !naming_.front()->begun) begin(naming_.front());
}

void NodeContent::finish(const Asked& question) {
  question->done = true;
  note_outcome(*question);
  if (question->names_file()) {
    naming_.pop_front();
    release_waiting(question->range.content);
    begin_next_naming();
  }
  answer_what_is_done(question->action == ContentAction::hashed ? hashes_ : others_);
}

// While content still waits to be named, later requests for it keep waiting.
void NodeContent::release_waiting(ContentKey key) {
  const bool is_named_again =
      std::any_of(naming_.begin(), naming_.end(), [key](const Asked& asked) { return asked->range.content == key; });
  const auto behind = behind_.find(key);
  if (is_named_again || behind == behind_.end()) return;
  const std::deque<Asked> waiting = std::move(behind->second);
  behind_.erase(behind);
  for (const Asked& asked : waiting) begin(asked);
}

void NodeContent::answer_what_is_done(std::deque<Asked>& questions) {
  const std::uint32_t life = life_;
  while (life == life_ && !questions.empty() && questions.front()->done) {
    const Asked asked = questions.front();
    questions.pop_front();
    const ContentKey key = asked->range.content;
    // What was open may have been removed by somebody. Reopen it, so that later writes can be found.
    if (asked->action == ContentAction::hashed && !asked->found) files_.forget(key);
    answer_({key, asked->bytes, asked->found, asked->action, asked->range, references_.contains(key), asked->file_size,
             asked->reference && asked->reference->is_tree});
  }
}

// Takes over what a worker found out about visible files.
void NodeContent::note_outcome(const Question& question) {
  const ContentKey key = question.range.content;
  if (question.action == ContentAction::hashed) {
    if (question.reference && references_.contains(key) && references_.tree(key) == nullptr)
      references_.set(key, *question.reference, std::nullopt);
    if (question.found) references_.confirm(key, question.identity);
  } else if (question.names_file() && question.found && question.reference) {
    references_.set(key, *question.reference, question.identity);
  } else if (question.action == ContentAction::imported) {
    references_.forget(key);
  }
}

void NodeContent::note_change(ContentKey key) {
  changes_.push_back(key);
  if (changes_.size() > 1) return;
  resources_.loop.post([this, life = life_] {
    if (life == life_) answer_changes();
  });
}

void NodeContent::tell_changes() {
  references_.look();
  answer_changes();
}

void NodeContent::answer_changes() {
  const std::uint32_t life = life_;
  for (const ContentKey key : std::exchange(changes_, {})) {
    if (life != life_) return;
    if (!references_.contains(key)) continue;
    references_.forget_identity(key);
    files_.forget(key);
    const bool is_there = directory_.referenced_name(key) && (directory_.is_tree(key) || directory_.open(key));
    answer_({key, {}, is_there, ContentAction::changed, {key, 0, 0}, true, {}, false});
  }
}

// ---------------------------------------------------------------------------------------------------------------------
// In a worker

void NodeContent::perform(Question& question) {
  if (question.names_file()) return perform_naming(question);
  if (question.action == ContentAction::hashed) return perform_hash(question);
  const FileDescriptor file = directory_.open(question.range.content);
  question.found = file && read_beginning(file.number(), maximum_content_read, question.bytes);
}

void NodeContent::perform_naming(Question& question) {
  const ContentKey key = question.range.content;
  if (question.action == ContentAction::imported) {
    auto imported = directory_.import_file(key, question.name);
    question.found = imported.done;
    question.range.size = imported.size;
    question.bytes = bytes_of(imported.remark);
    question.identity = imported.identity;
    question.reference = std::move(imported.reference);
    return;
  }
  auto exported = directory_.export_file(key, question.name, question.is_tree);
  question.found = exported.done;
  question.range.size = exported.size;
  question.bytes = bytes_of(exported.name);
  question.identity = exported.identity;
  question.reference = std::move(exported.reference);
}

void NodeContent::perform_hash(Question& question) {
  const ContentRange& range = question.range;
  std::optional<Sha256> hash;
  if (question.tree == nullptr && directory_.is_tree(range.content)) {
    question.reference = directory_.reference(range.content);
    if (question.reference) question.tree = question.reference->tree;
  }
  if (question.tree != nullptr) {
    question.file_size = question.tree->size();
    if (range.size <= most_gathered) hash = question.tree->hash(range.offset, range.size);
  } else if (question.reference && question.reference->is_tree) {
    struct stat status {};  // the directory has changed, or is gone
    const char* name = question.reference->name.c_str();
    if (::fstatat(directory_.descriptor(), name, &status, AT_SYMLINK_NOFOLLOW) == 0) question.file_size = 0;
  } else if (const FileDescriptor file = directory_.open(range.content)) {
    question.identity = identity_of(file.number());
    if (question.identity) question.file_size = question.identity->size;
    hash = hash_range(file.number(), range.offset, range.size);
  }
  question.found = hash.has_value();
  if (hash) question.bytes.assign(hash->begin(), hash->end());
}

}  // namespace peerbed::adapter
