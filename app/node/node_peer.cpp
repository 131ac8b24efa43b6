// `peerbed node peer`: shares the files of a directory, and downloads others into it.

#include <fnmatch.h>

#include <algorithm>
#include <filesystem>

#include "app/node/node_kinds.h"
#include "app/node/node_options.h"
#include "app/node/node_settings.h"
#include "protocols/swarm/peer.h"
#include "scenarios/swarm/swarm_protocol.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;
using swarm::Peer;
using swarm::SharedFile;

constexpr Verb peer_verbs[] = {
    {"ADD", "NAME", "offers a file, a directory, or all files matching *.mkv"},
    {"GET", "", "lists what others offer"},
    {"DOWN", "NAME", "fetches a file or a directory from all peers that have it"},
    {"LIST", "", "lists shared files and downloads, with progress"},
    {"REMOVE", "NAME", "stops sharing a file, without deleting it"},
    {"CANCEL", "NAME", "cancels a download and deletes the partial file"},
    {"PAUSE", "NAME", "pauses a download and keeps the partial file"},
    {"RESUME", "NAME", "resumes a paused download"},
    {"QUIT", "", "leaves and exits", true},
};

bool is_under_way(const SharedFile& file) noexcept { return file.is_under_way(); }

class PeerView final : public NodeView {
 public:
  PeerView(adapter::Host& host, adapter::HostedNodeOf<Peer>& hosted, std::filesystem::path directory,
           std::vector<Remote> trackers)
      : host_(host), hosted_(hosted), directory_(std::move(directory)), trackers_(std::move(trackers)) {}

