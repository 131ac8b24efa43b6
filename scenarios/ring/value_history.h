#pragma once
// The history of acknowledged puts and of what later gets returned. Checks that each get returned what a regular
// register may return under concurrent reads and writes (Lamport 1986).

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/environment/trace.h"
#include "protocols/ring/base/key.h"
#include "protocols/ring/base/trace.h"

namespace peerbed::scenarios {

constexpr std::size_t maximum_operations_watched = 1'000'000;  // puts and gets; later ones are not

// A get that began after a put was acknowledged returns the value of that put or of one that was not over before that
// put began. A put that was never acknowledged may take effect at any time. A remove puts nothing, and so does a put
// whose value has expired.
class ValueHistory {
 public:
  // What nodes trace.
  void note(Time now, ring::TraceEvent event, const TraceValues& values);

  // Gets that returned something else, of those that ended since the last reset.
  std::uint64_t wrong_gets() const noexcept { return wrong_; }
  const std::string& first_wrong() const noexcept { return first_wrong_; }
  void forget_wrong_gets() noexcept { wrong_ = 0; }

 private:
  struct Put {
    ring::Key key;
    Time acknowledged = Time::max();
    Time begun{};
    std::optional<Duration> lifetime;  // none: for ever; 0: it is a remove
  };
  struct Get {
    Time begun{};
    Time settled = Time::min();  // when the latest put began of those that were acknowledged before the get began
  };
  struct Register {
    Time settled = Time::min();          // the same at this time
    std::vector<std::uint64_t> passing;  // its removes, and its puts of values that expire
  };

  void begin_put(Time now, const TraceValues& values);
  void acknowledge(Time now, std::uint64_t operation);
  void end_get(Time now, std::uint64_t operation, ring::Key key, std::uint64_t put, bool is_here);
  std::string flaw_of_value(const Get& get, ring::Key key, std::uint64_t put) const;
  std::string flaw_of_absence(Time now, const Get& get, ring::Key key) const;

  std::map<std::uint64_t, Put> puts_;
  std::map<std::uint64_t, Get> gets_;
  std::map<ring::Key, Register> registers_;
  std::uint64_t wrong_ = 0;
  bool is_complete_ = true;  // nothing was passed over for want of room
  std::string first_wrong_;
};

}  // namespace peerbed::scenarios
