#pragma once
// A peer of the swarm: shares files with others, learns what they offer, and fetches a file from all that have it at
// once. It is a value that knows nothing of its host. All its state is bounded; docs/swarm.md states the limits and the
// guarantees.

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/environment/node.h"
#include "protocols/swarm/announcer.h"
#include "protocols/swarm/ban_scores.h"
#include "protocols/swarm/catalogue.h"
#include "protocols/swarm/choker.h"
#include "protocols/swarm/context.h"
#include "protocols/swarm/file_table.h"
#include "protocols/swarm/link_table.h"
#include "protocols/swarm/messages.h"
#include "protocols/swarm/offer_survey.h"
#include "protocols/swarm/options.h"
#include "protocols/swarm/partings.h"
#include "protocols/swarm/pulse.h"
#include "protocols/swarm/requester.h"
#include "protocols/swarm/shared_file.h"
#include "protocols/swarm/trace.h"
#include "protocols/swarm/tracker_sessions.h"
#include "protocols/swarm/uploads.h"

namespace peerbed::swarm {

class Peer {
 public:
  static constexpr std::size_t timer_count = 7;
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
    links_.prefetch();
    if (!files_.empty()) __builtin_prefetch(files_.data());
  }
  void prefetch(StreamId stream) const noexcept { links_.prefetch(stream); }

  // Tells the peer that one of its trackers moved to another address. Returns false, and changes nothing, if it knows
  // that address as a tracker too.
  bool move_tracker(Environment& environment, Address from, Address to);

  // What checks and analyses may see.
  const Options& options() const noexcept { return *options_; }
  const PeerList& list() const noexcept { return trackers_.list(); }
  std::span<const SharedFile> files() const noexcept { return files_.all(); }
  const SharedFile* file(const Root& root) const noexcept;
  const SharedFile* file(std::string_view name) const noexcept;
  const LinkTable& links() const noexcept { return links_; }
  bool is_surveying() const noexcept { return survey_.is_shown(); }  // GET is under way
  // Whether the download with that number turned out to be a file that is here under another number.
  bool was_here(FileNumber number) const { return files_.was_twin(number); }
  // As a source of that file.
  bool has_banned(Address peer, const Root& root) const noexcept {
    return ban_scores_.has_banned(peer, root, options_->ban_after);
  }
  Time pulsed() const noexcept { return pulse_.last(); }  // when downloads were looked after last, by this host's clock
  std::uint64_t uploaded() const noexcept { return uploads_.uploaded(); }
  std::uint64_t downloaded() const noexcept { return requester_.downloaded(); }
  // The part of this state that another process may see (InspectableNode): files, and what was exchanged.
  void append_visible_state(std::vector<std::byte>& out) const;
  bool take_visible_state(Bytes bytes);

 private:
  using State = SharedFile::State;

  explicit Peer(SharedOptions options, std::span<const Address> trackers);

  // peer.cpp: inputs and timers.
  Context context_of(Environment& environment) const noexcept { return {environment, *options_}; }
  void pulse(Environment& environment);
  void forgive(Duration late) noexcept;
  bool is_busy() const noexcept;
  void carry_out(Environment& environment, std::string_view line);
  SharedFile* file_numbered(FileNumber number) noexcept { return files_.numbered(number); }
  SharedFile* file_rooted(const Root& root) noexcept { return files_.rooted(root); }
  SharedFile* file_named(std::string_view name) noexcept { return files_.named(name); }

  // What trackers and other peers say by datagrams.
  void handle(Environment&, Address from, const Heartbeat&);
  void handle(Environment&, Address from, const ListPage&);
  void handle(Environment&, Address from, const ListChanges&);
  void handle(Environment&, Address from, const OffersQuery&);
  void handle(Environment&, Address from, const Offers&);
  void handle(Environment&, Address from, const Find&);

  // GET, and names that nobody has a file of.
  void start_survey(Environment& environment);
  void begin_survey(Environment& environment, bool is_shown);
  void continue_survey(Environment& environment);
  void judge_names(Environment& environment, std::span<const SurveyedFile> files);
  void judge_name(Environment& environment, SharedFile& file, std::span<const SurveyedFile> files);

