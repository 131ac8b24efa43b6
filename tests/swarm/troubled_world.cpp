#include "tests/swarm/troubled_world.h"

#include <algorithm>
#include <array>
#include <sstream>

#include "tests/swarm/accounts.h"

namespace peerbed::swarm {

namespace {

using namespace std::chrono_literals;

constexpr Duration look_period = 50ms;
constexpr Duration troubled = 60s;
constexpr Duration begun = 5s;  // when all want the file
constexpr std::uint64_t kibibyte = 1024;

class TroubledWorld {
 public:
  explicit TroubledWorld(const Trouble& trouble)
      : draws_(key_of(trouble.seed, std::uint64_t{0x7B0B})),
        trouble_(trouble),
        sources_(1 + below(3)),
        peers_(sources_ + 1 + below(trouble.most_peers)),
        options_(drawn_options()),
        swarm_(options_, {.peers = peers_, .seed = trouble.seed}) {}

  Outcome live() {
    make_network();
    swarm_.start_all();
    for (std::size_t i = 0; i < sources_; ++i) swarm_.give(i, "film", size_);
    run(begun);
    if (lies_)
      for (std::size_t i = 1; i < sources_; ++i) swarm_.world().set_lying(swarm_.peer(i), share_);
    for (std::size_t i = sources_; i < peers_; ++i) swarm_.command(i, "DOWN film");
    while (swarm_.world().now() < time_zero + troubled) {
      run(std::chrono::milliseconds(200 + below(8'000)));
      befall();
    }
    calm();
    run(options_.give_up);
    for (std::size_t i = sources_; i < peers_; ++i) swarm_.command(i, "DOWN film");
    for (int i = 0; i < 100 && is_under_way(); ++i) run(options_.give_up);
    return outcome();
  }

 private:
  std::uint64_t below(std::uint64_t bound) { return draws_.next() % bound; }
  bool chance(unsigned of) { return below(of) == 0; }

  Options drawn_options() {
    Options options;
    options.give_up = 20s;
    options.piece_size = std::array<std::uint32_t, 3>{16, 64, 256}[below(3)] * static_cast<std::uint32_t>(kibibyte);
    options.block_size = std::min<std::uint32_t>(options.piece_size, 16 * kibibyte << below(3));
    options.division = chance(2) ? Division::fragment : Division::swarming;
    options.choking = std::array{Choking::tit_for_tat, Choking::rotation, Choking::plain}[below(3)];
    options.ban_after = chance(3) ? 3 : 1;
    if (chance(4)) options.upload_slots = 1;
    if (chance(6)) options.wanted_connections = 1 + below(3);
    if (chance(6)) options.maximum_connections = options.wanted_connections + 1 + below(3);
    const std::array<std::uint64_t, 6> sizes{1,
                                             options.block_size,
                                             options.piece_size,
                                             options.piece_size + 1,
                                             20 * std::uint64_t{options.piece_size} + 777,
                                             1 + below(8 * 1024 * kibibyte)};
    size_ = sizes[below(sizes.size())];
    words_ << (options.division == Division::fragment ? "fragment" : "swarming") << ", choking "
           << static_cast<int>(options.choking) << ", " << sources_ << " sources, " << peers_ - sources_ << " peers, "
           << size_ << " bytes in pieces of " << options.piece_size << ", connections " << options.wanted_connections
           << " to " << options.maximum_connections << ", slots " << options.upload_slots;
    return options;
  }

  void make_network() {
    const Duration base = std::array<Duration, 5>{1ms, 10ms, 50ms, 300ms, 2s}[below(5)];
    const double loss = std::array<double, 5>{0, 0, 0.01, 0.05, 0.2}[below(5)];
    path_.latency = sim::LatencyModel::uniform(base, base + base / 2);
    path_.loss = sim::LossModel::independent(loss);
    path_.reorder = chance(3) ? 0.3 : 0;
    path_.reorder_delay = 200ms;
    path_.duplicate = chance(3) ? 0.2 : 0;
    path_.corrupt = trouble_.corrupts && chance(2) ? 0.02 : 0;
    lies_ = trouble_.corrupts && chance(2) && sources_ > 1;
    share_ = chance(2) ? 1.0 : 0.3;
    swarm_.world().network().set_default(path_);
    if (chance(2))
      for (std::size_t i = 0; i < peers_; ++i) swarm_.set_upload(i, 100'000 << below(5));
    words_ << ", latency " << base / 1ms << " ms, loss " << loss << ", reorder " << path_.reorder << ", duplicate "
           << path_.duplicate << ", corrupt " << path_.corrupt << ", lies " << lies_ << " " << share_;
    is_mild_ = base <= 50ms && loss <= 0.01 && !lies_ && path_.corrupt == 0 && options_.wanted_connections >= 20;
  }

  // Source 0 keeps its disk, so that the file is never lost.
  void befall() {
    sim::World& world = swarm_.world();
    const std::size_t index = below(peers_);
    const NodeIndex node = swarm_.peer(index);
    const sim::HostStatus status = world.status(node);
    if (status == sim::HostStatus::down) {
      world.start(node);
      const bool has_file = swarm_.peer_node(index).file("film") != nullptr;
      swarm_.command(index, index < sources_ && !has_file ? "ADD film" : "DOWN film");
    } else if (status == sim::HostStatus::paused) {
      world.resume(node);
    } else {
      disturb(index, node);
    }
  }

  void disturb(std::size_t index, NodeIndex node) {
    sim::World& world = swarm_.world();
    switch (below(6)) {
      case 0:
        world.crash(node, Disk::keep);
        break;
      case 1:
        world.crash(node, index == 0 ? Disk::keep : Disk::wipe);
        break;
      case 2:
        world.leave(node);
        break;
      case 3:
        world.pause(node);
        paused_ = true;
        break;
      case 4:
        cut();
        break;
      default:
        world.network().heal_all();
    }
  }

  void cut() {
    sim::NodeSet one;
    sim::NodeSet other;
    for (std::size_t i = 0; i < peers_; ++i) (chance(2) ? one : other).insert(swarm_.peer(i));
    swarm_.world().network().partition("cut", one, other, chance(2));
  }

  void calm() {
    sim::World& world = swarm_.world();
    world.network().heal_all();
    for (std::size_t i = 0; i < peers_; ++i) {
      if (world.status(swarm_.peer(i)) == sim::HostStatus::paused) world.resume(swarm_.peer(i));
      if (world.status(swarm_.peer(i)) == sim::HostStatus::down) world.start(swarm_.peer(i));
    }
  }

  void run(Duration length) {
    const Time end = swarm_.world().now() + length;
    while (swarm_.world().now() < end) {
      swarm_.run_for(std::min<Duration>(look_period, end - swarm_.world().now()));
      look();
    }
  }

  void look() {
    for (std::size_t i = 0; i < peers_ && fault_.empty(); ++i) {
      if (swarm_.world().status(swarm_.peer(i)) != sim::HostStatus::running) continue;
      const Peer& peer = swarm_.peer_node(i);
      if (const std::string wrong = wrong_accounts(peer); !wrong.empty()) blame(i, wrong);
      for (const SharedFile& file : peer.files()) {
        if (!file.download) continue;
        const Duration still = swarm_.world().now() - file.download->last_progress;
        // A peer that has just been resumed looks after its downloads with its next pulse.
        if (still > options_.give_up + 500ms && swarm_.world().now() - peer.pulsed() < 500ms)
          blame(i, "its download stands still for " + std::to_string(still / 1s) + " s");
        if (swarm_.world().now() - peer.pulsed() > 500ms && !paused_) blame(i, "it does not look after its download");
      }
    }
    const bool is_honest = path_.corrupt == 0 && !lies_;
    Journal& journal = swarm_.journal();
    if (is_honest && fault_.empty() && journal.count(TraceEvent::frame_refused) > 0) blame(0, "a frame is refused");
    if (is_honest && fault_.empty() && journal.count(TraceEvent::datagram_refused) > 0)
      blame(0, "a datagram is refused");
    if (is_honest && fault_.empty() && journal.count(TraceEvent::piece_rejected) > 0) blame(0, "a piece is rejected");
  }

  bool is_under_way() const {
    for (std::size_t i = 0; i < peers_; ++i)
      for (const SharedFile& file : swarm_.peer_node(i).files())
        if (file.download) return true;
    return false;
  }

  void blame(std::size_t peer, const std::string& what) {
    fault_ = "at " + std::to_string((swarm_.world().now() - time_zero) / 1ms) + " ms, peer " + std::to_string(peer) +
             ": " + what;
  }

  Outcome outcome() {
    Outcome result{.world = words_.str(), .fault = fault_, .is_mild = is_mild_};
    result.wanted = peers_ - sources_;
    for (const Journal::Line& line : swarm_.journal().lines())
      if (line.text.find("failed:") != std::string::npos) result.last_failure = line.text;
    for (std::size_t i = sources_; i < peers_; ++i) {
      const bool done = swarm_.is_complete(i, "film");
      const SharedFile* file = swarm_.peer_node(i).file("film");
      result.done += done ? 1 : 0;
      result.failed += !done && (file == nullptr || !file->download) ? 1 : 0;
    }
    return result;
  }

  KeyedStream draws_;
  Trouble trouble_;
  std::ostringstream words_;
  std::uint64_t size_ = 0;
  std::size_t sources_;
  std::size_t peers_;
  Options options_;
  SwarmWorld swarm_;
  sim::PathConditions path_;
  bool lies_ = false;
  bool paused_ = false;
  double share_ = 0;
  bool is_mild_ = false;
  std::string fault_;
};

}  // namespace

Outcome live_through(const Trouble& trouble) { return TroubledWorld(trouble).live(); }

}  // namespace peerbed::swarm
