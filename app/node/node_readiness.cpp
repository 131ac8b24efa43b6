#include "app/node/node_readiness.h"

#include <sys/epoll.h>

#include <cerrno>
#include <system_error>

namespace peerbed::app {

NodeReadiness::NodeReadiness(adapter::Host& host, int source, std::function<void()> readable)
    : source_(source), poll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!poll_) throw std::system_error(errno, std::generic_category(), "standard input");
  host.watch(poll_.number(), std::move(readable));
}

void NodeReadiness::listen(bool on) {
  if (on == listening_) return;
  listening_ = on;
  epoll_event event{.events = EPOLLIN, .data = {}};
  ::epoll_ctl(poll_.number(), on ? EPOLL_CTL_ADD : EPOLL_CTL_DEL, source_, &event);
}

}  // namespace peerbed::app