  // Files: added, restored, changed and removed.
  void add_file(Environment& environment, std::string_view name);
  void remove_file(Environment& environment, FileNumber number);
  void handle_added(Environment& environment, SharedFile& file, const ContentReady& ready);
  void restore_again(Environment& environment, SharedFile& file, bool was_whole = true);
  void handle_stored(Environment& environment, SharedFile& file, const ContentReady& ready);
  void finish_restoring(Environment& environment, SharedFile& file);
  void handle_changed(Environment& environment, SharedFile& file, bool is_there);
  void drop_changed(Environment& environment, SharedFile& file, bool is_there);

  // Commands on the files that are here.
  void pause(Environment& environment, std::string_view what);
  void resume(Environment& environment, std::string_view what);

  // Downloads: finding peers that have a wanted file, and what becomes of it.
  void start_download(Environment& environment, std::string_view what);
  void go_on_with(Environment& environment, SharedFile& file);
  void resume_waiting(Environment& environment, SharedFile& file);
  void resume_download(Environment& environment, SharedFile& file);
  void search_on(Environment& environment, SharedFile& file);
  void handle(Environment&, Address from, const Found&);
  void note_offer(Environment& environment, SharedFile& file, Address from, const OfferedFile& offer);
  bool choose_root(Environment& environment, SharedFile& file);
  bool take_root(Environment& environment, SharedFile& file, const Root& root);
  void end_as_twin(Environment& environment, const SharedFile& file, const SharedFile& twin);
  void connect_sources(Environment& environment, SharedFile& file);
  void retry_listed(Environment& environment, const ListChanges& changes);
  void fail_download(Environment& environment, SharedFile& file, std::string_view reason);
  void look_after_sources(Environment& environment, SharedFile& file);
  void look_after_source(Environment& environment, SharedFile& file, Link& link);
  void handle_manifest_hash(Environment& environment, SharedFile& file, const ContentReady& ready);
  void take_manifest(Environment& environment, SharedFile& file, const Manifest& manifest);
  void handle_piece_hash(Environment& environment, SharedFile& file, const ContentReady& ready);
  void raise_ban_score(Environment& environment, SharedFile& file, Address peer);
  void finish_download(Environment& environment, SharedFile& file);
  void export_file(Environment& environment, SharedFile& file);
  void handle_exported(Environment& environment, SharedFile& file, const ContentReady& ready);
  void count_exchange(Environment& environment);

  // Links: streams to other peers.
  static void await_frame(Environment& environment, Link& link);
  void accept_or_refuse(Environment& environment, StreamId stream, Address peer);
  void handle_opened(Environment& environment, Link& link, SharedFile& file);
  void handle_hello(Environment& environment, Link& link, const Hello& hello);
  void handle_bytes(Environment& environment, Link& link, Bytes bytes);
  void handle_frame(Environment& environment, Link& link, const Frame& frame);
  void handle_pieces(Environment& environment, Link& link, Bytes body);
  void handle_have(Environment& environment, Link& link, std::uint32_t piece);
  void handle_block(Environment& environment, Link& link, const Frame& frame);
  void handle_manifest(Environment& environment, Link& link, const Frame& frame);
  void handle_content(Environment& environment, Link& link, const StreamEvent& event);
  void lose_link(Environment& environment, Link& link, CloseReason reason);
  void drop_link(Environment& environment, Link& link, CloseReason reason);
  void handle_goodbye(Environment& environment, Link& link, CloseReason reason);
  void refuse_frame(Environment& environment, Link& link);
  void review_links(Environment& environment, const SharedFile& file);
  void look_after_links(Environment& environment);

  SharedOptions options_;
  TrackerSessions trackers_;
  FileTable files_;
  LinkTable links_;
  Catalogue catalogue_;
  std::vector<std::string> early_commands_;  // given until it has been read
  OfferSurvey survey_;
  Choices choices_;
  BanScores ban_scores_;
  Partings partings_;
  Requester requester_;
  Announcer announcer_;
  Pulse pulse_;
  Uploads uploads_;
  Choker choker_;
  std::uint32_t last_id_ = 0;
  bool leaving_ = false;

 public:
  // The whole state.
  auto fields() const {
    return std::tie(options_, trackers_, files_, links_, catalogue_, early_commands_, survey_, choices_, ban_scores_,
                    partings_, requester_, announcer_, pulse_, uploads_, choker_, last_id_, leaving_);
  }
};

}  // namespace peerbed::swarm
