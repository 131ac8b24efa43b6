#pragma once
// DOWN and GET: what is fetched, from the wish for a name or a root until the file is in the shared directory, and what
// others offer. A name that nobody has a file of is looked for among all that is offered.

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <tuple>
#include <vector>

#include "protocols/environment/content.h"
#include "protocols/swarm/exchange/exchange.h"
#include "protocols/swarm/files/choices.h"
#include "protocols/swarm/files/offer_survey.h"
#include "protocols/swarm/trackers/tracker_sessions.h"

namespace peerbed::swarm {

// What downloads are lent beside.
struct DownloadContext : ExchangeContext {
  Exchange& exchange;
  const TrackerSessions& trackers;
};

class Downloads {
 public:
  // DOWN.
  void start(const DownloadContext& context, std::string_view what);
  // A file that nobody fetches goes on: what lies on the disk is hashed again first, if there is anything.
  void go_on(const DownloadContext& context, SharedFile& file);
  // A file is fetched from now on.
  void begin(const DownloadContext& context, SharedFile& file);
  // GET.
  void start_survey(const DownloadContext& context);

  // What others say.
  void take(const DownloadContext& context, Address from, const Found& found);
  void take(const DownloadContext& context, Address from, const Offers& offers);
  void take(const DownloadContext& context, Address from, const Knock& knock);
  // What the disk says of a file that is being fetched, or of one that becomes a file of the shared directory.
  void take_content(const DownloadContext& context, SharedFile& file, const ContentReady& ready);
  void take_exported(const DownloadContext& context, SharedFile& file, const ContentReady& ready);
  // With each pulse, while is_busy().
  void survey_on(const DownloadContext& context);
  void look_after(const DownloadContext& context);
  bool is_busy(const FileTable& files) const noexcept;

  // What was verified stays on the disk: another DOWN goes on from there.
  void fail(const DownloadContext& context, SharedFile& file, std::string_view reason);

  bool is_surveying() const noexcept { return survey_.is_shown(); }  // GET is under way

  // What GET showed last, each as DOWN takes it: a name, or a name with a number.
  std::span<const std::string> shown_words() const noexcept { return shown_words_; }

  auto fields() const { return std::tie(survey_, choices_, shown_words_, last_id_); }

 private:
  void begin_survey(const DownloadContext& context, bool is_shown);
  void judge_names(const DownloadContext& context, std::span<const SurveyedFile> files);
  void judge_name(const DownloadContext& context, SharedFile& file, std::span<const SurveyedFile> files);
  void search_on(const DownloadContext& context, SharedFile& file);
  bool choose_root(const DownloadContext& context, SharedFile& file);
  bool take_root(const DownloadContext& context, SharedFile& file, const Root& root);
  static void end_as_twin(const DownloadContext& context, const SharedFile& file, const SharedFile& twin);
  void take_manifest_content(const DownloadContext& context, SharedFile& file, const ContentReady& ready);
  void take_manifest(const DownloadContext& context, SharedFile& file, const Manifest& manifest);
  void take_piece_hash(const DownloadContext& context, SharedFile& file, const ContentReady& ready);
  void finish(const DownloadContext& context, SharedFile& file);

  OfferSurvey survey_;
  Choices choices_;
  std::vector<std::string> shown_words_;  // at most maximum_surveyed
  std::uint32_t last_id_ = 0;             // of questions
};

// A complete file gets its name in the shared directory.
void export_file(Environment& environment, SharedFile& file);
// A file is given up: its links end, and nothing of it is noted or stored any more.
void remove_file(const DownloadContext& context, FileNumber number);
// Nothing of a file is offered before it was hashed again: all of it, or what is noted of a download that is to go on.
void restore_again(const DownloadContext& context, SharedFile& file, bool was_whole = true);

}  // namespace peerbed::swarm
