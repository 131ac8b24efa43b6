#pragma once
// A peer of the swarm as a check explores it: it starts with the list of all other peers, as a tracker gives it, and
// with its commands. What peers and trackers say to one another is checked apart.

#include <array>
#include <chrono>
#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <utility>
#include <vector>

#include "protocols/environment/timer_type.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/wire/frame.h"
#include "protocols/swarm/wire/tracker_messages.h"

namespace peerbed::scenarios {

class CheckedPeer {
 public:
  static constexpr std::size_t timer_count = swarm::Peer::timer_count;
  // Messages and what comes on streams outpace all timers of a peer.
  static constexpr std::array<TimerType, timer_count> timers{{{"tracker", TimerUse::patience},
                                                              {"pulse", TimerUse::patience},
                                                              {"choke", TimerUse::patience},
                                                              {"slot", TimerUse::patience},
                                                              {"have", TimerUse::patience},
                                                              {"upload", TimerUse::patience},
                                                              {"download", TimerUse::patience}}};
  static constexpr std::span<const TraceEventType> trace_events = swarm::Peer::trace_events;
  static constexpr std::span<const std::string_view> message_kinds = swarm::Peer::message_kinds;

  struct Beginning {
    std::vector<Address> peers;       // all
    std::vector<std::string> added;   // files that it offers
    std::vector<std::string> wanted;  // and those that it fetches, by their names
  };
  // Where its tracker would be.
  static constexpr Address tracker = Address::ipv4(0x0AFF'FFFE, 4000);

  CheckedPeer(const swarm::SharedOptions& options, Beginning beginning)
      : beginning_(std::make_shared<const Beginning>(std::move(beginning))),
        peer_(swarm::Peer::make(options, std::span(&tracker, 1))) {}

  void on_start(Environment& environment, Start start) {
    peer_.on_start(environment, start);
    swarm::ListPage page{.version = {1, beginning_->peers.size()}, .last = true};
    for (const Address peer : beginning_->peers) page.peers.add(peer);
    std::byte buffer[maximum_datagram_size];
    Writer writer(buffer);
    page.encode(writer);
    peer_.on_datagram(environment, tracker, writer.written());
    environment.cancel_timer(swarm::tracker_timer);
    for (const std::string& name : beginning_->added) peer_.on_command(environment, "ADD " + name);
    for (const std::string& name : beginning_->wanted) peer_.on_command(environment, "DOWN " + name);
  }
  void on_datagram(Environment& environment, Address from, Bytes payload) {
    peer_.on_datagram(environment, from, payload);
  }
  void on_timer(Environment& environment, TimerId timer) { peer_.on_timer(environment, timer); }
  void on_command(Environment& environment, std::string_view line) { peer_.on_command(environment, line); }
  void on_leave(Environment& environment) { peer_.on_leave(environment); }
  void on_content(Environment& environment, const ContentReady& ready) { peer_.on_content(environment, ready); }
  void on_stream(Environment& environment, const StreamEvent& event) { peer_.on_stream(environment, event); }

  const swarm::Peer& peer() const noexcept { return peer_; }
  const std::vector<std::string>& wanted() const noexcept { return beginning_->wanted; }
  auto fields() const { return std::tie(peer_); }

  // What comes on a stream, by the name of its frame.
  static std::string stream_words(Bytes bytes) {
    if (bytes.size() == swarm::hello_size && swarm::decode_hello(bytes)) return "who it is";
    const auto frame = bytes.size() == swarm::frame_size ? swarm::decode_frame(bytes) : std::nullopt;
    if (!frame) return {};
    constexpr std::array names{"",        "hello",          "pieces",     "have",    "interested", "not interested",
                               "unchoke", "choke",          "choke seen", "request", "cancel",     "block",
                               "reject",  "manifest query", "manifest",   "suggest", "goodbye"};
    static_assert(names.size() == static_cast<std::size_t>(swarm::FrameKind::last) + 1);
    std::string words = names[static_cast<std::size_t>(frame->kind)];
    const bool is_of_piece = frame->kind == swarm::FrameKind::request || frame->kind == swarm::FrameKind::block ||
                             frame->kind == swarm::FrameKind::reject || frame->kind == swarm::FrameKind::cancel;
    if (is_of_piece) words += " of piece " + std::to_string(frame->piece);
    return words;
  }

 private:
  std::shared_ptr<const Beginning> beginning_;
  swarm::Peer peer_;
};

}  // namespace peerbed::scenarios
