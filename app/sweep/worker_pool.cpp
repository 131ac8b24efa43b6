#include "app/sweep/worker_pool.h"

#include <fcntl.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/wait.h>
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
int nameless_file() {
  std::FILE* file = std::tmpfile();
  if (file == nullptr) return -1;
  const int descriptor = fcntl(fileno(file), F_DUPFD_CLOEXEC, 0);
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

void WorkerPool::work(std::size_t job, pid_t parent, int shares, int remark) const {
  std::signal(SIGINT, SIG_IGN);
  std::signal(SIGPIPE, SIG_IGN);
  prctl(PR_SET_PDEATHSIG, SIGKILL);
  if (getppid() != parent) _exit(exit_io);  // the parent died before the request took effect
  dup2(remark, STDERR_FILENO);
  int code = exit_io;
  try {
    // A report that finds the pipe full is dropped: the next one says more.
    code =
        job_(job, [shares](double share) { [[maybe_unused]] const auto sent = write(shares, &share, sizeof share); });
  } catch (const std::bad_alloc&) {
    std::cerr << "not enough memory; use fewer nodes or fewer --jobs" << std::endl;
  } catch (const std::exception& error) {
    complain(error.what());
  }
  _exit(code);  // without flushing the parent's buffered output
}

void WorkerPool::start(std::size_t job) {
  const int remark = nameless_file();
  if (remark < 0) throw no_process("cannot create a temporary file");
  std::array<int, 2> ends{};
  if (pipe2(ends.data(), O_CLOEXEC | O_NONBLOCK) != 0) {
    close(remark);
    throw no_process("cannot create a pipe");
  }
  const pid_t parent = getpid();
  const pid_t process = fork();
  if (process == 0) work(job, parent, ends[1], remark);
  close(ends[1]);
  if (process < 0) {
    close(ends[0]);
    close(remark);
    throw no_process("fork");
  }
  running_.push_back({process, job, ends[0], remark, 0});
}

void WorkerPool::wait_for_news() {
  std::vector<pollfd> ends;
  for (const Worker& worker : running_) ends.push_back({worker.shares, POLLIN, 0});
  poll(ends.data(), ends.size(), milliseconds_between_looks);
}

bool WorkerPool::read_share(Worker& worker) {
  double share = 0;
  ssize_t size = 0;
  while ((size = read(worker.shares, &share, sizeof share)) == sizeof share) worker.share = share;
  return size != 0;
}

JobEnd WorkerPool::bury(const Worker& worker) {
  int status = 0;
  while (waitpid(worker.process, &status, 0) < 0 && errno == EINTR) {
  }
  JobEnd end{.job = worker.job, .code = 0, .signal = 0, .remark = text_in(worker.remark)};
  if (WIFSIGNALED(status))
    end.signal = WTERMSIG(status);
  else
    end.code = WEXITSTATUS(status);
  close(worker.shares);
  close(worker.remark);
  return end;
}

void WorkerPool::kill_all() noexcept {
  for (const Worker& worker : running_) kill(worker.process, SIGKILL);
  for (const Worker& worker : running_) bury(worker);
  running_.clear();
}

void WorkerPool::run(std::span<const std::size_t> jobs, const std::function<void(const JobEnd&)>& on_end,
                     const std::function<bool(double under_way)>& go_on) {
  std::size_t next = 0;
  while (next < jobs.size() || !running_.empty()) {
    while (next < jobs.size() && running_.size() < workers_) start(jobs[next++]);
    wait_for_news();
    for (std::size_t i = 0; i < running_.size();) {
      if (read_share(running_[i])) {
        ++i;
        continue;
      }
      const Worker ended = running_[i];
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
