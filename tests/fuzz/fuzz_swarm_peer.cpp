// A peer in a hostile world: it opens streams to the peer, sends any frames on them, forges datagrams of trackers and
// peers, answers disk requests arbitrarily, fires any timer and types any command. A handler must neither crash nor
// grow without bound, and must ask a stream only for what is allowed.

#include <array>
#include <cstring>
#include <deque>
#include <map>
#include <memory>
#include <optional>
#include <string_view>
#include <variant>
#include <vector>

#include "protocols/swarm/peer.h"
#include "tests/fuzz/choices.h"
#include "tests/fuzz/forged_datagram.h"
#include "tests/fuzz/fuzz_target.h"

using namespace peerbed;

namespace {

constexpr std::size_t most_steps = 3'000;
constexpr std::size_t most_effects_of_one_input = 50'000;
constexpr std::size_t most_disk_requests = 256;
constexpr std::size_t most_connections = 4;
constexpr std::size_t most_files = 4;
constexpr std::size_t most_listed = 8;
constexpr swarm::Geometry geometry{300'000, swarm::smallest_piece};  // 19 pieces

Address address_of(std::size_t node) { return Address::ipv4(0x0A000001 + static_cast<std::uint32_t>(node), 4000); }

// The hash of everything, unless the disk says otherwise: so every file has the same root, and pieces are valid.
constexpr swarm::Digest usual_digest = [] {
  swarm::Digest digest;
  digest.value.fill(std::byte{0x11});
  return digest;
}();

// The body of `pieces` from a peer that has them all.
constexpr std::array all_pieces{std::byte{0xFF}, std::byte{0xFF}, std::byte{0xE0}};

// What the peer asked a stream for: a number of bytes, or a range of content.
struct StreamRequest {
  std::size_t bytes = 0;
  ContentRange range;
};

// The peer's last query for a file.
struct FindRequest {
  std::uint32_t id = 0;
  Address to;
};

struct DiskRequest {
  ContentAction action{};
  ContentRange range;
};

std::shared_ptr<const swarm::Options> small_options() {
  auto options = std::make_shared<swarm::Options>();
  options->piece_size = swarm::smallest_piece;
  options->block_size = swarm::smallest_block;
  options->maximum_connections = most_connections;
  options->wanted_connections = 3;
  options->maximum_files = most_files;
  options->maximum_listed = most_listed;
  return options;
}

// The digits are those of usual_digest.
constexpr std::array<std::string_view, 14> commands{
    "ADD a",    "ADD b",    "GET",
    "DOWN a",   "DOWN c",   "DOWN 1111111111111111111111111111111111111111111111111111111111111111",
    "ADD ../a", "?",        "QUIT",
    "LIST",     "REMOVE a", "CANCEL a",
    "PAUSE a",  "RESUME a",
};

class HostileWorld {
 public:
  explicit HostileWorld(Bytes input)
      : choices_(input), peer_(swarm::Peer::make(small_options(), std::array{address_of(0)})) {
    handle([&](Environment& environment) {
      const std::array stored{swarm::catalogue_key};
      peer_.on_start(environment, Start{std::span(stored).first(choices_.below(2))});
    });
  }

  void run() {
    for (std::size_t step = 0; step < most_steps && !choices_.over() && running_; ++step) {
      now_ += std::chrono::milliseconds(choices_.below(256) * 4);
      take_step();
    }
  }

 private:
  void take_step() {
    switch (choices_.below(12)) {
      case 0:
        return command();
      case 1:
        return fire();
      case 2:
        return forge_datagram();
      case 3:
        return accept();
      case 4:
        return tell(StreamEventKind::opened);
      case 5:
        return end();
      case 6:
        return answer_disk();
      case 7:
        return tell(StreamEventKind::content_sent);
      case 8:
        return list_peers();
      case 9:
        return answer_find();
      default:
        return deliver();
    }
  }

  template <class Handler>
  void handle(Handler&& handler) {
    effects_.clear();
    Environment environment(now_, address_of(1), 1, draws_, effects_);
    handler(environment);
    FUZZ_EXPECT(effects_.all().size() < most_effects_of_one_input);
    for (const Effect& effect : effects_.all()) apply(effect);
    expect_bounded();
  }

  void expect_bounded() const {
    FUZZ_EXPECT(peer_.links().size() <= 2 * most_connections + most_files * most_connections);
    FUZZ_EXPECT(peer_.files().size() <= most_files);
    FUZZ_EXPECT(peer_.list().size() <= most_listed);
    for (const swarm::Link& link : peer_.links()) {
      FUZZ_EXPECT(link.requests.unanswered().size() <= swarm::maximum_requests);
      FUZZ_EXPECT(link.uploads.waiting().size() <= swarm::maximum_requests);
    }
  }

  void apply(const Effect& effect) {
    const auto range = [&] {
      ContentRange content;
      std::memcpy(&content, effects_.bytes_of(effect).data(), sizeof content);
      return content;
    };
    const auto ask_disk = [&](ContentAction action, const ContentRange& content) {
      if (disk_.size() < most_disk_requests) disk_.push_back({action, content});
    };
    const ContentRange named{ContentKey{effect.argument}, 0, 0};
    switch (effect.kind) {
      case EffectKind::send_datagram:
        if (const auto message = swarm::decode(effects_.bytes_of(effect)))
          if (const auto* find = std::get_if<swarm::Find>(&*message)) find_ = {find->id, Address{effect.argument}};
        return;
      case EffectKind::set_timer:
        return FUZZ_EXPECT(effect.number < swarm::Peer::timer_count);
      case EffectKind::exit_process:
        running_ = false;
        return;
      case EffectKind::open_stream:
        streams_[effect.stream];
        return;
      case EffectKind::receive_bytes:
        FUZZ_EXPECT(effect.argument > 0 && effect.argument <= maximum_stream_request);
        if (streams_.contains(effect.stream)) streams_[effect.stream].push_back({effect.argument, {}});
        return;
      case EffectKind::receive_content:
        FUZZ_EXPECT(range().size > 0 && range().size <= maximum_content_read);
        if (streams_.contains(effect.stream)) streams_[effect.stream].push_back({0, range()});
        return;
      case EffectKind::reset_stream:
        streams_.erase(effect.stream);
        return;
      case EffectKind::read_content:
        return ask_disk(ContentAction::read, named);
      case EffectKind::hash_content:
        return ask_disk(ContentAction::hashed, range());
      case EffectKind::import_content:
        return ask_disk(ContentAction::imported, named);
      case EffectKind::export_content:
        return ask_disk(ContentAction::exported, named);
      default:
        return;
    }
  }

  void command() {
    handle([&](Environment& environment) { peer_.on_command(environment, commands[choices_.below(commands.size())]); });
  }
  void fire() {
    const auto timer = static_cast<TimerId>(choices_.below(swarm::Peer::timer_count));
    handle([&](Environment& environment) { peer_.on_timer(environment, timer); });
  }

  void forge_datagram() {
    const std::vector<std::byte> payload = forged_datagram(choices_.bytes());
    receive(address_of(choices_.below(4)), payload);
  }
  void receive(Address from, Bytes payload) {
    handle([&](Environment& environment) { peer_.on_datagram(environment, from, payload); });
  }
  template <class Message>
  void say(Address from, const Message& message) {
    std::array<std::byte, maximum_datagram_size> buffer{};
    Writer writer(buffer);
    message.encode(writer);
    receive(from, writer.written());
  }

  // A tracker's messages: first the whole list, then arrivals and departures.
  void list_peers() {
    const swarm::ListVersion version{1, listed_changes_};
    if (listed_changes_++ == 0) {
      swarm::ListPage page{.version = {1, 1}, .after = {}, .last = true, .peers = {}};
      for (std::size_t node = 2; node < 6; ++node) page.peers.add(address_of(node));
      return say(address_of(0), page);
    }
    swarm::ListChanges changes{.from = version, .changes = {}};
    changes.changes.add({address_of(2 + choices_.below(4)), choices_.below(2) == 1});
    say(address_of(0), changes);
  }

  // A peer that was asked for a file has one: with the usual root, or another.
  void answer_find() {
    if (!find_) return;
    swarm::Found found{.id = find_->id, .file = {}};
    if (choices_.below(4) != 3) found.file.root = usual_digest;
    found.file.size = geometry.size;
    found.file.complete = choices_.below(2) == 1;
    say(find_->to, found);
    find_.reset();
  }

  void accept() {
    const StreamId stream{next_accepted_ += 2};
    streams_[stream];
    tell({.stream = stream,
          .kind = StreamEventKind::accepted,
          .peer = address_of(2 + choices_.below(4)),
          .bytes = {},
          .range = {}});
  }

  StreamId any_stream() {
    auto found = streams_.begin();
    std::advance(found, static_cast<std::ptrdiff_t>(choices_.below(streams_.size())));
    return found->first;
  }
  void tell(StreamEventKind kind) {
    if (streams_.empty()) return;
    tell({.stream = any_stream(), .kind = kind, .peer = address_of(2), .bytes = {}, .range = {}});
  }
  void tell(const StreamEvent& event) {
    handle([&](Environment& environment) { peer_.on_stream(environment, event); });
  }
  void end() {
    if (streams_.empty()) return;
    const StreamId stream = any_stream();
    streams_.erase(stream);
    constexpr std::array ends{StreamEventKind::reset, StreamEventKind::closed, StreamEventKind::half_closed};
    tell(
        {.stream = stream, .kind = ends[choices_.below(ends.size())], .peer = address_of(2), .bytes = {}, .range = {}});
  }

  // What a stream was asked for arrives: a sensible frame or greeting, or anything.
  void deliver() {
    if (streams_.empty()) return;
    const StreamId stream = any_stream();
    auto& asked = streams_[stream];
    if (asked.empty()) return;
    const StreamRequest request = asked.front();
    asked.pop_front();
    StreamEvent event{.stream = stream, .kind = {}, .peer = address_of(2), .bytes = {}, .range = request.range};
    std::vector<std::byte> bytes(request.bytes);
    if (request.bytes == 0) {
      event.kind = choices_.below(8) == 7 ? StreamEventKind::content_lost : StreamEventKind::content_received;
    } else {
      event.kind = StreamEventKind::bytes_received;
      speak(bytes);
      event.bytes = bytes;
    }
    tell(event);
  }

  // Fills the bytes that the stream was asked for.
  void speak(std::vector<std::byte>& bytes) {
    Writer writer(bytes);
    if (choices_.below(16) == 15) {
      const Bytes anything = choices_.bytes();
      writer.bytes(anything.first(std::min(anything.size(), bytes.size())));
    } else if (bytes.size() == swarm::frame_size) {
      any_frame().encode(writer);
    } else if (bytes.size() == swarm::hello_size) {
      swarm::Hello{usual_digest, 4000}.encode(writer);
    } else {
      writer.bytes(Bytes(all_pieces).first(std::min(all_pieces.size(), bytes.size())));
    }
  }
  swarm::Frame any_frame() {
    using Kind = swarm::FrameKind;
    swarm::Frame frame{.kind = static_cast<Kind>(1 + choices_.below(static_cast<std::size_t>(Kind::last)))};
    frame.piece = static_cast<std::uint32_t>(choices_.below(geometry.pieces() + 1));
    frame.offset = static_cast<std::uint32_t>(choices_.below(5)) * swarm::smallest_block;
    frame.size = swarm::smallest_block;
    if (frame.kind == Kind::hello) frame.size = swarm::hello_size;
    if (frame.kind == Kind::manifest) frame.size = static_cast<std::uint32_t>(geometry.manifest_size());
    if (frame.kind == Kind::have) frame.offset = frame.size = swarm::no_piece;
    if (frame.kind == Kind::pieces) {
      frame.size = all_pieces.size();
      frame.offset = codec::check_of(all_pieces);
    }
    return frame;
  }

  void answer_disk() {
    if (choices_.below(8) == 7) return change_file();
    if (disk_.empty()) return;
    const DiskRequest request = disk_.front();
    disk_.pop_front();
    ContentReady ready{.key = request.range.content,
                       .bytes = {},
                       .found = choices_.below(8) != 7,
                       .action = request.action,
                       .range = request.range,
                       .is_file = choices_.below(2) == 1,
                       .file_size = geometry.size,
                       .is_tree = choices_.below(4) == 3};
    const std::vector<std::byte> bytes = stored(ready, choices_.below(8) != 7);
    ready.bytes = bytes;
    handle([&](Environment& environment) { peer_.on_content(environment, ready); });
  }
  void change_file() {
    const auto number = static_cast<swarm::FileNumber>(1 + choices_.below(4));
    const ContentKey key = swarm::key_of_part(number, swarm::Part::data);
    const ContentReady ready{.key = key,
                             .bytes = {},
                             .found = choices_.below(2) == 1,
                             .action = ContentAction::changed,
                             .range = {key, 0, 0},
                             .is_file = true};
    handle([&](Environment& environment) { peer_.on_content(environment, ready); });
  }
  // The disk's answer: an honest one (`usual`), or anything.
  std::vector<std::byte> stored(ContentReady& ready, bool usual) {
    if (ready.action == ContentAction::imported) ready.range.size = usual ? geometry.size : choices_.below(3);
    if (ready.action == ContentAction::hashed) {
      std::vector<std::byte> digest(usual_digest.value.begin(), usual_digest.value.end());
      if (!usual) digest[0] = std::byte{0};
      return digest;
    }
    if (ready.action != ContentAction::read) return {};
    if (!usual) {
      const Bytes anything = choices_.bytes();
      return {anything.begin(), anything.end()};
    }
    if (ready.key == swarm::catalogue_key) return catalogue();
    if (swarm::part_of(ready.key) == swarm::Part::progress) return {all_pieces.begin(), all_pieces.end()};
    return swarm::Manifest{geometry, std::vector<swarm::Digest>(geometry.pieces(), usual_digest)}.encoded();
  }
  // A catalogue of one file, as an earlier process would have left it: see Peer::save_catalogue.
  std::vector<std::byte> catalogue() {
    std::vector<std::byte> bytes(256);
    Writer writer(bytes);
    writer.integer(std::uint16_t{0x5D81});
    writer.integers(std::uint32_t{1}, static_cast<std::uint32_t>(geometry.manifest_size()));
    writer.integer(static_cast<std::uint8_t>(choices_.below(8)));
    writer.bytes(usual_digest.value);
    constexpr std::array name{std::byte{'a'}};
    writer.sized_bytes(name);
    bytes.resize(writer.written().size());
    return bytes;
  }

  Choices choices_;
  swarm::Peer peer_;
  std::map<StreamId, std::deque<StreamRequest>> streams_;
  std::deque<DiskRequest> disk_;
  std::optional<FindRequest> find_;
  std::uint64_t listed_changes_ = 0;
  DrawCounts draws_{};
  Effects effects_;
  Time now_ = time_zero + std::chrono::seconds(1);
  std::uint32_t next_accepted_ = 0;
  bool running_ = true;
};

}  // namespace

int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  HostileWorld(std::as_bytes(std::span(data, size))).run();
  return 0;
}
