#pragma once
// A read-only HTTP port on 127.0.0.1 for monitors. It has its own thread, so a slow reader never holds up the node;
// what it shows is collected in the host's loop. It serves at most 16 connections at a time, for 10 seconds each.

#include <cstdint>
#include <functional>
#include <memory>
#include <optional>
#include <string>
#include <string_view>

#include "adapter/host.h"

namespace peerbed::app {

struct StatusPage {
  std::string type;  // HTTP content type
  std::string text;
};

class NodeStatusServer {
 public:
  // Returns the page at a path, or nothing; called in the host's loop.
  using Pages = std::function<std::optional<StatusPage>(std::string_view path)>;

  // With port 0 the kernel chooses one. Throws std::system_error if the port is unavailable. The host must not be
  // running when this object is destroyed, nor run afterwards.
  NodeStatusServer(adapter::Host& host, std::uint16_t port, Pages pages);
  ~NodeStatusServer();
  NodeStatusServer(const NodeStatusServer&) = delete;
  NodeStatusServer& operator=(const NodeStatusServer&) = delete;

  std::uint16_t port() const noexcept;

 private:
  class Connection;
  struct Implementation;

  std::unique_ptr<Implementation> implementation_;
};

}  // namespace peerbed::app
