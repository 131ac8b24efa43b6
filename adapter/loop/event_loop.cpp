#include "adapter/loop/event_loop.h"

#include <boost/asio/executor_work_guard.hpp>
#include <boost/asio/io_context.hpp>
#include <boost/asio/posix/stream_descriptor.hpp>
#include <boost/asio/post.hpp>
#include <boost/asio/steady_timer.hpp>

namespace peerbed::adapter {

namespace asio = boost::asio;

struct EventLoop::Implementation {
  asio::io_context context{1};
  asio::executor_work_guard<asio::io_context::executor_type> guard = asio::make_work_guard(context);
  asio::steady_timer alarm{context};
  std::function<void()> ring;
};

EventLoop::EventLoop() : implementation_(std::make_unique<Implementation>()) {}
EventLoop::~EventLoop() = default;

void EventLoop::run() {
  implementation_->context.restart();
  implementation_->context.run();
}

bool EventLoop::run_until(Clock::time_point end) {
  implementation_->context.restart();
  implementation_->context.run_until(end);
  return !implementation_->context.stopped();
}

void EventLoop::run_one_until(Clock::time_point end) {
  if (implementation_->context.stopped()) implementation_->context.restart();
  implementation_->context.run_one_until(end);
}

void EventLoop::stop() noexcept { implementation_->context.stop(); }

void EventLoop::post(std::function<void()> action) { asio::post(implementation_->context, std::move(action)); }

void EventLoop::after(std::chrono::nanoseconds delay, std::function<void()> action) {
  auto timer = std::make_shared<asio::steady_timer>(implementation_->context, delay);
  timer->async_wait([timer, action = std::move(action)](const boost::system::error_code& error) {
    if (!error) action();
  });
}

void EventLoop::on_alarm(std::function<void()> action) { implementation_->ring = std::move(action); }

void EventLoop::set_alarm(Clock::time_point when) {
  implementation_->alarm.expires_at(when);
  implementation_->alarm.async_wait([this](const boost::system::error_code& error) {
    if (!error) implementation_->ring();
  });
}

// ---------------------------------------------------------------------------------------------------------------------
// Descriptors

// Shared with pending waits, which may complete after the watch is destroyed.
struct Watch::State {
  State(asio::io_context& context, int number, Watcher& told) : descriptor(context, number), watcher(&told) {}
  asio::posix::stream_descriptor descriptor;
  Watcher* watcher;  // null once the watch is destroyed
  bool awaits_reading = false;
  bool awaits_writing = false;
};

Watch::Watch(EventLoop& loop, FileDescriptor descriptor, Watcher& watcher) : descriptor_(descriptor.number()) {
  state_ = std::make_shared<State>(loop.implementation_->context, descriptor.number(), watcher);
  descriptor.release();
}

Watch::~Watch() {
  state_->watcher = nullptr;
  boost::system::error_code ignored;
  state_->descriptor.close(ignored);
}

void Watch::await_readable() {
  if (state_->awaits_reading) return;
  state_->awaits_reading = true;
  state_->descriptor.async_wait(asio::posix::stream_descriptor::wait_read,
                                [state = state_](const boost::system::error_code& error) {
                                  state->awaits_reading = false;
                                  if (!error && state->watcher != nullptr) state->watcher->on_readable();
                                });
}

void Watch::await_writable() {
  if (state_->awaits_writing) return;
  state_->awaits_writing = true;
  state_->descriptor.async_wait(asio::posix::stream_descriptor::wait_write,
                                [state = state_](const boost::system::error_code& error) {
                                  state->awaits_writing = false;
                                  if (!error && state->watcher != nullptr) state->watcher->on_writable();
                                });
}

}  // namespace peerbed::adapter
