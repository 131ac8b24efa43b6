#pragma once
// Decides whose datagrams reach a node. An unvalidated peer must first show that it receives what is sent to its
// address; meanwhile its datagrams wait. So a forged sender address draws no reply from the node. With a cluster key,
// every datagram is sealed and accepted once, and a peer is unvalidated until its session is known here. Only a live
// peer can answer a challenge, so neither a restart nor a table that forgets makes recorded datagrams acceptable.

#include <array>
#include <cstdint>
#include <deque>
#include <initializer_list>
#include <optional>
#include <vector>

#include "adapter/base/host_counters.h"
#include "adapter/base/warnings.h"
#include "adapter/crypto/datagram_seal.h"
#include "adapter/datagrams/recent_table.h"
#include "adapter/datagrams/replay_window.h"
#include "protocols/environment/address.h"
#include "protocols/environment/random.h"

namespace peerbed::adapter {

class AddressValidator {
 public:
  static constexpr std::size_t maximum_known = 131'072;  // peers; the one silent for longest has to be validated again
  static constexpr std::size_t maximum_waiting = 256;    // datagrams of unvalidated peers
  static constexpr std::size_t maximum_waiting_of_one = 4;

  class Owner {
   public:
    virtual ~Owner() = default;
    virtual void transmit(Address to, Bytes datagram) = 0;
    // Sends to a peer that is not validated yet and so has no address for nodes.
    virtual void transmit_to_unvalidated(const Endpoint& to, Bytes datagram) = 0;
    // Delivers to the node, which may send in return.
    virtual void deliver(const Endpoint& from, Bytes payload) = 0;
    virtual void warn(Warning warning) = 0;
  };

  // Without a key, and with challenges off, everything passes.
  AddressValidator(Owner& owner, HostCounters& counters, bool is_on, std::optional<DatagramSeal> seal,
                   std::size_t known = maximum_known);

  // The size of the longest valid datagram.
  std::size_t maximum_size() const noexcept { return seal_ ? DatagramSeal::maximum_size : maximum_datagram_size; }
  void send(Address to, Bytes payload);
  void arrive(const Endpoint& from, Bytes datagram);

 private:
  // Without a key, an endpoint; with a key, a session.
  struct Sender {
    std::array<std::uint64_t, 2> value{};
    std::uint16_t port = 0;
    friend bool operator==(const Sender&, const Sender&) = default;
  };
  struct HashOfSender {
    std::size_t operator()(const Sender& sender) const noexcept {
      return static_cast<std::size_t>(key_of(sender.port, sender.value[0], sender.value[1]));
    }
  };
  static Sender sender_at(const Endpoint& endpoint) noexcept;
  struct Arrival {
    Endpoint from;
    Sender sender;
    std::uint64_t number = 0;
    Bytes payload;
  };
  struct Waiting {
    Endpoint from;
    Sender sender;
    std::uint64_t number = 0;
    std::vector<std::byte> payload;
  };
  // A value that only its receiver can repeat; 0 for none.
  using Cookie = std::uint64_t;

  void handle(DatagramType type, const Arrival& arrival);
  void let_wait(const Arrival& arrival);
  void handle_answer(const Arrival& arrival, bool is_known);
  void hear_waiting(const Sender& sender);
  Cookie cookie_for(const Arrival& arrival) const noexcept;
  void send_validation(DatagramType type, const Endpoint& to, std::initializer_list<Cookie> cookies);

  Owner& owner_;
  HostCounters& counters_;
  bool is_on_;
  std::optional<DatagramSeal> seal_;
  std::array<unsigned char, 16> secret_{};  // keys the cookies
  RecentTable<Sender, ReplayWindow, HashOfSender> known_;
  std::deque<Waiting> waiting_;
};

}  // namespace peerbed::adapter
