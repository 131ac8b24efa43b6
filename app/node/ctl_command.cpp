// `peerbed ctl`: sends a command to a running node through its control socket, and shows the node's output meanwhile.

#include <sys/socket.h>
#include <unistd.h>

#include <array>
#include <cerrno>
#include <iostream>
#include <nlohmann/json.hpp>
#include <optional>
#include <system_error>

#include "adapter/base/file_descriptor.h"
#include "analysis/results/json_document.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/node/unix_socket.h"

namespace peerbed::app {
namespace {

using analysis::Json;

// A node's socket, read line by line.
class Connection {
 public:
  explicit Connection(const std::string& path)
      : path_(path), socket_(::socket(AF_UNIX, SOCK_STREAM | SOCK_CLOEXEC, 0)) {
    const sockaddr_un address = unix_address(path);
    if (!socket_ || ::connect(socket_.number(), reinterpret_cast<const sockaddr*>(&address), sizeof address) != 0)
      throw std::runtime_error(path + ": no node listens there: " + std::generic_category().message(errno) +
                               "; start one with --control " + path);
  }

  void send(std::string line) {
    line += '\n';
    for (std::size_t sent = 0; sent < line.size();) {
      const ssize_t count = ::send(socket_.number(), line.data() + sent, line.size() - sent, MSG_NOSIGNAL);
      if (count < 0 && errno == EINTR) continue;
      if (count < 0) return;  // the node has closed it, and may have said why
      sent += static_cast<std::size_t>(count);
    }
  }

  // Nothing if the node has gone.
  std::optional<std::string> next() {
    while (true) {
      if (const std::size_t end = received_.find('\n'); end != std::string::npos) {
        std::string line = received_.substr(0, end);
        received_.erase(0, end + 1);
        return line;
      }
      std::array<char, 4096> bytes;
      const ssize_t count = ::read(socket_.number(), bytes.data(), bytes.size());
      if (count < 0 && errno == EINTR) continue;
      if (count <= 0) return std::nullopt;
      received_.append(bytes.data(), static_cast<std::size_t>(count));
    }
  }

 private:
  std::string path_;
  adapter::FileDescriptor socket_;
  std::string received_;
};

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

// Shows an event as the node's own terminal would.
void show(const Json& event) {
  const std::string what = event.value("event", "");
  if (what == "line" || what == "error" || what == "warning") {
    (what == "line" ? std::cout : std::cerr) << text_of(event.value(what, Json(""))) << std::endl;
  } else if (what == "answers") {
    std::cerr << text_of(event.value("who", Json(""))) << " answers" << std::endl;
  } else if (what == "status") {
    for (const auto& [key, value] : event.items())
      if (key != "ns" && key != "unix_ns" && key != "event") std::cout << key << ": " << text_of(value) << std::endl;
  } else if (what == "peers") {
    for (const Json& peer : event.value("peers", Json::array())) std::cout << text_of(peer) << std::endl;
  }
}

// Shows events until the request is answered. Returns whether it succeeded.
bool follow(Connection& connection, bool json, bool for_ever) {
  while (const auto line = connection.next()) {
    const Json event = Json::parse(*line, nullptr, false);
    if (!event.is_object()) continue;
    if (event.value("code", "") == "too-many-clients")
      throw std::runtime_error(text_of(event.value("error", Json(""))));
    if (json)
      std::cout << *line << std::endl;
    else
      show(event);
    if (for_ever || !event.contains("id")) continue;
    if (event.value("event", "") == "done") return event.value("ok", false);
    if (event.value("event", "") == "error") return false;
  }
  if (for_ever) return true;
  throw std::runtime_error("the node has gone before this was done");
}

int control(const Invocation&, const Arguments& arguments) {
  const auto& words = arguments.positional();
  const bool follows = arguments.has("follow");
  if (words.empty()) throw UsageError("missing the node's socket: peerbed ctl SOCKET COMMAND");
  if (words.size() == 1 && !follows)
    throw UsageError("missing a command for the node, such as: peerbed ctl " + words.front() + " status");
  if (words.size() > 1 && follows) throw UsageError("--follow takes no command");
  std::string command;
  for (std::size_t i = 1; i < words.size(); ++i) command += (i == 1 ? "" : " ") + words[i];
  Connection connection(words.front());
  if (!follows) connection.send(analysis::json_line(Json{{"id", 1}, {"command", command}}));
  return follow(connection, arguments.has("json"), follows) ? exit_good : exit_io;
}

}  // namespace

Command ctl_command() {
  return {
      .name = "ctl",
      .summary = "sends a command to a running node",
      .forms = {"SOCKET COMMAND", "SOCKET --follow"},
      .operand = "SOCKET",
      .description =
          "Sends a command to a node that was started with --control SOCKET and prints the node's output until the "
          "command has finished. Exits with 0 if it succeeded, otherwise with 3.",
      .details =
          "The commands are those of the node's prompt. Other programs can use the socket directly: both sides send "
          "one JSON object per line.",
      .options = {{"follow", nullptr, "print events until the node exits"},
                  {"json", nullptr, "print events as JSON, one object per line"}},
      .examples = {{"peerbed ctl /run/user/1000/peer.sock DOWN film.mkv", "fetch a file and wait for it"},
                   {"peerbed ctl /run/user/1000/peer.sock status", "show the node's state"}},
      .run = control,
      .own_words = 2,
  };
}

}  // namespace peerbed::app
