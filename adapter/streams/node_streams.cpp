#include "adapter/streams/node_streams.h"

#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <sys/socket.h>

#include <algorithm>
#include <cerrno>
#include <cstring>
#include <utility>

#include "adapter/base/open_sockets.h"
#include "adapter/files/node_content.h"
#include "adapter/loop/resources.h"
#include "protocols/environment/contract.h"

namespace peerbed::adapter {

namespace {

constexpr Duration watch_period = std::chrono::milliseconds(100);
constexpr Duration acknowledgement_period = std::chrono::milliseconds(5);
constexpr int turns_at_once = 16;     // of one stream, then others have theirs
constexpr int accepted_at_once = 64;  // streams

void set(int socket, int level, int option, int value) noexcept {
  ::setsockopt(socket, level, option, &value, sizeof value);
}

// Closing this socket will tell the peer's host at once that nothing more is read or written.
void reset_when_closed(int socket) noexcept {
  const linger at_once{1, 0};
  ::setsockopt(socket, SOL_SOCKET, SO_LINGER, &at_once, sizeof at_once);
}

int seconds_of(Duration duration) noexcept {
  return static_cast<int>(
      std::max<std::int64_t>(1, std::chrono::duration_cast<std::chrono::seconds>(duration).count()));
}

}  // namespace

// A stream, and its watch in the loop.
struct NodeStreams::Connection : Watcher {
  Connection(NodeStreams& owner, StreamId id, const Endpoint& at, FileDescriptor socket, bool connecting)
      : streams(owner),
        remote(at),
        stream(id, connecting ? at.address() : at.heard_address(),
               std::make_unique<Watch>(owner.resources_.loop, std::move(socket), *this), connecting,
               owner.seal_for(at, connecting), owner.path_to(at), owner.resources_.now()) {}
  void on_readable() override { streams.serve(stream.id()); }
  void on_writable() override { streams.serve(stream.id()); }

