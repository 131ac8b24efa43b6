#include "app/search/search_workers.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/mman.h>
#include <sys/time.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstring>
#include <string>

#include "adapter/base/child_process.h"
#include "adapter/base/file_descriptor.h"
#include "app/cli/exit_codes.h"
#include "app/cli/unnamed_file.h"
#include "scenarios/text/error.h"

namespace peerbed::app {
namespace {

using scenarios::TrialReport;

constexpr std::size_t longest_remark = 2048;
constexpr int most_seconds = 60;  // of processor time for one trial
constexpr int milliseconds_between_looks = 20;

scenarios::FileError no_process(const char* what) {
  return scenarios::FileError(std::string("cannot start a worker: ") + what + ": " + std::strerror(errno) +
                              "; use fewer --jobs");
}

struct Worker {
  adapter::ChildProcess process;
  adapter::FileDescriptor alive;  // the read end of a pipe that its death closes
  adapter::FileDescriptor results;
  adapter::FileDescriptor remark;
};

std::string last_line(std::string text) {
  text.erase(text.find_last_not_of('\n') + 1);
  const std::size_t line = text.rfind('\n');
  return line == std::string::npos ? text : text.substr(line + 1);
}

}  // namespace

SearchWorkers::SearchWorkers(std::size_t jobs, std::size_t part, std::size_t parts)
    : jobs_(jobs), part_(part), parts_(parts) {
  static_assert(std::atomic<std::uint64_t>::is_always_lock_free);
  void* memory =
      mmap(nullptr, (2 + jobs_) * sizeof *shared_, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_ANONYMOUS, -1, 0);
  if (memory == MAP_FAILED) throw no_process("cannot share memory");
  shared_ = static_cast<std::atomic<std::uint64_t>*>(memory);
}

SearchWorkers::~SearchWorkers() { munmap(shared_, (2 + jobs_) * sizeof *shared_); }

int SearchWorkers::work(const scenarios::Search& search, std::uint64_t end, std::size_t worker, int results) const {
  scenarios::Trial trial(search.scenario());
  scenarios::Coverage coverage;
  while (true) {
    const std::uint64_t number = next_trial();
    if (number >= end) return exit_good;
    under_way(worker).store(number, std::memory_order_relaxed);
    const itimerval limit{.it_interval = {}, .it_value = {.tv_sec = most_seconds, .tv_usec = 0}};
    setitimer(ITIMER_PROF, &limit, nullptr);
    // With one call, so that a worker that dies leaves no report half written unless the disk is full.
    if (!write_all(results, search.attempt(trial, coverage, number).bytes())) return exit_io;
    under_way(worker).store(no_trial, std::memory_order_relaxed);
    done().fetch_add(1, std::memory_order_relaxed);
  }
}

std::optional<std::vector<TrialReport>> SearchWorkers::make(const scenarios::Search& search, std::size_t count,
                                                            const std::function<bool(std::uint64_t)>& go_on) {
  const std::uint64_t first = search.tried();
  next().store(first + part_);
  done().store(0);
  const std::size_t own_count = count > part_ ? (count - part_ - 1) / parts_ + 1 : 0;
  std::vector<std::optional<TrialReport>> found(own_count);
  const auto found_of = [&](std::uint64_t number) -> std::optional<TrialReport>& {
    return found[(number - first - part_) / parts_];
  };
  std::vector<Worker> workers(jobs_);
  const auto start = [&](std::size_t index) {
    Worker& worker = workers[index];
    worker.results = unnamed_file();
    worker.remark = unnamed_file();
    std::array<int, 2> ends{};
    if (pipe2(ends.data(), O_CLOEXEC) != 0) throw no_process("cannot create a pipe");
    worker.alive = adapter::FileDescriptor(ends[0]);
    const adapter::FileDescriptor theirs(ends[1]);
    under_way(index).store(no_trial);
    worker.process = adapter::ChildProcess([&] {
      dup2(worker.remark.number(), STDERR_FILENO);
      return work(search, first + count, index, worker.results.number());
    });
    if (!worker.process) throw no_process("fork");
  };
  // Takes what a worker reported. Returns whether it was ended by the trial that it was making.
  const auto bury = [&](std::size_t index) {
    Worker& worker = workers[index];
    const adapter::ChildProcess::End end = worker.process.wait();
    const std::string bytes = content_of(worker.results, SIZE_MAX);
    std::string_view rest = bytes;
    while (auto report = TrialReport::take(rest)) found_of(report->number) = std::move(report);
    const std::uint64_t number = under_way(index).load();
    const std::string remark = last_line(content_of(worker.remark, longest_remark));
    worker = {};
    if (end.signal == 0 && end.code == exit_good) return false;
    if (number == no_trial || found_of(number))
      throw scenarios::FileError("a worker ended with code " + std::to_string(end.code) + ": " +
                                 (remark.empty() ? "it said nothing; is the disk full?" : remark));
    std::string why =
        end.signal == SIGPROF ? "it took more than " + std::to_string(most_seconds) + " s of processor time"
        : end.signal != 0
            ? "the process ended by signal " + std::to_string(end.signal) + " (" + strsignal(end.signal) + ")"
            : "the process ended with code " + std::to_string(end.code);
    if (!remark.empty()) why += ": " + remark;
    TrialReport report;
    report.number = number;
    report.violation = scenarios::TrialViolation{{}, {}, std::move(why)};
    found_of(number) = std::move(report);
    done().fetch_add(1, std::memory_order_relaxed);
    return true;
  };
  for (std::size_t i = 0; i < std::min(jobs_, own_count); ++i) start(i);
  while (std::any_of(workers.begin(), workers.end(), [](const Worker& worker) { return !!worker.process; })) {
    std::vector<pollfd> ends;
    std::vector<std::size_t> which;
    for (std::size_t i = 0; i < workers.size(); ++i)
      if (workers[i].process) {
        ends.push_back({workers[i].alive.number(), POLLIN, 0});
        which.push_back(i);
      }
    poll(ends.data(), ends.size(), milliseconds_between_looks);
    for (std::size_t i = 0; i < ends.size(); ++i)
      if (ends[i].revents != 0 && bury(which[i])) start(which[i]);
    if (go_on(done().load())) continue;
    for (Worker& worker : workers) worker.process.signal(SIGKILL);
    return std::nullopt;
  }
  std::vector<TrialReport> reports;
  reports.reserve(own_count);
  for (std::optional<TrialReport>& each : found) reports.push_back(std::move(each.value()));
  return reports;
}

}  // namespace peerbed::app
