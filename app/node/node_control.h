#pragma once
// The control socket of a real node: a Unix stream socket on which programs of the same user send commands and receive
// all events, one JSON object per line (docs/control.md).

#include <sys/epoll.h>
#include <sys/stat.h>

#include <cstdint>
#include <filesystem>
#include <functional>
#include <map>
#include <string>
#include <string_view>

#include "adapter/base/file_descriptor.h"
#include "adapter/host.h"
#include "analysis/results/json_document.h"

namespace peerbed::app {

class NodeControl {
 public:
  static constexpr std::size_t maximum_clients = 16;               // further clients are told so and closed
  static constexpr std::size_t longest_request = 64 * 1024;        // bytes of a line
  static constexpr std::size_t maximum_requests = 64;              // unanswered, of all clients
  static constexpr std::size_t longest_backlog = 4 * 1024 * 1024;  // unread bytes, above which a client is dropped

  struct Request {
    std::uint64_t client = 0;
    std::string id;  // as JSON; empty if the client gave none
    std::string command;
    bool is_open = false;  // its client waits for an answer
  };

  // Listens at `path`, replacing a socket that no node serves. Calls `handle` with each request, in the loop's thread.
  // Throws std::system_error if it cannot listen there.
  NodeControl(adapter::Host& host, std::filesystem::path path, std::function<void(const Request&)> handle);
  ~NodeControl();
  NodeControl(const NodeControl&) = delete;
  NodeControl& operator=(const NodeControl&) = delete;

  bool has_client(std::uint64_t number) const { return clients_.contains(number); }
  bool has_clients() const noexcept { return !clients_.empty(); }
  // Sends an event to all clients: a JSON object, without its newline.
  void tell(std::string_view event);
  // Answers a request: everything that it started is done, or it has failed.
  void answer(const Request& request, bool failed);
  void refuse(const Request& request, std::string_view code, std::string_view sentence);

 private:
  struct Client {
    adapter::FileDescriptor socket;
    std::string received{};   // an incomplete line
    std::string waiting{};    // to be sent
    bool is_waiting = false;  // until the socket accepts more
    bool has_ended = false;   // it sends nothing more, but still gets its answers
    std::size_t asked = 0;    // requests not answered yet
  };

  void listen();
  void handle_ready();
  void accept();
  void read(std::uint64_t number);
  void handle_lines(std::uint64_t number);
  void note_end(std::uint64_t number);
  void handle_line(std::uint64_t number, const std::string& line);
  void send(std::uint64_t number, std::string_view line);
  void flush(std::uint64_t number);
  void end(const Request& request, analysis::Json answer);

  std::filesystem::path path_;
  std::function<void(const Request&)> handle_;
  adapter::FileDescriptor socket_;
  struct stat made_ {};  // its file, as created
  adapter::FileDescriptor poll_;
  std::map<std::uint64_t, Client> clients_;
  std::uint64_t last_client_ = 0;  // 0 is the listening socket
};

}  // namespace peerbed::app