  adapter::HostedNode& hosted_node() noexcept override { return hosted_; }
  std::span<const Verb> verbs() const noexcept override { return peer_verbs; }
  std::vector<Fact> status() const override {
    const Peer& peer = hosted_.node();
    const auto complete = std::count_if(peer.files().begin(), peer.files().end(), [](const SharedFile& file) {
      return file.state == SharedFile::State::complete && !file.exporting;
    });
    std::vector<Fact> facts{{"kind", "peer"},
                            {"endpoint", adapter::to_string(hosted_.endpoint())},
                            {"peers", peer.list().size()},
                            {"files_complete", static_cast<std::uint64_t>(complete)},
                            {"files_under_way", peer.files().size() - static_cast<std::uint64_t>(complete)},
                            {"uploaded_bytes", peer.uploaded(), true},
                            {"downloaded_bytes", peer.downloaded(), true}};
    for (std::size_t i = 0; i < peer.list().trackers(); ++i) {
      const std::string tracker = "tracker_" + std::to_string(i + 1);
      const Duration silence = host_.now() - peer.list().heard(i);
      facts.push_back({tracker, to_string(peer.list().tracker(i))});
      facts.push_back({tracker + "_answered", std::uint64_t{peer.list().heard(i) != time_zero}});
      facts.push_back({tracker + "_silence_ms", static_cast<std::uint64_t>(silence / 1ms)});
    }
    return facts;
  }
  std::vector<std::string> peers() const override {
    const swarm::PeerList& list = hosted_.node().list();
    std::vector<std::string> lines;
    for (std::size_t i = 0; i < list.size(); ++i) lines.push_back(to_string(list[i]));
    return lines;
  }
  std::vector<Transfer> transfers() const override {
    std::vector<Transfer> transfers;
    for (const SharedFile& file : hosted_.node().files()) {
      if (!file.download) continue;
      Transfer transfer{.name = file.name()};
      if (file.has_manifest()) {
        transfer.size = file.geometry().size;
        transfer.done = std::min(transfer.size, std::uint64_t{file.map.verified_count()} * file.geometry().piece_size);
      }
      transfers.push_back(std::move(transfer));
    }
    return transfers;
  }
  bool is_ready() const override {
    const swarm::PeerList& list = hosted_.node().list();
    for (std::size_t i = 0; i < list.trackers(); ++i)
      if (list.heard(i) != time_zero) return true;
    return false;
  }
  std::vector<Counterpart> counterparts(Time) override {
    const Peer& peer = hosted_.node();
    const Duration patience = std::max<Duration>(longest_silence, 2 * peer.options().tracker_silence);
    std::vector<Counterpart> counterparts;
    for (std::size_t i = 0; i < peer.list().trackers(); ++i) {
      const Address tracker = peer.list().tracker(i);
      counterparts.push_back({"tracker " + to_string(tracker), peer.list().heard(i), patience, name_of(tracker)});
    }
    return counterparts;
  }
  void relocate(const std::string& host_name, const std::vector<adapter::Endpoint>& endpoints) override {
    const auto tracker =
        std::find_if(trackers_.begin(), trackers_.end(), [&](const Remote& one) { return one.text == host_name; });
    const auto endpoint = next_reachable(hosted_.options(), endpoints, tracker->endpoint);
    if (!endpoint || *endpoint == tracker->endpoint) return;
    hosted_.ask([&](Peer& peer, Environment& environment) {
      if (!peer.move_tracker(environment, tracker->endpoint.address(), endpoint->address())) return;
      tracker->endpoint = *endpoint;
      environment.print("tracker " + host_name + " is at " + adapter::to_string(*endpoint) + " now");
    });
  }
  TraceMeaning meaning_of(std::uint16_t event, const TraceValues&) const override {
    if (event == index_of(swarm::TraceEvent::download_failed)) return TraceMeaning::failure;
    return event == index_of(swarm::TraceEvent::datagram_refused) ? TraceMeaning::datagram_refused : TraceMeaning::none;
  }
  bool is_busy() const override {
    const Peer& peer = hosted_.node();
    return peer.is_surveying() || std::any_of(peer.files().begin(), peer.files().end(), is_under_way);
  }
  // GET, and each file by its number.
  std::optional<std::vector<std::string>> tasks() const override {
    const Peer& peer = hosted_.node();
    std::vector<std::string> tasks;
    if (peer.is_surveying()) tasks.emplace_back("GET");
    for (const SharedFile& file : peer.files())
      if (is_under_way(file)) tasks.push_back(std::to_string(file.number));
    return tasks;
  }
  bool is_done(const std::string& task) const override {
    const auto files = hosted_.node().files();
    if (task == "GET" || hosted_.node().was_here(static_cast<swarm::FileNumber>(std::stoul(task)))) return true;
    return std::any_of(files.begin(), files.end(), [&](const SharedFile& file) {
      return std::to_string(file.number) == task && file.state == SharedFile::State::complete && file.is_file;
    });
  }
  std::vector<std::string> words_after(const Verb& verb) const override {
    if (verb.name == std::string_view("DOWN")) {
      const auto shown = hosted_.node().shown_words();
      return {shown.begin(), shown.end()};
    }
    std::vector<std::string> names;
    if (verb.name == std::string_view("ADD")) return names_in_directory(true);
    if (*verb.arguments == '\0') return names;
    for (const SharedFile& file : hosted_.node().files()) names.push_back(swarm::shown_name(file.local_name()));
    return names;
  }
  // A pattern means all files that it matches, unless a file has exactly that name.
  void command(const std::string& line) override {
    constexpr std::string_view add = "ADD ";
    const std::size_t begin = line.starts_with(add) ? line.find_first_not_of(' ', add.size()) : std::string::npos;
    const std::string pattern = begin == std::string::npos ? "" : line.substr(begin);
    std::error_code ignored;
    const bool is_pattern = pattern.find_first_of("*?[") != std::string::npos && pattern.front() != '"' &&
                            !std::filesystem::exists(directory_ / pattern, ignored);
    if (!is_pattern) return NodeView::command(line);
    std::vector<std::string> names = names_in_directory(false);
    std::erase_if(names, [&](const std::string& name) { return ::fnmatch(pattern.c_str(), name.c_str(), 0) != 0; });
    std::sort(names.begin(), names.end());
    if (names.empty()) return NodeView::command(line);  // reports that there is no such file
    for (const std::string& name : names) hosted_.command("ADD " + swarm::quoted_name(name));
  }

 private:
  // Names of files, and of directories if those are allowed.
  std::vector<std::string> names_in_directory(bool with_directories) const {
    std::vector<std::string> names;
    std::error_code ignored;
    for (const auto& entry : std::filesystem::directory_iterator(directory_, ignored)) {
      std::string name = entry.path().filename().string();
      const bool is_meant = entry.is_regular_file(ignored) || (with_directories && entry.is_directory(ignored));
      if (is_meant && !entry.is_symlink(ignored) && name.front() != '.') names.push_back(std::move(name));
    }
    return names;
  }

  adapter::Host& host_;
  adapter::HostedNodeOf<Peer>& hosted_;
  // Empty for a tracker that was given by its address.
  std::string name_of(Address tracker) const {
    const auto found = std::find_if(trackers_.begin(), trackers_.end(), [&](const Remote& one) {
      return one.is_name && one.endpoint.address() == tracker;
    });
    return found == trackers_.end() ? std::string() : found->text;
  }

