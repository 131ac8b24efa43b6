#include "adapter/host.h"

#include <fcntl.h>
#include <signal.h>
#include <sys/eventfd.h>
#include <sys/random.h>
#include <sys/stat.h>

#include <cerrno>
#include <string>
#include <system_error>

#include "adapter/loop/resources.h"
#include "protocols/environment/ipv6_book.h"

namespace peerbed::adapter {

namespace {

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  PEERBED_CONTRACT(::getrandom(&seed, sizeof seed, 0) == sizeof seed, "the kernel has randomness");
  return seed;
}

}  // namespace

// Watches a descriptor that its owner reads.
class Host::Reading : private Watcher {
 public:
  Reading(EventLoop& loop, FileDescriptor descriptor, std::function<void()> readable)
      : watch_(loop, std::move(descriptor), *this), readable_(std::move(readable)) {
    watch_.await_readable();
  }
  int descriptor() const noexcept { return watch_.descriptor(); }

 private:
  void on_readable() override {
    readable_();
    watch_.await_readable();
  }

  Watch watch_;
  std::function<void()> readable_;
};

Host::Host(const HostOptions& options)
    : options_(options),
      resources_(std::make_unique<Resources>(options.workers, options.limits,
                                             options.seed ? *options.seed : random_seed(),
                                             options.epoch.value_or(EventLoop::Clock::now()), options.key)) {
  Ipv6Book::of_process().set_secret(random_seed());
  // A peer that disconnects while a file is being sent to it must not end the process.
  struct sigaction before {};
  if (::sigaction(SIGPIPE, nullptr, &before) == 0 && before.sa_handler == SIG_DFL) ::signal(SIGPIPE, SIG_IGN);
  resources_->loop.on_alarm([this] { fire_due_timers(); });
  interruption_ = ::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC);
  PEERBED_CONTRACT(interruption_ >= 0, "a process may open another descriptor");
  readings_.push_back(
      std::make_unique<Reading>(resources_->loop, FileDescriptor(interruption_), [this] { handle_interrupt(); }));
}

Host::~Host() { resources_->workers.stop(); }

void Host::adopt(std::unique_ptr<HostedNode> process) {
  process->open();
  processes_.push_back(std::move(process));
}

// ---------------------------------------------------------------------------------------------------------------------
// The loop

void Host::run() {
  if (resources_->running == 0) return;
  resources_->when_idle = [this] { resources_->loop.stop(); };
  resources_->loop.run();
  resources_->when_idle = {};
}

bool Host::run_until(const std::function<bool()>& done, Duration limit) {
  const auto end = EventLoop::Clock::now() + limit;
  while (!done()) {
    if (EventLoop::Clock::now() >= end) return false;
    resources_->loop.run_one_until(end);
  }
  return true;
}

void Host::run_for(Duration duration) { resources_->loop.run_until(EventLoop::Clock::now() + duration); }

// Fires the timers that are due now; timers that their handlers set wait for the next alarm.
void Host::fire_due_timers() {
  TimerQueue& timers = resources_->timers;
  resources_->alarm = Resources::no_alarm;
  const std::int64_t now = nanoseconds_since_start(resources_->now());
  while (!timers.empty() && timers.next().due <= now) {
    const DueTimer timer = timers.pop();
    timer.process->fire(timer.timer, timer.due);
  }
  resources_->arm();
}

void Host::stop() noexcept { resources_->loop.stop(); }

void Host::post(std::function<void()> action) { resources_->loop.post(std::move(action)); }

void Host::after(Duration delay, std::function<void()> action) { resources_->loop.after(delay, std::move(action)); }

void Host::watch(int descriptor, std::function<void()> readable) {
  struct stat status {};
  if (::fstat(descriptor, &status) == 0 && S_ISREG(status.st_mode)) errno = EPERM;
  FileDescriptor own(S_ISREG(status.st_mode) ? -1 : ::fcntl(descriptor, F_DUPFD_CLOEXEC, 0));
  if (!own) throw std::system_error(errno, std::generic_category(), "descriptor " + std::to_string(descriptor));
  readings_.push_back(std::make_unique<Reading>(resources_->loop, std::move(own), std::move(readable)));
}

void Host::interrupt() noexcept {
  const std::uint64_t one = 1;
  [[maybe_unused]] const ssize_t written = ::write(interruption_, &one, sizeof one);
}

void Host::handle_interrupt() {
  std::uint64_t count = 0;
  [[maybe_unused]] const ssize_t taken = ::read(interruption_, &count, sizeof count);
  if (is_leaving_ || resources_->running == 0) return stop();
  is_leaving_ = true;
  resources_->loop.after(options_.leave_timeout, [this] { stop(); });
  for (const auto& process : processes_) process->leave();
}

// ---------------------------------------------------------------------------------------------------------------------

Time Host::now() const noexcept { return resources_->now(); }
const HostCounters& Host::counters() const noexcept { return resources_->counters; }
std::size_t Host::open_streams() const noexcept { return resources_->quotas.streams(); }
void Host::observe(Observer* observer) noexcept { resources_->observer = observer; }
void Host::impose(TrafficShaper* shaper) noexcept { resources_->shaper = shaper; }

}  // namespace peerbed::adapter
