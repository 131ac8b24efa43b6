#include "app/node/node_signals.h"

#include <sys/signalfd.h>
#include <unistd.h>

#include <cerrno>
#include <csignal>
#include <system_error>

namespace peerbed::app {

NodeSignals::NodeSignals() {
  sigset_t taken;
  sigemptyset(&taken);
  sigaddset(&taken, SIGINT);
  sigaddset(&taken, SIGTERM);
  struct sigaction present {};
  if (::sigaction(SIGHUP, nullptr, &present) == 0 && present.sa_handler != SIG_IGN) sigaddset(&taken, SIGHUP);
  ignored_ = std::signal(SIGPIPE, SIG_IGN);
  ::pthread_sigmask(SIG_BLOCK, &taken, &before_);
  descriptor_ = adapter::FileDescriptor(::signalfd(-1, &taken, SFD_NONBLOCK | SFD_CLOEXEC));
  if (!descriptor_) throw std::system_error(errno, std::generic_category(), "signals");
}

NodeSignals::~NodeSignals() {
  ::pthread_sigmask(SIG_SETMASK, &before_, nullptr);
  std::signal(SIGPIPE, ignored_);
}

std::optional<int> NodeSignals::next() const {
  signalfd_siginfo signal{};
  if (::read(descriptor_.number(), &signal, sizeof signal) != sizeof signal) return std::nullopt;
  return static_cast<int>(signal.ssi_signo);
}

}  // namespace peerbed::app
