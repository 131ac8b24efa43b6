#include "sim/streams/request_queue.h"

#include <algorithm>
#include <tuple>
#include <utility>

#include "protocols/environment/contract.h"
#include "protocols/environment/state.h"

namespace peerbed::sim {

void RequestQueue::begin() {
  RequestQueue fresh;
  fresh.requests_ = std::move(requests_);
  fresh.requests_.clear();
  *this = std::move(fresh);
}

void RequestQueue::add(const StreamRequest& request) {
  PEERBED_CONTRACT(!is_closed_, "a node that knows the end of a stream asks for nothing beyond it");
  requests_.push_back(request);
}

void RequestQueue::pop_front() {
  PEERBED_CONTRACT(!requests_.empty(), "a request that is answered was made");
  requests_.pop_front();
}

void RequestQueue::close() {
  is_closed_ = true;
  requests_.clear();
}

bool RequestQueue::is_written(std::uint64_t begin, std::uint64_t arrived, HostDisk& disk, Time now) {
  PEERBED_CONTRACT(!requests_.empty() && begin <= arrived, "what arrives was asked for, and is taken only once");
  const std::uint64_t end = begin + requests_.front().size;
  const bool is_complete = arrived >= end;
  arrived = std::min(arrived, end);
  writing_end_ = std::max(writing_end_, begin);
  if (arrived - writing_end_ >= (is_complete ? 1 : HostDisk::chunk)) {
    written_at_ = disk.pass(arrived - writing_end_, now);
    writing_end_ = arrived;
  }
  if (!is_complete || written_at_ > now) return false;
  written_at_ = Time::max();
  return true;
}

void RequestQueue::append_state(std::vector<std::byte>& out) const {
  for (std::size_t i = 0; i < requests_.size(); ++i) {
    const StreamRequest& request = requests_[i];
    const ContentRange& range = request.range;
    peerbed::append_state(out, std::tie(range.content, range.offset, range.size, request.size));
  }
}

}  // namespace peerbed::sim
