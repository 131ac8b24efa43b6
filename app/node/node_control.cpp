#include "app/node/node_control.h"

#include <sys/socket.h>
#include <sys/stat.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <nlohmann/json.hpp>
#include <stdexcept>
#include <system_error>
#include <vector>

#include "analysis/results/json_document.h"
#include "app/node/unix_socket.h"

namespace peerbed::app {
namespace {

using analysis::Json;
using analysis::json_line;

constexpr std::uint64_t listener = 0;

[[noreturn]] void fail(const std::filesystem::path& path) {
  const bool is_taken = errno == EADDRINUSE;
  throw std::runtime_error("--control " + path.string() + ": " +
                           (is_taken
                                ? "another node listens there, or something else stands there; take another path"
                                : std::generic_category().message(errno) + "; take a path in a folder of your own"));
}

adapter::FileDescriptor unix_socket() {
  return adapter::FileDescriptor(::socket(AF_UNIX, SOCK_STREAM | SOCK_NONBLOCK | SOCK_CLOEXEC, 0));
}

// Whether the path is a socket that nobody listens on any more.
bool is_left_over(const std::filesystem::path& path, const sockaddr_un& address) {
  struct stat status {};
  if (::lstat(path.c_str(), &status) != 0 || !S_ISSOCK(status.st_mode)) return false;
  const adapter::FileDescriptor probe = unix_socket();
  return ::connect(probe.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 &&
         errno == ECONNREFUSED;
}

void watch(int poll, int how, std::uint32_t events, int descriptor, std::uint64_t number) {
  epoll_event event{.events = events, .data = {.u64 = number}};
  ::epoll_ctl(poll, how, descriptor, &event);
}

Json error_of(std::string_view code, std::string_view sentence) {
  return {{"event", "error"}, {"code", code}, {"error", sentence}};
}

}  // namespace

NodeControl::NodeControl(adapter::Host& host, std::filesystem::path path, std::function<void(const Request&)> handle)
    : path_(std::move(path)),
      handle_(std::move(handle)),
      socket_(unix_socket()),
      poll_(::epoll_create1(EPOLL_CLOEXEC)) {
  if (!socket_ || !poll_) fail(path_);
  listen();
  watch(poll_.number(), EPOLL_CTL_ADD, EPOLLIN, socket_.number(), listener);
  host.watch(poll_.number(), [this] { handle_ready(); });
}

NodeControl::~NodeControl() {
  struct stat status {};
  const bool is_ours = ::lstat(path_.c_str(), &status) == 0 && status.st_dev == made_.st_dev &&
                       status.st_ino == made_.st_ino && status.st_mtim.tv_sec == made_.st_mtim.tv_sec &&
                       status.st_mtim.tv_nsec == made_.st_mtim.tv_nsec;
  if (is_ours) ::unlink(path_.c_str());
}

// The socket gets its mode before it gets its name, so that nobody else can connect in between. The queue is long
// because a full one fails a non-blocking client with EAGAIN, while a busy node accepts every client and tells it why
// it may not stay.
void NodeControl::listen() {
  const sockaddr_un address = unix_address(path_);
  if (is_left_over(path_, address)) ::unlink(path_.c_str());
  if (::fchmod(socket_.number(), 0600) != 0 ||
      ::bind(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0 ||
      ::listen(socket_.number(), SOMAXCONN) != 0)
    fail(path_);
  ::lstat(path_.c_str(), &made_);
}

void NodeControl::handle_ready() {
  std::array<epoll_event, maximum_clients + 1> events;
  const int count = ::epoll_wait(poll_.number(), events.data(), static_cast<int>(events.size()), 0);
  for (int i = 0; i < count; ++i) {
    const std::uint64_t number = events[static_cast<std::size_t>(i)].data.u64;
    if (number == listener) {
      accept();
      continue;
    }
    if ((events[static_cast<std::size_t>(i)].events & EPOLLOUT) != 0) flush(number);
    if ((events[static_cast<std::size_t>(i)].events & ~EPOLLOUT) != 0) read(number);
  }
}

void NodeControl::accept() {
  adapter::FileDescriptor socket(::accept4(socket_.number(), nullptr, nullptr, SOCK_NONBLOCK | SOCK_CLOEXEC));
  if (!socket) return;
  if (clients_.size() == maximum_clients) {
    const std::string refusal = json_line(error_of("too-many-clients", std::to_string(maximum_clients) +
                                                                           " programs are connected, and no more are "
                                                                           "taken; end one of them")) +
                                "\n";
    ::send(socket.number(), refusal.data(), refusal.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
    return;
  }
  const std::uint64_t number = ++last_client_;
  watch(poll_.number(), EPOLL_CTL_ADD, EPOLLIN, socket.number(), number);
  clients_.emplace(number, Client{std::move(socket)});
}

void NodeControl::read(std::uint64_t number) {
  const auto found = clients_.find(number);
  if (found == clients_.end()) return;
  std::array<char, 4096> bytes;
  const ssize_t count = ::read(found->second.socket.number(), bytes.data(), bytes.size());
  if (count < 0 && (errno == EINTR || errno == EAGAIN)) return;
  if (count < 0 || found->second.has_ended) return static_cast<void>(clients_.erase(found));
  found->second.received.append(bytes.data(), static_cast<std::size_t>(count));
  if (count == 0) return note_end(number);
  handle_lines(number);
}

// The client will send nothing more; its last line may lack a newline.
void NodeControl::note_end(std::uint64_t number) {
  Client& client = clients_.at(number);
  client.has_ended = true;
  client.received += '\n';
  watch(poll_.number(), EPOLL_CTL_MOD, client.is_waiting ? EPOLLOUT : 0U, client.socket.number(), number);
  handle_lines(number);
  flush(number);
}

void NodeControl::handle_lines(std::uint64_t number) {
  std::string& received = clients_.at(number).received;
  std::vector<std::string> lines;
  for (std::size_t end = received.find('\n'); end != std::string::npos; end = received.find('\n')) {
    lines.push_back(received.substr(0, end));
    received.erase(0, end + 1);
  }
  if (received.size() > longest_request) {
    refuse({number, {}, {}}, "bad-request", "a request has at most " + std::to_string(longest_request) + " bytes");
    clients_.erase(number);
  }
  for (const std::string& line : lines) handle_line(number, line);
}

void NodeControl::handle_line(std::uint64_t number, const std::string& line) {
  if (line.find_first_not_of(" \t\r") == std::string::npos) return;
  const Json request = Json::parse(line, nullptr, false);
  const std::string id = request.is_object() && request.contains("id") ? json_line(request["id"]) : std::string();
  if (!request.is_object() || !request.contains("command") || !request["command"].is_string())
    return refuse({number, id, {}}, "bad-request", R"(write a request as {"id": 1, "command": "status"})");
  for (const auto& [key, value] : request.items())
    if (key != "id" && key != "command")
      return refuse({number, id, {}}, "bad-request", "a request has an id and a command, and no " + key);
  if (const auto client = clients_.find(number); client != clients_.end()) ++client->second.asked;
  handle_({number, id, request["command"].get<std::string>(), true});
}

void NodeControl::refuse(const Request& request, std::string_view code, std::string_view sentence) {
  end(request, error_of(code, sentence));
}

void NodeControl::tell(std::string_view event) {
  std::vector<std::uint64_t> numbers;
  for (const auto& [number, client] : clients_) numbers.push_back(number);
  for (const std::uint64_t number : numbers) send(number, event);
}

void NodeControl::answer(const Request& request, bool failed) { end(request, {{"event", "done"}, {"ok", !failed}}); }

void NodeControl::end(const Request& request, Json answer) {
  if (!request.id.empty()) answer["id"] = Json::parse(request.id);
  const auto client = clients_.find(request.client);
  if (client == clients_.end()) return;
  if (request.is_open) --client->second.asked;
  send(request.client, json_line(answer));
}

void NodeControl::send(std::uint64_t number, std::string_view line) {
  const auto found = clients_.find(number);
  if (found == clients_.end()) return;
  found->second.waiting.append(line).append("\n");
  flush(number);
}

void NodeControl::flush(std::uint64_t number) {
  const auto found = clients_.find(number);
  if (found == clients_.end()) return;
  Client& client = found->second;
  const ssize_t sent = client.waiting.empty() ? 0
                                              : ::send(client.socket.number(), client.waiting.data(),
                                                       client.waiting.size(), MSG_NOSIGNAL | MSG_DONTWAIT);
  if (sent > 0) client.waiting.erase(0, static_cast<std::size_t>(sent));
  const bool has_failed = sent < 0 && errno != EAGAIN && errno != EINTR;
  const bool is_served = client.has_ended && client.asked == 0 && client.waiting.empty();
  if (has_failed || is_served || client.waiting.size() > longest_backlog)
    return static_cast<void>(clients_.erase(found));
  if (client.is_waiting == !client.waiting.empty()) return;
  client.is_waiting = !client.waiting.empty();
  const std::uint32_t events = (client.has_ended ? 0U : EPOLLIN) | (client.is_waiting ? EPOLLOUT : 0U);
  watch(poll_.number(), EPOLL_CTL_MOD, events, client.socket.number(), number);
}

}  // namespace peerbed::app
