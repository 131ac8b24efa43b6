#include "adapter/files/open_files.h"

#include <algorithm>

namespace peerbed::adapter {

OpenFile OpenFiles::for_reading(ContentKey key) {
  const auto known = files_.find(key);
  if (known == files_.end()) return keep(key, directory_.open(key), false);
  known->second.used = ++uses_;
  return known->second.file;
}

OpenFile OpenFiles::for_writing(ContentKey key) {
  const auto known = files_.find(key);
  if (known == files_.end() || !known->second.writable) return keep(key, directory_.open_for_writing(key), true);
  known->second.used = ++uses_;
  return known->second.file;
}

OpenFile OpenFiles::keep(ContentKey key, FileDescriptor file, bool writable) {
  if (!file) return nullptr;
  if (files_.size() >= maximum_open) {
    const auto oldest = std::min_element(files_.begin(), files_.end(), [](const auto& one, const auto& other) {
      return one.second.used < other.second.used;
    });
    files_.erase(oldest);
  }
  auto shared = std::make_shared<const FileDescriptor>(std::move(file));
  files_[key] = {shared, writable, ++uses_};
  return shared;
}

}  // namespace peerbed::adapter
