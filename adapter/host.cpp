#include "adapter/host.h"

#include <sys/eventfd.h>
#include <sys/random.h>

#include "adapter/resources.h"

namespace peerbed::adapter {

namespace {

std::uint64_t random_seed() {
  std::uint64_t seed = 0;
  PEERBED_CONTRACT(::getrandom(&seed, sizeof seed, 0) == sizeof seed, "the kernel has randomness");
  return seed;
}

}  // namespace

// What a signal handler may touch: a counter of the kernel's that the loop watches.
class Host::Interruption : private Watcher {
 public:
  explicit Interruption(Host& host)
      : host_(host), watch_(host.resources_->loop, FileDescriptor(::eventfd(0, EFD_NONBLOCK | EFD_CLOEXEC)), *this) {
    watch_.await_readable();
  }
  void request() const noexcept {
    const std::uint64_t one = 1;
    [[maybe_unused]] const ssize_t written = ::write(watch_.descriptor(), &one, sizeof one);
  }

 private:
  void on_readable() override {
    std::uint64_t count = 0;
    [[maybe_unused]] const ssize_t taken = ::read(watch_.descriptor(), &count, sizeof count);
    watch_.await_readable();
    host_.handle_interrupt();
  }

  Host& host_;
  Watch watch_;
};

Host::Host(const HostOptions& options)
    : options_(options),
      resources_(std::make_unique<Resources>(options.workers, options.limits,
                                             options.seed ? *options.seed : random_seed(),
                                             options.epoch.value_or(EventLoop::Clock::now()))) {
  resources_->loop.on_alarm([this] { fire_due_timers(); });
  interruption_ = std::make_unique<Interruption>(*this);
}

Host::~Host() { resources_->workers.stop(); }

void Host::adopt(std::unique_ptr<Process> process) {
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

// Those that are due now; what their handlers set waits for the next alarm.
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

void Host::interrupt() noexcept { interruption_->request(); }

void Host::handle_interrupt() {
  if (is_leaving_ || resources_->running == 0) return stop();
  is_leaving_ = true;
  resources_->loop.after(options_.leave_timeout, [this] { stop(); });
  for (const auto& process : processes_) process->leave();
}

// ---------------------------------------------------------------------------------------------------------------------

Time Host::now() const noexcept { return resources_->now(); }
const Counters& Host::counters() const noexcept { return resources_->counters; }
Address Host::address_of(const Endpoint& endpoint) { return resources_->addresses.address_of(endpoint); }
void Host::observe(Observer* observer) noexcept { resources_->observer = observer; }

}  // namespace peerbed::adapter
