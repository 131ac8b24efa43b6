#include "scenarios/swarm/swarm_protocol.h"

#include <algorithm>
#include <array>
#include <chrono>
#include <map>
#include <string>

#include "protocols/environment/random.h"
#include "protocols/swarm/base/close_reason.h"
#include "protocols/swarm/peer.h"
#include "protocols/swarm/trackers/tracker.h"
#include "scenarios/protocol/option_reader.h"
#include "scenarios/protocol/population.h"
#include "scenarios/swarm/file_commands.h"
#include "scenarios/swarm/swarm_check.h"
#include "scenarios/swarm/swarm_checks.h"
#include "scenarios/swarm/swarm_recorder.h"
#include "scenarios/swarm/swarm_tally.h"

namespace peerbed::scenarios {
namespace {

constexpr std::uint64_t most_file_bytes = std::uint64_t{1} << 42;

class SwarmOptions final : public GroupOptions {
 public:
  bool is_tracker = false;
  swarm::SharedOptions options;
  std::vector<FileOnDisk> files;
  bool is_punching_said = false;  // by the author: `hole_punching`
};

const SwarmOptions& options_of(const GroupPlan& group) { return static_cast<const SwarmOptions&>(*group.options); }

void read_tracker(OptionReader& option, swarm::Options& options) {
  option("heartbeat_interval", options.heartbeat_interval);
  option("heartbeat_timeout", options.heartbeat_timeout);
  option("missed_heartbeats", options.missed_heartbeats, 1, 16);
  option("push_period", options.push_period);
  option("maximum_peers", options.maximum_peers, 1, 1'000'000);
  option("remembered_changes", options.remembered_changes, 1, 1'000'000);
  option("tracker_silence", options.tracker_silence);
  option("maximum_listed", options.maximum_listed, 1, 1'000'000);
}

void read_streams(OptionReader& option, swarm::Options& options) {
  option("maximum_files", options.maximum_files, 1, 65'536);
  option("ask_which", options.ask_which);
  option("ask_timeout", options.ask_timeout);
  option("ask_batch", options.ask_batch, 1, 4'096);
  option("maximum_connections", options.maximum_connections, 1, 4'096);
  option("wanted_connections", options.wanted_connections, 1, 4'096);
  option("have_period", options.have_period);
  option("connect_timeout", options.connect_timeout);
  option("retry_delay", options.retry_delay);
  option("hole_punching", options.hole_punching);
  option("give_up", options.give_up);
}

void read_transfer(OptionReader& option, swarm::Options& options) {
  option("least_outstanding", options.least_outstanding, 1, swarm::maximum_requests);
  option("most_outstanding", options.most_outstanding, 1, swarm::maximum_requests);
  option("request_margin", options.request_margin);
  option("block_timeout", options.block_timeout);
  option("endgame_copies", options.endgame_copies, 1, 4);
  option("ban_after", options.ban_after, 1, 1'000);
  option("upload_slots", options.upload_slots, 1, 1'024);
  option("choke_period", options.choke_period);
  option("optimistic_rounds", options.optimistic_rounds, 1, 1'000);
  option("idle_slot", options.idle_slot);
  option("suggest_pieces", options.suggest_pieces);
}

void read_size(MapReader& map, std::string_view key, std::uint32_t& value, std::uint32_t least, std::uint32_t most) {
  const auto field = map.find(key);
  if (!field) return;
  const std::uint64_t size = field->size();
  if (size < least || size > most || (size & (size - 1)) != 0)
    field->fail_expected("a power of two from " + std::to_string(least / 1024) + "KiB to " +
                         std::to_string(most / 1024) + "KiB");
  value = static_cast<std::uint32_t>(size);
}

// A tiny period would make a node act endlessly at one instant.
void refuse_short_periods(const MapReader& map) {
  for (const char* key : {"heartbeat_interval", "heartbeat_timeout", "push_period", "ask_timeout", "have_period",
                          "connect_timeout", "retry_delay", "give_up", "block_timeout", "choke_period", "idle_slot"})
    if (map.has(key)) map.field().within(key).period();
  if (!map.has("tracker_silence")) return;
  const Field field = map.field().within("tracker_silence");
  if (field.duration() > Duration::zero()) field.period();  // zero means never
}

// Refuses options that only the other role uses.
void refuse_others_options(const MapReader& map, bool is_tracker) {
  constexpr std::array of_trackers{"heartbeat_interval", "missed_heartbeats", "push_period", "maximum_peers",
                                   "remembered_changes"};
  constexpr std::array of_both{"role",        "heartbeat_interval", "heartbeat_timeout", "missed_heartbeats",
                               "push_period", "maximum_peers",      "remembered_changes"};
  const auto among = [](const auto& keys, const std::string& key) {
    return std::find(keys.begin(), keys.end(), key) != keys.end();
  };
  for (const Entry& entry : map.field().value().entries) {
    const std::string& key = entry.key.scalar;
    if (is_tracker ? among(of_both, key) : !among(of_trackers, key)) continue;
    map.field()
        .child(key, entry.value)
        .fail(is_tracker ? "a tracker does not use this; move it to a group of peers"
                         : "a peer does not use this; move it to the tracker");
  }
}

std::vector<FileOnDisk> read_files(const Field& field) {
  std::vector<FileOnDisk> files;
  for (const Field& element : field.elements())
    element.map([&](MapReader& entry) {
      const Field name = entry.require("name");
      const Field size = entry.require("size");
      const auto content = entry.find("content");
      FileOnDisk file{name.text(), content ? content->text() : name.text(), size.size()};
      if (!swarm::is_valid_name(file.name))
        name.fail_expected("a file name of 1 to 255 printable bytes without a slash");
      if (file.size > most_file_bytes) size.fail_expected("a size from 0B to 4096GiB");
      for (const FileOnDisk& other : files)
        if (other.name == file.name) name.fail("the file " + file.name + " is given twice; remove one");
      files.push_back(std::move(file));
    });
  return files;
}

OwnMetrics swarm_metrics() {
  OwnMetrics own;
  for (const char* name : {"downloads.started", "downloads.failed", "downloads.done"})
    own.names.emplace_back(name, Unit::count);
  for (const char* name :
       {"download_seconds", "distribution_seconds", "speedup", "bound_seconds", "share_ratio.mean", "share_ratio.jain"})
    own.names.emplace_back(name, Unit::none);
  own.names.emplace_back("efficiency", Unit::flag);
  for (const std::string_view reason : swarm::close_reason_names)
    own.names.emplace_back("links.closed." + std::string(reason), Unit::count);
  own.properties = std::vector<std::string>{"no peer believes a wrong byte", "completed files equal the original",
                                            "downloads end", "honest messages are accepted"};
  return own;
}

constexpr std::array peer_commands{CommandForm{"ADD|add NAME...", "offers a file"},
                                   CommandForm{"GET|get", "lists the files that others offer"},
                                   CommandForm{"DOWN|down NAME...", "fetches a file by name or root"},
                                   CommandForm{"LIST|list", "lists shared files and downloads"},
                                   CommandForm{"REMOVE|remove NAME...", "stops sharing a file"},
                                   CommandForm{"CANCEL|cancel NAME...", "cancels a download"},
                                   CommandForm{"PAUSE|pause NAME...", "pauses a download"},
                                   CommandForm{"RESUME|resume NAME...", "resumes a download"},
                                   CommandForm{"QUIT|quit", "leaves"}};
constexpr std::array tracker_commands{CommandForm{"list", "prints the peers"}, CommandForm{"quit|QUIT", "leaves"}};

class SwarmRun final : public ProtocolRun {
 public:
  explicit SwarmRun(std::span<const GroupPlan> groups) : groups_(groups.begin(), groups.end()) {
    for (const GroupPlan& group : groups_) {
      const std::vector<FileOnDisk>& files = options_of(group).files;
      files_.insert(files_.end(), files.begin(), files.end());
      for (std::size_t i = 0; options_of(group).is_tracker && i < group.count; ++i)
        trackers_.push_back(group.address_of(group.first + static_cast<NodeIndex>(i)));
    }
  }

  std::unique_ptr<Population> populate(const GroupPlan& group) override {
    const SwarmOptions& options = options_of(group);
    if (options.is_tracker)
      return population<swarm::Tracker>(group.count,
                                        [shared = options.options](NodeIndex) { return swarm::Tracker(shared); });
    std::vector<GivenFile> files;
    for (const FileOnDisk& file : options.files) files.push_back({file.name, file.seed(), file.size});
    const auto make = [shared = options.options, trackers = trackers_](NodeIndex) {
      return swarm::Peer::make(shared, trackers);
    };
    return population<swarm::Peer>(group.count, make, std::move(files));
  }

  void on_trace(Time time, NodeIndex node, std::uint16_t type, const TraceValues& values) override {
    tally_.note(time, node, type, values);
    refusals_.note(node, static_cast<swarm::TraceEvent>(type));
  }

  void check(const StateView& states, CheckReport& report) override {
    downloads_.begin_look(states);
    for (const GroupPlan& group : groups_) {
      if (options_of(group).is_tracker) continue;
      for (std::size_t i = 0; i < group.count; ++i) {
        const auto node = group.first + static_cast<NodeIndex>(i);
        check_integrity(states, node, files_, report);
        downloads_.check(states, node, options_of(group).options->give_up, report);
      }
    }
    refusals_.check(states, report);
  }

  // Files by their stage and the share of their pieces that is there, and links by who may ask whom.
  std::uint64_t abstract_state(const StateView& states, NodeIndex node) const override {
    const bool is_tracker = std::any_of(groups_.begin(), groups_.end(), [node](const GroupPlan& group) {
      return options_of(group).is_tracker && node >= group.first && node - group.first < group.count;
    });
    if (is_tracker) return 0;
    if (!states.is_up(node)) return 1;
    const auto* const peer = states.node<swarm::Peer>(node);
    if (peer == nullptr) return 0;
    std::uint64_t hash = 2;
    const auto add = [&hash](std::uint64_t word) { hash = hash * 31 + word; };
    for (const swarm::SharedFile& file : peer->files()) {
      add(static_cast<std::uint64_t>(file.state));
      if (!file.download || !file.has_manifest()) continue;
      const std::uint32_t pieces = std::max<std::uint32_t>(file.geometry().pieces(), 1);
      add(std::uint64_t{8} * file.map.verified_count() / pieces);
      add(file.map.verified_count() + 1 == pieces ? 1 : 0);
    }
    std::array<std::uint64_t, 32> kinds{};
    for (const swarm::Link& link : peer->links())
      ++kinds[(static_cast<std::size_t>(link.stage) % 4) * 8 + (link.choked ? 4 : 0) + (link.interested ? 2 : 0) +
              (link.slot.is_given() ? 1 : 0)];
    for (const std::uint64_t count : kinds) add(std::min<std::uint64_t>(count, 2));
    return mix(hash);
  }

  void measure(const StateView& states, analysis::Metrics& metrics) override {
    std::vector<NodeIndex> sources;
    std::map<NodeIndex, TransferRates> rates;
    for (const GroupPlan& group : groups_) {
      const SwarmOptions& options = options_of(group);
      for (std::size_t i = 0; !options.is_tracker && i < group.count; ++i) {
        const auto node = group.first + static_cast<NodeIndex>(i);
        rates[node] = {.upload = rate_of(options.options->upload_limit, states.uplink(node)),
                       .download = rate_of(options.options->download_limit, states.downlink(node))};
        if (!options.files.empty()) sources.push_back(node);
      }
    }
    tally_.measure(sources, rates, metrics);
  }

  std::unique_ptr<ProtocolRecorder> recorder(Duration) const override {
    std::vector<GroupPlan> peers;
    for (const GroupPlan& group : groups_)
      if (!options_of(group).is_tracker) peers.push_back(group);
    return std::make_unique<SwarmRecorder>(peers);
  }

 private:
  // Payload rate: the peer's own limit, or what headers leave of the link's rate.
  static double rate_of(std::uint64_t limit, const sim::LinkLimit& link) {
    constexpr double payload_share = 1460.0 / 1500.0;
    const double wire = static_cast<double>(link.rate.bits_per_second) * payload_share;
    const auto own = static_cast<double>(limit);
    if (own == 0 || wire == 0) return std::max(own, wire);
    return std::min(own, wire);
  }

  std::vector<GroupPlan> groups_;
  std::vector<Address> trackers_;
  std::vector<FileOnDisk> files_;
  SwarmTally tally_;
  DownloadWatch downloads_;
  RefusalWatch refusals_;
};

class SwarmProtocol final : public Protocol {
 public:
  std::string_view name() const override { return "swarm"; }
  std::string_view summary() const override { return "a tracker and peers that fetch files from many others at once"; }
  std::span<const TraceEventType> trace_events() const override { return swarm::Peer::trace_events; }
  std::span<const std::string_view> message_kinds() const override { return swarm::Peer::message_kinds; }

  std::shared_ptr<const GroupOptions> read_options(MapReader& map, std::size_t) const override {
    auto read = std::make_shared<SwarmOptions>();
    if (const auto role = map.find("role")) read->is_tracker = role->choice({"peer", "tracker"}) == 1;
    if (const auto files = map.find("files")) {
      if (read->is_tracker) files->fail("a tracker has no files; move them to a group of peers");
      read->files = read_files(*files);
    }
    read->options = read_swarm_options(map);
    read->is_punching_said = map.has("hole_punching");
    map.finish();  // reports unknown keys first
    refuse_others_options(map, read->is_tracker);
    return read;
  }
  // Peers that NATs keep from one another are told of by their trackers, unless the author says otherwise.
  std::shared_ptr<const GroupOptions> among_gateways(std::shared_ptr<const GroupOptions> options) const override {
    const auto& read = static_cast<const SwarmOptions&>(*options);
    if (read.is_tracker || read.is_punching_said) return options;
    swarm::Options punching = *read.options;
    punching.hole_punching = true;
    auto changed = std::make_shared<SwarmOptions>(read);
    changed->options = std::make_shared<const swarm::Options>(punching);
    return changed;
  }
  void check_together(std::span<const GroupInFile> groups) const override {
    for (const GroupInFile& group : groups)
      if (options_of(*group.plan).is_tracker && group.plan->is_behind_gateway)
        group.options.fail("peers cannot reach a tracker behind a NAT or a firewall; remove its `nat` and `firewall`");
  }
  std::span<const TimerType> timers(const GroupOptions& group) const override {
    if (static_cast<const SwarmOptions&>(group).is_tracker) return swarm::Tracker::timers;
    return swarm::Peer::timers;
  }
  std::span<const CommandForm> commands(const GroupOptions& group) const override {
    if (static_cast<const SwarmOptions&>(group).is_tracker) return tracker_commands;
    return peer_commands;
  }
  void check_commands(std::span<const GroupPlan> groups, std::span<const CommandInFile> commands) const override {
    std::vector<std::string> names;
    for (const GroupPlan& group : groups)
      for (const FileOnDisk& file : options_of(group).files) names.push_back(file.name);
    check_file_commands(std::move(names), commands);
  }
  std::unique_ptr<NodeCheck> check(std::span<const GroupPlan> groups, std::uint64_t,
                                   const CheckPlan& plan) const override {
    std::vector<SwarmGroup> checked;
    for (const GroupPlan& group : groups) {
      const SwarmOptions& options = options_of(group);
      checked.push_back({group.count, group.address_of(group.first), options.is_tracker,
                         group.start == StartMode::converged, options.options, options.files});
    }
    return swarm_check(checked, plan);
  }
  std::optional<OwnMetrics> own_metrics() const override { return swarm_metrics(); }
  bool runs_until_told() const override { return true; }

  // Downloads end whatever happens; how long that takes is up to the peers.
  Tolerance tolerance(std::span<const GroupPlan> groups, std::span<const std::string>) const override {
    Tolerance tolerance;
    for (const GroupPlan& group : groups)
      tolerance.recovery = std::max(tolerance.recovery, options_of(group).options->give_up + std::chrono::seconds(5));
    return tolerance;
  }
  std::unique_ptr<ProtocolRun> begin(std::span<const GroupPlan> groups, std::uint64_t) const override {
    return std::make_unique<SwarmRun>(groups);
  }
};

}  // namespace

swarm::SharedOptions read_swarm_options(MapReader& map) {
  swarm::Options options;
  if (const auto division = map.find("division"); division && division->choice({"swarming", "fragment"}) == 1)
    options.division = swarm::Division::fragment;
  if (const auto choking = map.find("choking"))
    options.choking = std::array{swarm::Choking::tit_for_tat, swarm::Choking::rotation,
                                 swarm::Choking::plain}[choking->choice({"tit_for_tat", "rotation", "plain"})];
  OptionReader reader(map);
  read_tracker(reader, options);
  read_streams(reader, options);
  read_transfer(reader, options);
  refuse_short_periods(map);
  read_size(map, "piece_size", options.piece_size, swarm::smallest_piece, swarm::largest_piece);
  options.block_size = std::min(options.block_size, options.piece_size);
  read_size(map, "block_size", options.block_size, std::max(swarm::smallest_block, options.piece_size / 64),
            std::min(swarm::largest_block, options.piece_size));
  if (const auto limit = map.find("upload_limit")) options.upload_limit = limit->rate().bits_per_second;
  if (const auto limit = map.find("download_limit")) options.download_limit = limit->rate().bits_per_second;
  if (options.least_outstanding > options.most_outstanding)
    map.field().fail("least_outstanding is above most_outstanding (" + std::to_string(options.most_outstanding) + ")");
  return std::make_shared<const swarm::Options>(options);
}

std::shared_ptr<const Protocol> swarm_protocol() { return std::make_shared<SwarmProtocol>(); }

}  // namespace peerbed::scenarios
