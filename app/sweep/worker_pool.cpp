#include "app/sweep/worker_pool.h"

#include <fcntl.h>
#include <poll.h>
#include <unistd.h>

#include <algorithm>
#include <array>
#include <cerrno>
#include <csignal>
#include <cstdio>
#include <cstring>
#include <iostream>
#include <new>

#include "app/cli/command_line.h"
#include "app/cli/terminal.h"
#include "scenarios/text/error.h"

namespace peerbed::app {
namespace {

constexpr int milliseconds_between_looks = 200;
constexpr std::size_t longest_remark = 4096;

scenarios::FileError no_process(const char* what) {
  return scenarios::FileError(std::string("cannot start a worker: ") + what + ": " + std::strerror(errno) +
                              "; use fewer --jobs");
}

// An unnamed file, which disappears when it is closed.
adapter::FileDescriptor unnamed_file() {
  std::FILE* file = std::tmpfile();
  if (file == nullptr) return {};
  adapter::FileDescriptor descriptor(fcntl(fileno(file), F_DUPFD_CLOEXEC, 0));
  std::fclose(file);
  return descriptor;
}

std::string text_in(int file) {
  std::string text(longest_remark, '\0');
  const ssize_t size = pread(file, text.data(), text.size(), 0);
  text.resize(size > 0 ? static_cast<std::size_t>(size) : 0);
  text.erase(text.find_last_not_of('\n') + 1);
  return text;
}

}  // namespace

int WorkerPool::work(std::size_t job, int shares, int remark) const {
  std::signal(SIGPIPE, SIG_IGN);
  dup2(remark, STDERR_FILENO);
  try {
    // A report that finds the pipe full is dropped: the next one says more.
    return job_(job,
                [shares](double share) { [[maybe_unused]] const auto sent = write(shares, &share, sizeof share); });
  } catch (const std::bad_alloc&) {
    std::cerr << "not enough memory; use fewer nodes or fewer --jobs" << std::endl;
  } catch (const std::exception& error) {
    complain(error.what());
  }
  return exit_io;
}

void WorkerPool::start(std::size_t job) {
  adapter::FileDescriptor remark = unnamed_file();
  if (!remark) throw no_process("cannot create a temporary file");
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) throw no_process("cannot create a pipe");
  adapter::FileDescriptor shares(ends[0]);
  const adapter::FileDescriptor theirs(ends[1]);
  adapter::ChildProcess process([&] { return work(job, theirs.number(), remark.number()); });
  if (!process) throw no_process("fork");
  running_.push_back({std::move(process), job, std::move(shares), std::move(remark), 0, Clock::now()});
}

void WorkerPool::wait_for_news() {
  std::vector<pollfd> ends;
  for (const Worker& worker : running_) ends.push_back({worker.shares.number(), POLLIN, 0});
  poll(ends.data(), ends.size(), milliseconds_between_looks);
}

bool WorkerPool::read_share(Worker& worker) {
  double share = 0;
  ssize_t size = 0;
  while ((size = read(worker.shares.number(), &share, sizeof share)) == sizeof share) worker.share = share;
  return size != 0;
}

JobEnd WorkerPool::bury(Worker& worker) {
  const adapter::ChildProcess::End end = worker.process.wait();
  return {.job = worker.job,
          .code = end.code,
          .signal = end.signal,
          .remark = text_in(worker.remark.number()),
          .seconds = std::chrono::duration<double>(Clock::now() - worker.begun).count()};
}

void WorkerPool::kill_all() noexcept {
  for (Worker& worker : running_) worker.process.signal(SIGKILL);  // all of them, before any is waited for
  running_.clear();
}

void WorkerPool::run(const Next& next, const std::function<void(const JobEnd&)>& on_end,
                     const std::function<bool(double under_way)>& go_on) {
  bool is_more = true;
  for (;;) {
    while (is_more && running_.size() < workers_) {
      const std::optional<std::size_t> job = next();
      is_more = job.has_value();
      if (job) start(*job);
    }
    if (running_.empty()) return;
    wait_for_news();
    for (std::size_t i = 0; i < running_.size();) {
      if (read_share(running_[i])) {
        ++i;
        continue;
      }
      Worker ended = std::move(running_[i]);
      running_.erase(running_.begin() + static_cast<std::ptrdiff_t>(i));
      on_end(bury(ended));
    }
    double under_way = 0;
    for (const Worker& worker : running_) under_way += worker.share;
    if (go_on(under_way)) continue;
    kill_all();
    return;
  }
}

}  // namespace peerbed::app
