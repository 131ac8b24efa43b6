#include "protocols/swarm/exchange/watchdog.h"

#include <algorithm>

#include "protocols/environment/contract.h"

namespace peerbed::swarm {

namespace {

constexpr Duration longest_patience = std::chrono::seconds(30);

Duration known_round_trip(const Link& link) noexcept {
  return link.requests.round_trip() == Duration::max() ? Duration{0} : link.requests.round_trip();
}

// How long a source may be silent that has been asked for something.
Duration patience_with(const Options& options, const SharedFile& file, const Link& link) noexcept {
  const RateMeter& pace = link.requests.pace();
  const Duration usual =
      pace.is_known()
          ? std::max({options.block_timeout, 4 * pace.time_for(file.map.block_size()), 3 * known_round_trip(link)})
          : 5 * options.block_timeout;
  return std::min(usual, longest_patience);
}

}  // namespace

SourceVerdict judge_source(const Options& options, const SharedFile& file, const Link& link, Time now) noexcept {
  PEERBED_CONTRACT(link.is_open(), "a source that is judged has an open link");
  if (link.requests.empty()) return SourceVerdict::fine;
  const Duration patience = patience_with(options, file, link);
  const Duration silence = now - link.requests.last_progress();
  if (silence >= 2 * patience) return SourceVerdict::silent;
  return silence >= patience && !link.requests.is_stalled() ? SourceVerdict::slow : SourceVerdict::fine;
}

Link* overdue_manifest(const Options& options, const Download& download, LinkTable& links, Time now) noexcept {
  const ManifestQuery& query = download.manifest;
  if (query.is_free() || query.is_here()) return nullptr;
  Link* link = links.find(query.from());
  if (link == nullptr) return nullptr;
  const Duration patience =
      link->receiving_manifest ? longest_patience : 2 * options.block_timeout + 3 * known_round_trip(*link);
  return now - query.asked() >= patience ? link : nullptr;
}

DownloadVerdict judge_download(const Options& options, const Download& download, Time now) noexcept {
  const Duration stall = now - download.last_progress;
  if (stall >= options.give_up) return DownloadVerdict::hopeless;
  return stall >= options.give_up / 2 && !download.renewed ? DownloadVerdict::stuck : DownloadVerdict::fine;
}

bool is_old(const Options& options, const Link& link, Time now) noexcept {
  return link.is_open() && now - link.since >= options.give_up / 2;
}

bool is_hopeful(const SharedFile& file, const LinkTable& links) noexcept {
  PEERBED_CONTRACT(file.download.has_value(), "hope is for downloads");
  return file.download->manifest.is_here() || std::any_of(links.begin(), links.end(), [&](const Link& link) {
           return link.file == file.number && link.is_open() && link.theirs.wanted() > 0;
         });
}

std::string_view why_nothing_came(const SharedFile& file, const LinkTable& links) noexcept {
  if (file.root.is_zero()) return "nobody offers it";
  return is_hopeful(file, links) ? "those who have what is missing do not send it" : "nobody has what is missing";
}

}  // namespace peerbed::swarm
