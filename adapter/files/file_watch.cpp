#include "adapter/files/file_watch.h"

#include <sys/inotify.h>
#include <unistd.h>

#include <string>

namespace peerbed::adapter {

namespace {

constexpr std::uint32_t interesting = IN_MODIFY | IN_CLOSE_WRITE | IN_ATTRIB | IN_CREATE | IN_DELETE | IN_MOVED_FROM |
                                      IN_MOVED_TO | IN_DELETE_SELF | IN_MOVE_SELF;

}  // namespace

FileWatch::FileWatch(EventLoop& loop, Tell tell) : tell_(std::move(tell)) {
  FileDescriptor descriptor(::inotify_init1(IN_NONBLOCK | IN_CLOEXEC));
  if (!descriptor) return;
  watch_ = std::make_unique<Watch>(loop, std::move(descriptor), static_cast<Watcher&>(*this));
  watch_->await_readable();
}

FileWatch::~FileWatch() = default;

int FileWatch::add(int directory) {
  const std::string path = "/proc/self/fd/" + std::to_string(directory);
  return watch_ == nullptr ? -1 : ::inotify_add_watch(watch_->descriptor(), path.c_str(), interesting | IN_ONLYDIR);
}

void FileWatch::remove(int number) {
  if (watch_ != nullptr && number >= 0) ::inotify_rm_watch(watch_->descriptor(), number);
}

void FileWatch::drain() {
  alignas(inotify_event) char buffer[16 * 1024];
  while (watch_ != nullptr) {
    const ssize_t size = ::read(watch_->descriptor(), buffer, sizeof buffer);
    if (size <= 0) return;
    for (const char* at = buffer; at < buffer + size;) {
      const auto* event = reinterpret_cast<const inotify_event*>(at);
      at += sizeof(inotify_event) + event->len;
      if ((event->mask & IN_IGNORED) != 0) continue;
      tell_({event->wd, event->len > 0 ? std::string_view(event->name) : std::string_view(),
             (event->mask & IN_MODIFY) != 0, (event->mask & IN_Q_OVERFLOW) != 0});
    }
  }
}

void FileWatch::on_readable() {
  drain();
  if (watch_ != nullptr) watch_->await_readable();
}

}  // namespace peerbed::adapter
