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
    int directory = -1;         // as add() numbered it
    std::string_view name;      // in it; empty: of the directory itself
    bool is_written = false;    // bytes of the file were written
    bool is_overflown = false;  // some events were lost: anything may have happened, anywhere
  };
  using Tell = std::function<void(const Event&)>;

  // `tell` is called in the loop's thread, or from within drain().
  FileWatch(EventLoop& loop, Tell tell);
  ~FileWatch() override;

  // Watches an open directory and returns its number; below 0 if the kernel watches no more. A directory has one
  // number.
  int add(int directory);
  void remove(int number);
  // Reports what has happened so far.
  void drain();

 private:
  void on_readable() override;

  std::unique_ptr<Watch> watch_;  // null: the kernel has no more of them
  Tell tell_;
};

}  // namespace peerbed::adapter
