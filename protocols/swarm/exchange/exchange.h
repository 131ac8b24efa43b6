#pragma once
// What a peer exchanges with others, on a link for each file and each of them: which links there are, what arrives on
// them, and what follows for the other links of the file. What becomes of a download is its caller's concern: it hears
// when one cannot go on. At most twice maximum_connections callers are heard, and each file has maximum_connections.

#include <cstdint>
#include <tuple>
#include <vector>

#include "protocols/swarm/exchange/announcer.h"
#include "protocols/swarm/exchange/choker.h"
#include "protocols/swarm/exchange/pulse.h"
#include "protocols/swarm/exchange/requester.h"
#include "protocols/swarm/exchange/uploads.h"
#include "protocols/swarm/files/ban_scores.h"
#include "protocols/swarm/files/file_table.h"
#include "protocols/swarm/link/context.h"
#include "protocols/swarm/link/link_table.h"
#include "protocols/swarm/link/partings.h"
#include "protocols/swarm/wire/tracker_messages.h"

namespace peerbed::swarm {

// What the exchange is lent beside. While is_busy() the pulse beats, and with each beat the exchange is looked after.
struct ExchangeContext : Context {
  FileTable& files;
  Pulse& pulse;
};

class Exchange {
 public:
  explicit Exchange(const Options& options) : requester_(options.download_limit), uploads_(options.upload_limit) {}

  // What happens on streams. Returns the number of a download whose bytes the disk does not take: it is to fail; 0:
  // none.
  [[nodiscard]] FileNumber take(const ExchangeContext& context, const StreamEvent& event);
  // When one of the timers of the exchange fires: those for choking, slots, news and the two limits.
  void take_timer(const ExchangeContext& context, TimerId timer);

  // Connects a download to more of its sources, where it has too few. Returns those that their trackers are to tell of
  // it, for they did not answer before.
  [[nodiscard]] std::vector<Address> connect(const ExchangeContext& context, SharedFile& file);
  // A tracker says that a peer wants a stream of this file: this one opens one, too.
  void meet(const ExchangeContext& context, const SharedFile& file, Address peer);
  // A lost source that a tracker lists anew lives again: it is tried at once.
  void take_listed(const ExchangeContext& context, const ListChanges& changes);
  // The manifest of a download was verified, or a piece of a file that is fetched or found: what links are told and
  // asked for now.
  void begin_download(const ExchangeContext& context, SharedFile& file);
  void announce(const ExchangeContext& context, SharedFile& file, std::uint32_t piece);
  void ask(const ExchangeContext& context, SharedFile& file) { requester_.ask(context, links_, file); }
  // A piece is being closed: nobody owes a block of it.
  void cancel_piece(const ExchangeContext& context, SharedFile& file, std::uint32_t piece);
  // What came from a peer failed its hash: once it has often enough, it is banned. For a manifest, another is asked.
  void blame(const ExchangeContext& context, SharedFile& file, Address peer);
  void refuse_manifest(const ExchangeContext& context, SharedFile& file);
  // All that is verified here, and was not told yet, is told.
  void tell_all(const ExchangeContext& context) { announcer_.tell_all(context, links_, context.files); }
  // What this process gave and got, all in all.
  void trace_counts(const Context& context) const {
    context.trace(TraceEvent::exchange_counted, {uploads_.uploaded(), requester_.downloaded()});
  }
  void fill_slots(const ExchangeContext& context) { choker_.fill_slots(context, links_, context.files); }
  // The state of a file has changed: links that it needs no more end, and what it wants is told.
  void review(const ExchangeContext& context, const SharedFile& file);

  // With each pulse: this host stood still for so long; partings, and links that do not come about; the sources of a
  // download, which returns whether there is still hope.
  void forgive(Duration late) noexcept;
  void end_partings(const Context& context) { partings_.end_overdue(context); }
  void end_overdue(const ExchangeContext& context);
  [[nodiscard]] bool look_after(const ExchangeContext& context, SharedFile& file);
  bool is_busy() const noexcept;

  // All links of a file end, with a word or, before it is removed, without one.
  void drop_all(const ExchangeContext& context, FileNumber file, CloseReason reason);
  void cut_all(const Context& context, FileNumber file);
  // All links end, and none begins any more.
  void leave(const ExchangeContext& context);
  bool is_leaving() const noexcept { return leaving_; }

  LinkTable& links() noexcept { return links_; }
  const LinkTable& links() const noexcept { return links_; }
  const BanScores& ban_scores() const noexcept { return ban_scores_; }
  const Uploads& uploads() const noexcept { return uploads_; }
  const Requester& requester() const noexcept { return requester_; }
  // What a mirror shows (InspectableNode).
  void show(std::uint64_t uploaded, std::uint64_t downloaded) noexcept {
    uploads_.show_uploaded(uploaded);
    requester_.show_downloaded(downloaded);
  }

  auto fields() const {
    return std::tie(links_, ban_scores_, partings_, requester_, announcer_, uploads_, choker_, leaving_);
  }

 private:
  void accept_or_refuse(const ExchangeContext& context, StreamId stream, Address peer);
  void take_opened(const ExchangeContext& context, Link& link);
  void take_bytes(const ExchangeContext& context, Link& link, Bytes bytes);
  void take_hello(const ExchangeContext& context, Link& link, const Hello& hello);
  void take_frame(const ExchangeContext& context, Link& link, const Frame& frame);
  void take_pieces(const ExchangeContext& context, Link& link, Bytes body);
  void take_have(const ExchangeContext& context, SharedFile* file, Link& link, std::uint32_t piece);
  void take_block(const ExchangeContext& context, SharedFile* file, Link& link, const Frame& frame);
  void take_manifest(const ExchangeContext& context, SharedFile* file, Link& link, const Frame& frame);
  FileNumber take_content(const ExchangeContext& context, Link& link, bool is_kept);
  void look_after_source(const ExchangeContext& context, SharedFile& file, Link& link);
  void lose(const ExchangeContext& context, Link& link, CloseReason reason);
  void drop(const ExchangeContext& context, Link& link, CloseReason reason);
  void refuse(const ExchangeContext& context, Link& link);

  LinkTable links_;
  BanScores ban_scores_;
  Partings partings_;
  Requester requester_;
  Announcer announcer_;
  Uploads uploads_;
  Choker choker_;
  bool leaving_ = false;
};

}  // namespace peerbed::swarm
