#include "adapter/node_content.h"

#include <sys/stat.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <memory>

#include "adapter/file_hash.h"
#include "adapter/resources.h"
#include "protocols/environment/contract.h"

namespace peerbed::adapter {

namespace {

// Up to `limit` bytes from the beginning; false when the disk fails.
bool read_beginning(int file, std::size_t limit, std::vector<std::byte>& bytes) {
  struct stat status {};
  if (::fstat(file, &status) != 0) return false;
  bytes.resize(std::min<std::size_t>(static_cast<std::size_t>(status.st_size), limit));
  std::size_t done = 0;
  while (done < bytes.size()) {
    const ssize_t got = ::pread(file, bytes.data() + done, bytes.size() - done, static_cast<off_t>(done));
    if (got < 0 && errno == EINTR) continue;
    if (got < 0) return false;
    if (got == 0) break;  // it was cut short meanwhile
    done += static_cast<std::size_t>(got);
  }
  bytes.resize(done);
  return true;
}

std::uint64_t size_of(int file) noexcept {
  struct stat status {};
  return ::fstat(file, &status) == 0 ? static_cast<std::uint64_t>(status.st_size) : 0;
}

}  // namespace

NodeContent::NodeContent(Resources& resources, const ContentOptions& options, Answer answer)
    : resources_(resources), directory_(options), answer_(std::move(answer)) {}

void NodeContent::apply(const Effect& effect, Bytes bytes) {
  const ContentKey key{effect.argument};
  if (effect.kind == EffectKind::write_content || effect.kind == EffectKind::erase_content ||
      effect.kind == EffectKind::import_content)
    files_.forget(key);
  const std::string name(reinterpret_cast<const char*>(bytes.data()), bytes.size());
  switch (effect.kind) {
    case EffectKind::write_content: {
      if (directory_.write(key, bytes)) return;
      Question failed{ContentAction::written, {key, 0, bytes.size()}};
      return resources_.loop.post([this, life = life_, failed = std::move(failed)] {
        if (life == life_) answer_({failed.range.content, {}, false, failed.action, failed.range});
      });
    }
    case EffectKind::erase_content:
      return directory_.erase(key);
    case EffectKind::read_content:
      return ask({ContentAction::read, {key, 0, 0}});
    case EffectKind::hash_content: {
      Question question{ContentAction::hashed, {}};
      PEERBED_CONTRACT(bytes.size() == sizeof question.range, "an effect on a range holds one");
      std::memcpy(&question.range, bytes.data(), sizeof question.range);
      return ask(std::move(question));
    }
    case EffectKind::import_content:
      return ask({ContentAction::imported, {key, 0, 0}, name});
    default:
      return ask({ContentAction::exported, {key, 0, 0}, name});
  }
}

OpenFile NodeContent::file_with(const ContentRange& range) {
  OpenFile file = files_.for_reading(range.content);
  if (file == nullptr) return nullptr;
  const std::uint64_t size = size_of(file->number());
  const bool is_within = range.offset <= size && range.size <= size - range.offset;
  return is_within ? file : nullptr;
}

OpenFile NodeContent::file_for(const ContentRange& range) {
  constexpr std::uint64_t largest = std::uint64_t{1} << 62;  // bytes that a file offset can say
  if (range.offset > largest || range.size > largest) return nullptr;
  return files_.for_writing(range.content);
}

void NodeContent::ask(Question question) {
  questions_.push_back(std::make_shared<Question>(std::move(question)));
  begin_what_can();
}

// Whether it waits for one that was asked before it.
bool NodeContent::is_blocked(Questions::const_iterator question) const {
  const Question& later = **question;
  return std::any_of(questions_.begin(), question, [&](const std::shared_ptr<Question>& earlier) {
    if (earlier->done || !earlier->names_file()) return false;
    return later.names_file() || earlier->range.content == later.range.content;
  });
}

void NodeContent::begin_what_can() {
  for (auto question = questions_.begin(); question != questions_.end(); ++question) {
    if ((*question)->begun || is_blocked(question)) continue;
    (*question)->begun = true;
    resources_.workers.run([this, asked = *question] { perform(*asked); },
                           [this, asked = *question, life = life_] {
                             if (life != life_) return;
                             asked->done = true;
                             begin_what_can();
                             answer_what_is_done();
                           });
  }
}

void NodeContent::answer_what_is_done() {
  bool hash_awaited = false;
  bool other_awaited = false;
  for (std::size_t i = 0; i < questions_.size();) {
    const std::shared_ptr<Question> asked = questions_[i];
    bool& awaited = asked->action == ContentAction::hashed ? hash_awaited : other_awaited;
    if (awaited || !asked->done) {
      awaited = true;
      ++i;
      continue;
    }
    questions_.erase(questions_.begin() + static_cast<std::ptrdiff_t>(i));
    const std::uint32_t life = life_;
    answer_({asked->range.content, asked->bytes, asked->found, asked->action, asked->range});
    if (life != life_) return;
  }
}

// In a worker.
void NodeContent::perform(Question& question) {
  const ContentKey key = question.range.content;
  if (question.action == ContentAction::imported) {
    const auto size = directory_.import_file(key, question.name);
    question.found = size.has_value();
    if (size) question.range.size = *size;
    return;
  }
  if (question.action == ContentAction::exported) {
    question.found = directory_.export_file(key, question.name);
    if (const FileDescriptor file = directory_.open(key); file && question.found)
      question.range.size = size_of(file.number());
    return;
  }
  const FileDescriptor file = directory_.open(key);
  if (!file) return;
  if (question.action == ContentAction::read) {
    question.found = read_beginning(file.number(), maximum_content_read, question.bytes);
  } else if (const auto hash = hash_range(file.number(), question.range.offset, question.range.size)) {
    question.found = true;
    question.bytes.assign(hash->begin(), hash->end());
  }
}

}  // namespace peerbed::adapter
