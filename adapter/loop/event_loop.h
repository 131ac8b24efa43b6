#pragma once
// A single-threaded loop over descriptors, one alarm and work posted by other threads. In the adapter only it and
// Workers use Boost.Asio.

#include <chrono>
#include <functional>
#include <memory>

#include "adapter/base/file_descriptor.h"

namespace peerbed::adapter {

class EventLoop {
 public:
  using Clock = std::chrono::steady_clock;

  EventLoop();
  ~EventLoop();
  EventLoop(const EventLoop&) = delete;
  EventLoop& operator=(const EventLoop&) = delete;

  // Handles events until stop(), or until `end`. Returns false if it was stopped.
  void run();
  bool run_until(Clock::time_point end);
  // Handles one event, if one happens before `end`.
  void run_one_until(Clock::time_point end);
  // May be called from any thread.
  void stop() noexcept;
  void post(std::function<void()> action);
  // Runs once, in the loop's thread.
  void after(std::chrono::nanoseconds delay, std::function<void()> action);

  // The one alarm; setting it again replaces it. It runs in the loop's thread.
  void on_alarm(std::function<void()> action);
  void set_alarm(Clock::time_point when);

 private:
  friend class Watch;
  struct Implementation;
  std::unique_ptr<Implementation> implementation_;
};

// Receives the events of a descriptor, in the loop's thread, once for each request.
class Watcher {
 public:
  virtual ~Watcher() = default;
  virtual void on_readable() = 0;
  virtual void on_writable() {}
};

// Watches a descriptor that it owns. The watcher is not called after the watch is destroyed.
class Watch {
 public:
  Watch(EventLoop& loop, FileDescriptor descriptor, Watcher& watcher);
  ~Watch();
  Watch(const Watch&) = delete;
  Watch& operator=(const Watch&) = delete;

  int descriptor() const noexcept { return descriptor_; }
  // Each calls the watcher once, as soon as the descriptor is ready; a repeated request before that changes nothing.
  void await_readable();
  void await_writable();

 private:
  struct State;
  std::shared_ptr<State> state_;
  int descriptor_;
};

}  // namespace peerbed::adapter
