#pragma once
// A peer of the swarm: shares files with others, learns what they offer, and fetches a file from all that have it at
// once. It is a value that knows nothing of its host. All its state is bounded; docs/swarm.md states the limits and the
// guarantees. This class decides which of its parts takes an input, and what follows for the others from what it
// returns.

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/environment/node.h"
#include "protocols/environment/timer_type.h"
#include "protocols/swarm/base/options.h"
#include "protocols/swarm/base/trace.h"
#include "protocols/swarm/downloads.h"
#include "protocols/swarm/exchange/exchange.h"
#include "protocols/swarm/exchange/pulse.h"
#include "protocols/swarm/files/catalogue.h"
#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/trackers/tracker_sessions.h"
#include "protocols/swarm/wire/messages.h"

namespace peerbed::swarm {

class Peer {
 public:
  static constexpr std::size_t timer_count = 7;
  static constexpr std::array<TimerType, timer_count> timers{
      {{"tracker"}, {"pulse"}, {"choke"}, {"slot"}, {"have"}, {"upload"}, {"download"}}};
  static constexpr std::span<const TraceEventType> trace_events{trace_table};
  static constexpr std::span<const std::string_view> message_kinds{Messages::names};

  // A peer that enrols with all of the trackers (the first maximum_trackers of them).
  static Peer make(SharedOptions options, std::span<const Address> trackers);

  void on_start(Environment& environment, Start start);
  void on_datagram(Environment& environment, Address from, Bytes payload);
  void on_timer(Environment& environment, TimerId timer);
  void on_command(Environment& environment, std::string_view line);  // see docs/swarm.md
  void on_leave(Environment& environment);
  void on_content(Environment& environment, const ContentReady& ready);
  void on_stream(Environment& environment, const StreamEvent& event);
  void prefetch() const noexcept {
    exchange_.links().prefetch();
    if (!files_.empty()) __builtin_prefetch(files_.data());
  }
  void prefetch(StreamId stream) const noexcept { exchange_.links().prefetch(stream); }

  // Tells the peer that one of its trackers moved to another address. Returns false, and changes nothing, if it knows
  // that address as a tracker too.
  bool move_tracker(Environment& environment, Address from, Address to);

  // What checks and analyses may see.
  const Options& options() const noexcept { return *options_; }
  const PeerList& list() const noexcept { return trackers_.list(); }
  std::span<const SharedFile> files() const noexcept { return files_.all(); }
  const SharedFile* file(const Root& root) const noexcept;
  const SharedFile* file(std::string_view name) const noexcept;
  const LinkTable& links() const noexcept { return exchange_.links(); }
  bool is_surveying() const noexcept { return downloads_.is_surveying(); }  // GET is under way
  // What GET showed last, each as DOWN takes it.
  std::span<const std::string> shown_words() const noexcept { return downloads_.shown_words(); }
  // Whether the download with that number turned out to be a file that is here under another number.
  bool was_here(FileNumber number) const { return files_.was_twin(number); }
  // As a source of that file.
  bool has_banned(Address peer, const Root& root) const noexcept {
    return exchange_.ban_scores().has_banned(peer, root, options_->ban_after);
  }
  Time pulsed() const noexcept { return pulse_.last(); }  // when downloads were looked after last, by this host's clock
  std::uint64_t uploaded() const noexcept { return exchange_.uploads().uploaded(); }
  std::uint64_t downloaded() const noexcept { return exchange_.requester().downloaded(); }
  // The part of this state that another process may see (InspectableNode): files, and what was exchanged.
  void append_visible_state(std::vector<std::byte>& out) const;
  bool take_visible_state(Bytes bytes);

 private:
  using State = SharedFile::State;

  explicit Peer(SharedOptions options, std::span<const Address> trackers);

  DownloadContext context_of(Environment& environment) noexcept {
    return {{{environment, *options_, trackers_.list().self()}, files_, pulse_}, exchange_, trackers_};
  }
  // At the beginning of every input: times that were noted before a pause of this host are made later by it.
  DownloadContext begin_input(Environment& environment) noexcept;
  void pulse(const DownloadContext& context);

  // What trackers and other peers say by datagrams.
  void handle(const DownloadContext&, Address from, const Heartbeat&);
  void handle(const DownloadContext&, Address from, const ListPage&);
  void handle(const DownloadContext&, Address from, const ListChanges&);
  void handle(const DownloadContext&, Address from, const OffersQuery&);
  void handle(const DownloadContext&, Address from, const Offers&);
  void handle(const DownloadContext&, Address from, const Find&);
  void handle(const DownloadContext&, Address from, const Found&);
  void handle(const DownloadContext&, Address from, const Introduced&);
  void handle(const DownloadContext&, Address from, const Knock&);

  void carry_out(const DownloadContext& context, std::string_view line);
  void pause(const DownloadContext& context, std::string_view what);
  void resume(const DownloadContext& context, std::string_view what);

  // Files that are added, found on the disk, or changed by somebody.
  void add_file(const DownloadContext& context, std::string_view name);
  void handle_added(const DownloadContext& context, SharedFile& file, const ContentReady& ready);
  void handle_stored(const DownloadContext& context, SharedFile& file, const ContentReady& ready);
  void finish_restoring(const DownloadContext& context, SharedFile& file);
  void handle_changed(const DownloadContext& context, SharedFile& file, bool is_there);
  void drop_changed(const DownloadContext& context, SharedFile& file, bool is_there);

  SharedOptions options_;
  TrackerSessions trackers_;
  FileTable files_;
  Exchange exchange_;
  Downloads downloads_;
  Pulse pulse_;
  Catalogue catalogue_;
  std::vector<std::string> early_commands_;  // given until it has been read

 public:
  // The whole state.
  auto fields() const {
    return std::tie(options_, trackers_, files_, exchange_, downloads_, pulse_, catalogue_, early_commands_);
  }
};

}  // namespace peerbed::swarm
