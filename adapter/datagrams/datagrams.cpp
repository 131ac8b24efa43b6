#include "adapter/datagrams/datagrams.h"

#include <cerrno>
#include <cstring>

namespace peerbed::adapter {

IncomingDatagrams::IncomingDatagrams() : buffers_(std::make_unique<std::byte[]>(datagram_batch * room)) {
  for (std::size_t i = 0; i < datagram_batch; ++i) {
    parts_[i] = {buffers_.get() + i * room, room};
    headers_[i].msg_hdr.msg_iov = &parts_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &sources_[i];
  }
}

std::size_t IncomingDatagrams::receive(int socket) noexcept {
  for (mmsghdr& header : headers_) header.msg_hdr.msg_namelen = sizeof(sockaddr_storage);
  const int received = ::recvmmsg(socket, headers_.data(), datagram_batch, MSG_DONTWAIT, nullptr);
  return received < 0 ? 0 : static_cast<std::size_t>(received);
}

Bytes IncomingDatagrams::payload(std::size_t index) const noexcept {
  return {buffers_.get() + index * room, headers_[index].msg_len};
}

bool IncomingDatagrams::is_cut(std::size_t index, std::size_t limit) const noexcept {
  return (headers_[index].msg_hdr.msg_flags & MSG_TRUNC) != 0 || headers_[index].msg_len > limit;
}

OutgoingDatagrams::OutgoingDatagrams(HostCounters& counters)
    : buffers_(std::make_unique<std::byte[]>(datagram_batch * DatagramSeal::maximum_size)), counters_(counters) {
  for (std::size_t i = 0; i < datagram_batch; ++i) {
    parts_[i].iov_base = buffers_.get() + i * DatagramSeal::maximum_size;
    headers_[i].msg_hdr.msg_iov = &parts_[i];
    headers_[i].msg_hdr.msg_iovlen = 1;
    headers_[i].msg_hdr.msg_name = &targets_[i];
  }
}

void OutgoingDatagrams::take_slot(int socket, Bytes payload) {
  if (socket != socket_ || count_ == datagram_batch) flush();
  socket_ = socket;
  if (!payload.empty()) std::memcpy(parts_[count_].iov_base, payload.data(), payload.size());
  parts_[count_].iov_len = payload.size();
}

void OutgoingDatagrams::send(int socket, const SocketAddress& to, Bytes payload) {
  take_slot(socket, payload);
  targets_[count_] = to.storage;
  headers_[count_++].msg_hdr.msg_namelen = to.size;
}

void OutgoingDatagrams::send(int socket, Address to, Bytes payload) {
  take_slot(socket, payload);
  sockaddr_in in{};
  in.sin_family = AF_INET;
  in.sin_port = htons(to.port());
  in.sin_addr.s_addr = htonl(to.host());
  std::memcpy(&targets_[count_], &in, sizeof in);
  headers_[count_++].msg_hdr.msg_namelen = sizeof in;
}

void OutgoingDatagrams::flush() noexcept {
  std::size_t done = 0;
  while (done < count_) {
    const int sent = ::sendmmsg(socket_, &headers_[done], static_cast<unsigned>(count_ - done), MSG_DONTWAIT);
    if (sent < 0 && errno == EINTR) continue;
    if (sent > 0) {
      done += static_cast<std::size_t>(sent);
    } else {
      ++counters_.dropped_sending;  // the kernel's error concerns the first of them
      ++done;
    }
  }
  count_ = 0;
}

}  // namespace peerbed::adapter