  std::filesystem::path directory_;
  std::vector<Remote> trackers_;
};

// In bits per second, the protocol's unit; 0: no limit.
std::uint64_t limit_of(const Arguments& arguments, const char* option) {
  const auto text = arguments.value(option);
  if (!text) return 0;
  const auto rate = scenarios::parse_rate(*text);
  if (!rate)
    throw UsageError("--" + std::string(option) + " " + *text + " is not " + std::string(scenarios::expected_rate));
  return rate->bits_per_second;
}

adapter::OnConflict conflict_rule_of(const Arguments& arguments) {
  const std::string text = arguments.value("on-conflict").value_or("rename");
  if (text == "rename") return adapter::OnConflict::rename;
  if (text == "refuse") return adapter::OnConflict::refuse;
  if (text == "replace") return adapter::OnConflict::replace;
  throw UsageError("--on-conflict " + text + " is none of rename, refuse and replace");
}

// By default the user is asked which of several files with the same name is meant; --set ask_which=false turns it off.
bool asks_which(const Arguments& arguments) {
  const auto settings = arguments.values("set");
  return std::none_of(settings.begin(), settings.end(),
                      [](const std::string& setting) { return setting.starts_with("ask_which="); });
}

}  // namespace

Command peer_node_command() {
  return {
      .name = "node peer",
      .summary = "shares the files of a directory and fetches others",
      .forms = {"--tracker HOST:PORT [--dir DIR] [options]"},
      .description =
          "Shares files of a directory and fetches others into it, from many peers at once. Prompt commands: "
          "ADD NAME, GET, DOWN NAME, LIST, REMOVE, CANCEL, PAUSE, RESUME, QUIT; status, peers, wait, sleep, help.",
      .options = {{"tracker", "HOST:PORT", "tracker to register with; up to 8", true},
                  {"dir", "DIR", "shared directory (default: the current one)"},
                  {"on-conflict", "WHAT", "if a file exists: rename (default), refuse or replace"},
                  {"upload-limit", "RATE", "maximum upload rate, such as 10MB/s"},
                  {"download-limit", "RATE", "maximum download rate"},
                  {"hole-punching", nullptr, "reach peers behind NATs, which trackers ask to open them"},
                  settings_option()},
      .examples = {{"peerbed node peer --tracker 127.0.0.1:4000 --dir shared", "then type ADD NAME"},
                   {"peerbed node peer --tracker 127.0.0.1:4000 --script get.txt --exit-at-end",
                    "read commands from a file, then exit"}},
  };
}

std::unique_ptr<NodeView> make_peer_node(adapter::Host& host, const Arguments& arguments) {
  if (!arguments.positional().empty())
    throw UsageError("a peer takes options only; '" + arguments.positional().front() + "' is none");
  adapter::NodeOptions node_options = node_options_of(arguments, loopback_beside(arguments, "tracker"));
  node_options.content.directory = arguments.value("dir").value_or(".");
  node_options.content.on_conflict = conflict_rule_of(arguments);
  const std::vector<Remote> remotes = remotes_of(arguments, "tracker", node_options);
  std::vector<Address> trackers;
  for (const Remote& remote : remotes) trackers.push_back(remote.endpoint.address());
  if (trackers.empty()) throw UsageError("a peer needs a tracker: say where it is with --tracker HOST:PORT");
  if (trackers.size() > swarm::maximum_trackers)
    throw UsageError("a peer enrols with at most " + std::to_string(swarm::maximum_trackers) + " trackers");
  swarm::Options options;
  read_settings(arguments, [&](scenarios::MapReader& map) { options = *scenarios::read_swarm_options(map); });
  options.ask_which = options.ask_which || asks_which(arguments);
  if (arguments.has("upload-limit")) options.upload_limit = limit_of(arguments, "upload-limit");
  if (arguments.has("download-limit")) options.download_limit = limit_of(arguments, "download-limit");
  options.hole_punching = options.hole_punching || arguments.has("hole-punching");
  const auto shared = std::make_shared<const swarm::Options>(options);
  return std::make_unique<PeerView>(
      host, host.add<Peer>(node_options, [shared, trackers](Address) { return Peer::make(shared, trackers); }),
      node_options.content.directory, remotes);
}

}  // namespace peerbed::app
