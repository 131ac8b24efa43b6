#pragma once
// Changes to files in directories, as the kernel reports them (inotify). Reports may be missing, for writes through a
// mapping or when too much happens at once, so code that serves a file must check it as well.

#include <cstdint>
#include <functional>
#include <memory>
#include <string_view>

#include "adapter/loop/event_loop.h"

namespace peerbed::adapter {

class FileWatch : private Watcher {
 public:
  struct Event {
    int directory = -1;         // the number that add() returned
    std::string_view name;      // inside the directory; empty: the directory itself
    bool is_written = false;    // the file was written to
    bool is_overflown = false;  // events were lost: anything may have changed, anywhere
  };
  using Tell = std::function<void(const Event&)>;

  // `tell` is called in the loop's thread, or from within drain().
  FileWatch(EventLoop& loop, Tell tell);
  ~FileWatch() override;

  // Watches an open directory and returns its number; below 0 if the kernel allows no more watches. Watching a
  // directory twice returns the same number.
  int add(int directory);
  void remove(int number);
  // Reports pending changes.
  void drain();

 private:
  void on_readable() override;

  std::unique_ptr<Watch> watch_;  // null: the kernel has no inotify instance left
  Tell tell_;
};

}  // namespace peerbed::adapter
