#pragma once
// Looks up the names of other nodes again while those nodes are silent, so that a tracker that moved to another address
// is found there.

#include <functional>
#include <map>
#include <memory>
#include <string>

#include "adapter/host.h"

namespace peerbed::app {

class NameWatch {
 public:
  // In the loop's thread: where the name is now, out of what the machine's resolver says.
  using Found = std::function<void(const std::string& name, const std::vector<adapter::Endpoint>& endpoints)>;

  // The host outlives this.
  NameWatch(adapter::Host& host, Found found);
  ~NameWatch();
  NameWatch(const NameWatch&) = delete;
  NameWatch& operator=(const NameWatch&) = delete;

  // `name`: as an option gave it, "tracker.example:4000". A lookup runs beside the loop, at most one for each name; the
  // next one begins 5 s after the last answer, and later each time until 60 s lie between.
  void look_up(const std::string& name);
  // Somebody answers there: the next silence begins with a short pause again.
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
  std::shared_ptr<Home> home_;  // to which a lookup reports, if it is still there
};

}  // namespace peerbed::app
