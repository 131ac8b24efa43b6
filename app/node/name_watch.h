#pragma once
// Looks up other nodes' names again while those nodes are silent, so that a tracker that moved to another address is
// found.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "adapter/host.h"

namespace peerbed::app {

class NameWatch {
 public:
  // Called in the loop's thread with the name's current endpoints, as the machine's resolver knows them.
  using Found = std::function<void(const std::string& name, const std::vector<adapter::Endpoint>& endpoints)>;

  // The host outlives this.
  NameWatch(adapter::Host& host, Found found);
  ~NameWatch();
  NameWatch(const NameWatch&) = delete;
  NameWatch& operator=(const NameWatch&) = delete;

  // `name`: as an option gave it, "tracker.example:4000". A lookup runs in its own thread, at most one per name; the
  // next one starts 5 s after the last answer, and the pause grows to 60 s.
  void look_up(const std::string& name);
  // The node was heard: the next silence starts with a short pause again.
  void forget(const std::string& name);

 private:
  struct Lookup {
    bool is_running = false;
    Duration pause = std::chrono::seconds(5);
    Time next = time_zero;
  };
  struct Home;
  void take(const std::string& name, const std::vector<adapter::Endpoint>& endpoints);

  adapter::Host& host_;
  Found found_;
  std::map<std::string, Lookup> lookups_;
  std::shared_ptr<Home> home_;  // where a lookup reports, if it still exists
};

}  // namespace peerbed::app
