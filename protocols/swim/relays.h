#pragma once
// What a member does as a proxy: it pings somebody for somebody else, passes the answer on, and says so when none comes
// in time.

#include <cstdint>
#include <optional>
#include <tuple>
#include <vector>

#include "protocols/environment/time.h"
#include "protocols/swim/suspicions.h"

namespace peerbed::swim {

constexpr std::size_t maximum_relays = 256;  // then a request is ignored

struct Relay {
  Address asker{};
  Address target{};
  std::uint32_t asked = 0;   // the asker's number
  std::uint32_t number = 0;  // of the ping to the target
  Time due{};                // then the asker is told that there is no answer, and later forgotten
  bool is_told = false;

  auto fields() const { return std::tie(asker, target, asked, number, due, is_told); }
};

class Relays {
 public:
  // False if there is no room.
  bool add(const Relay& relay);
  // The relay that this answers, which is then settled.
  std::optional<Relay> take_answered(std::uint32_t number, Address from) noexcept;
  // The first whose time has come; it is settled if the asker was told before.
  std::optional<Relay> take_due(Time now, Duration patience) noexcept;
  Time earliest_due() const noexcept;

  auto fields() const { return std::tie(all_); }

 private:
  std::vector<Relay> all_;
};

}  // namespace peerbed::swim