  NodeStreams& streams;
  Endpoint remote;
  Stream stream;
  std::size_t memory = 0;  // as last accounted for
  std::uint64_t sent = 0;
  std::uint64_t received = 0;
  Time woken_at{};  // when the loop was asked to wake it
};

NodeStreams::NodeStreams(Resources& resources, NodeIndex node, NodeContent& content, const StreamLimits& options,
                         Tell tell)
    : resources_(resources), node_(node), content_(content), options_(options), tell_(std::move(tell)) {}

NodeStreams::~NodeStreams() = default;

void NodeStreams::listen(FileDescriptor listener, const Endpoint& local, const Endpoint& known_as) {
  local_ = local;
  known_as_ = known_as;
  if (!listener) return;
  listener_ = std::make_unique<Watch>(resources_.loop, std::move(listener), static_cast<Watcher&>(*this));
  listener_->await_readable();
}

void NodeStreams::end(bool killed) {
  if (!killed)
    for (const auto& [id, connection] : streams_) connection->stream.abort();
  while (!streams_.empty()) remove(streams_.begin());
  touched_.clear();
  listener_.reset();
  next_accepted_ = 2;
  ++life_;
}

// ---------------------------------------------------------------------------------------------------------------------
// Beginning

void NodeStreams::on_readable() {
  for (int i = 0; i < accepted_at_once; ++i) {
    sockaddr_storage source{};
    socklen_t size = sizeof source;
    FileDescriptor socket(
        ::accept4(listener_->descriptor(), reinterpret_cast<sockaddr*>(&source), &size, SOCK_NONBLOCK | SOCK_CLOEXEC));
    const bool is_exhausted = !socket && (errno == EMFILE || errno == ENFILE || errno == ENOBUFS || errno == ENOMEM);
    if (is_exhausted) {
      ++resources_.counters.refused_for_descriptors;
      resources_.warn(node_, Warning::descriptors);
      // The listener stays readable, so asking again at once would spin.
      return resources_.loop.after(watch_period, [this, life = life_] {
        if (life == life_ && listener_) listener_->await_readable();
      });
    }
    if (!socket && errno != ECONNABORTED && errno != EINTR) break;
    if (!socket) continue;
    if (const auto peer = Endpoint::of(source)) accept(std::move(socket), *peer);
  }
  listener_->await_readable();
}

void NodeStreams::accept(FileDescriptor socket, const Endpoint& peer) {
  const PeerQuotas::Refusal refusal = resources_.quotas.refusal_of_stream(peer);
  if (refusal != PeerQuotas::Refusal::none) {
    const bool of_all = refusal == PeerQuotas::Refusal::all_streams;
    ++(of_all ? resources_.counters.refused_streams : resources_.counters.refused_streams_of_remote);
    reset_when_closed(socket.number());
    return resources_.warn(node_, of_all ? Warning::all_streams : Warning::streams_of_remote);
  }
  const StreamId id{next_accepted_};
  next_accepted_ += 2;
  add(id, peer, std::move(socket), false);
}

// A socket that is connecting to the peer; none if the machine knows at once that there is no route.
FileDescriptor NodeStreams::connect_to(const Endpoint& peer) const {
  const int family = local_.is_ipv4() ? AF_INET : AF_INET6;
  if (family == AF_INET && !peer.is_ipv4()) return {};
  FileDescriptor socket(::socket(family, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
  if (!socket) return {};
  // Peers should see the stream come from the node's own address.
  Endpoint source = local_;
  source.port = 0;
  choose_congestion_control(socket.number(), source);
  const SocketAddress from = to_socket_address(source, family);
  set(socket.number(), SOL_IP, IP_BIND_ADDRESS_NO_PORT, 1);
  ::bind(socket.number(), from.get(), from.size);
  const SocketAddress target = to_socket_address(peer, family);
  const bool begun = ::connect(socket.number(), target.get(), target.size) == 0 || errno == EINPROGRESS;
  return begun ? std::move(socket) : FileDescriptor();
}

void NodeStreams::open(StreamId id, Address to) {
  PEERBED_CONTRACT(id.value % 2 == 1 && !streams_.contains(id), "a node opens streams with odd ids of its own");
  ++resources_.counters.streams_opened;
  const auto peer = to ? Endpoint::of(to) : std::nullopt;
  FileDescriptor socket = peer ? connect_to(*peer) : FileDescriptor();
  if (socket) return add(id, *peer, std::move(socket), true);
  resources_.loop.post([this, life = life_, id, to] {
    if (life != life_) return;
    ++resources_.counters.streams_reset;
    tell_({.stream = id, .kind = StreamEventKind::reset, .peer = to, .bytes = {}, .range = {}});
  });
}

std::unique_ptr<StreamSeal> NodeStreams::seal_for(const Endpoint& remote, bool opens) const {
  if (!resources_.key) return nullptr;
  return opens ? std::make_unique<StreamSeal>(resources_.key, StreamSeal::Role::opener, remote)
               : std::make_unique<StreamSeal>(resources_.key, StreamSeal::Role::accepter, known_as_);
}

void NodeStreams::add(StreamId id, const Endpoint& remote, FileDescriptor socket, bool connecting) {
  const int number = socket.number();
  set(number, IPPROTO_TCP, TCP_NODELAY, 1);
  set(number, IPPROTO_TCP, TCP_USER_TIMEOUT,
      static_cast<int>(std::chrono::duration_cast<std::chrono::milliseconds>(options_.user_timeout).count()));
  set(number, IPPROTO_TCP, TCP_NOTSENT_LOWAT, static_cast<int>(options_.unsent_limit));
  set(number, SOL_SOCKET, SO_KEEPALIVE, 1);
  set(number, IPPROTO_TCP, TCP_KEEPIDLE, seconds_of(options_.keep_alive));
  set(number, IPPROTO_TCP, TCP_KEEPINTVL, seconds_of(options_.keep_alive / 3));
  set(number, IPPROTO_TCP, TCP_KEEPCNT, 3);
  streams_.emplace(id, std::make_unique<Connection>(*this, id, remote, std::move(socket), connecting));
  resources_.quotas.add_stream(remote);
  touch(id);
  if (looking_after_) return;
  looking_after_ = true;
  resources_.loop.after(watch_period, [this] { look_after_all(); });
}

void NodeStreams::remove(Table::iterator found) {
  Connection& connection = *found->second;
  resources_.quotas.change_memory(connection.remote, connection.memory, 0);
  resources_.quotas.remove_stream(connection.remote);
  streams_.erase(found);
}

void NodeStreams::break_off(Connection& connection, std::uint64_t& counter, std::optional<Warning> warning) {
  ++counter;
  connection.stream.abort();
  connection.stream.fail();
  if (warning) resources_.warn(node_, *warning);
}

// Updates the accounts of what moved and what waits.
void NodeStreams::account(Connection& connection) {
  const Stream& stream = connection.stream;
  resources_.counters.stream_bytes_sent += stream.sent() - connection.sent;
  resources_.counters.stream_bytes_received += stream.received() - connection.received;
  connection.sent = stream.sent();
  connection.received = stream.received();
  const std::size_t before = std::exchange(connection.memory, stream.memory());
  if (before == connection.memory || resources_.quotas.change_memory(connection.remote, before, connection.memory))
    return;
  break_off(connection, resources_.counters.reset_memory, Warning::memory_of_remote);
}

// ---------------------------------------------------------------------------------------------------------------------
// Requests from the node

void NodeStreams::apply(const Effect& effect, Bytes bytes) {
  if (effect.kind == EffectKind::open_stream) return open(effect.stream, Address{effect.argument});
  const auto found = streams_.find(effect.stream);
  if (found == streams_.end() || !found->second->stream.is_live()) return;
  Connection& connection = *found->second;
  Stream& stream = connection.stream;
  switch (effect.kind) {
    case EffectKind::write_stream:
      PEERBED_CONTRACT(bytes.size() <= maximum_stream_request, "a write to a stream is bounded");
      if (!bytes.empty() && !stream.write(bytes))
        break_off(connection, resources_.counters.reset_backlog, Warning::backlog);
      break;
    case EffectKind::send_content:
      send_content(stream, bytes);
      break;
    case EffectKind::receive_bytes:
      stream.receive({.size = effect.argument});
      break;
    case EffectKind::receive_content:
      receive_content(stream, bytes);
      break;
    case EffectKind::close_stream:
      stream.close();
      break;
    default:
      stream.abort();
      return remove(found);
  }
  account(connection);
  touch(effect.stream);
}

void NodeStreams::send_content(Stream& stream, Bytes bytes) {
  const ContentRange range = range_in(bytes);
  if (range.size == 0) return;
  RangeInFile source = content_.file_with(range);
  if (source.file != nullptr) return stream.send(range, std::move(source.file), source.offset);
  stream.abort();
  stream.fail();
}

void NodeStreams::receive_content(Stream& stream, Bytes bytes) {
  const ContentRange range = range_in(bytes);
  StreamRequest request{.size = range.size, .to_content = true, .range = range, .file = content_.file_for(range)};
  if (request.file == nullptr) request.error = errno != 0 ? errno : EIO;
  stream.receive(std::move(request));
}

// ---------------------------------------------------------------------------------------------------------------------
// Events for the node

// Streams that a handler touched are served once the handler's effects are done.
void NodeStreams::touch(StreamId id) {
  touched_.push_back(id);
  if (serving_) return;
  serving_ = true;
  resources_.loop.post([this] { serve_touched(); });
}

// The kernel does not report the last acknowledgement, so ask again later.
void NodeStreams::touch_later(StreamId id) {
  resources_.loop.after(acknowledgement_period, [this, life = life_, id] {
    if (life == life_) touch(id);
  });
}

// Wakes the stream at `when`: the traffic shaper holds it back until then.
void NodeStreams::wake_at(Connection& connection, Time when) {
  const Time now = resources_.now();
  if (connection.woken_at > now && connection.woken_at <= when) return;
  connection.woken_at = when;
  resources_.loop.after(when - now, [this, life = life_, id = connection.stream.id()] {
    if (life == life_) serve(id);
  });
}

StreamPath NodeStreams::path_to(const Endpoint& peer) const {
  if (resources_.shaper == nullptr) return {};
  return resources_.shaper->path(node_, peer.address(), resources_.now());
}

void NodeStreams::serve_touched() {
  serving_ = false;
  std::vector<StreamId> touched;
  touched.swap(touched_);
  std::sort(touched.begin(), touched.end());
  touched.erase(std::unique(touched.begin(), touched.end()), touched.end());
  for (const StreamId id : touched) serve(id);
}

void NodeStreams::count(StreamEventKind kind, const Stream& stream) {
  HostCounters& counters = resources_.counters;
  if (kind == StreamEventKind::accepted) ++counters.streams_accepted;
  if (kind == StreamEventKind::closed) ++counters.streams_closed;
  if (kind != StreamEventKind::reset) return;
  if (stream.is_known()) ++counters.streams_reset;
  if (!stream.is_tampered_with()) return;
  ++counters.reset_unauthentic;
  resources_.warn(node_, Warning::unauthentic_stream);
}

void NodeStreams::serve(StreamId id) {
  StreamEvent event;
  StreamRequest answered;
  for (int turn = 0; turn < turns_at_once; ++turn) {
    auto found = streams_.find(id);
    if (found == streams_.end()) return;
    found->second->stream.advance(resources_.now(), resources_.splice_buffer);
    bool told = false;
    while (found != streams_.end() && found->second->stream.next_event(event, answered)) {
      told = true;
      const bool is_over = event.kind == StreamEventKind::closed || event.kind == StreamEventKind::reset;
      account(*found->second);
      const bool is_known = found->second->stream.is_known();
      count(event.kind, found->second->stream);
      const std::string problem = answered.error != 0 ? content_.problem_of(answered.error) : std::string();
      if (event.kind == StreamEventKind::content_lost) event.bytes = std::as_bytes(std::span(problem));
      if (is_over) remove(found);
      if (is_known) tell_(event);
      found = streams_.find(id);
    }
    if (found == streams_.end()) return;
    Stream& stream = found->second->stream;
    account(*found->second);
    if (told || !stream.has_rested() || !stream.is_live()) continue;
    stream.await();
    if (const auto until = stream.held_until()) wake_at(*found->second, *until);
    if (stream.awaits_acknowledgement()) touch_later(id);
    return;
  }
  touch(id);
}

// ---------------------------------------------------------------------------------------------------------------------
// Timeouts

// Resets a stream that has exceeded a timeout.
void NodeStreams::end_if_overdue(Connection& connection, Time now) {
  const Stream& stream = connection.stream;
  HostCounters& counters = resources_.counters;
  const auto past = [now](Time since, Duration limit) { return limit > Duration{0} && now - since >= limit; };
  const bool was_accepted = stream.id().value % 2 == 0;
  const bool has_moved = stream.sent() + stream.received() > 0;
  const bool is_beginning = stream.state() == Stream::State::connecting || stream.state() == Stream::State::greeting;
  if (is_beginning && past(stream.since(), options_.connect_timeout)) {
    break_off(connection, counters.reset_connecting, std::nullopt);
  } else if (was_accepted && !has_moved && past(stream.since(), options_.silence_timeout)) {
    break_off(connection, counters.reset_silent, Warning::silent_stream);
  } else if (past(stream.last_moved(), options_.idle_timeout)) {
    break_off(connection, counters.reset_idle, Warning::idle_stream);
  } else if (const auto begun = stream.request_begun();
             begun && past(*begun, options_.request_timeout + std::chrono::seconds(stream.request_size() / 1024))) {
    break_off(connection, counters.reset_slow, Warning::slow_stream);
  }
}

// Looks for streams that have exceeded a timeout, and for idle ones whose peer is gone.
void NodeStreams::look_after_all() {
  looking_after_ = false;
  const Time now = resources_.now();
  std::vector<pollfd> sockets;
  std::vector<StreamId> ids;
  for (const auto& [id, connection] : streams_) {
    Stream& stream = connection->stream;
    if (stream.is_live()) end_if_overdue(*connection, now);
    sockets.push_back({stream.descriptor(), 0, 0});
    ids.push_back(id);
  }
  if (!sockets.empty()) ::poll(sockets.data(), sockets.size(), 0);
  for (std::size_t i = 0; i < ids.size(); ++i) {
    const auto found = streams_.find(ids[i]);
    if (found == streams_.end()) continue;
    Stream& stream = found->second->stream;
    if ((sockets[i].revents & POLLERR) != 0) stream.fail();
    if (!stream.is_live()) serve(ids[i]);
  }
  if (streams_.empty() || looking_after_) return;
  looking_after_ = true;
  resources_.loop.after(watch_period, [this] { look_after_all(); });
}

}  // namespace peerbed::adapter
