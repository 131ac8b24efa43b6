// `peerbed node coursework`: peers by their numbers, `init` and `join` as the coursework has them.

#include <algorithm>
#include <cctype>
#include <chrono>

#include "app/node/node_kinds.h"
#include "app/node/node_options.h"
#include "protocols/coursework/node.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;
using coursework::Node;
using ring::Contact;
using ring::Key;

constexpr std::uint32_t loopback = 0x7F000001;
constexpr std::uint16_t base_port = 12'000;
constexpr std::uint64_t highest_peer = 255;
constexpr Duration latest_news = 60s;  // in which a death must be noticed, as the coursework requires

constexpr Verb verb_table[] = {
    {"Store", "NNNN", "stores a file at the peer that owns its number"},
    {"Request", "NNNN", "fetches a file into received_NNNN.pdf"},
    {"Quit", "", "tells both predecessors and exits", true},
};

class CourseworkView final : public NodeView {
 public:
  CourseworkView(adapter::HostedNodeOf<Node>& hosted, std::vector<Remote> known)
      : hosted_(hosted), known_(std::move(known)) {}

  adapter::HostedNode& hosted_node() noexcept override { return hosted_; }
  std::span<const Verb> verbs() const noexcept override { return verb_table; }
  std::vector<Fact> status() const override {
    const Node& node = hosted_.node();
    return {{"kind", "ring, coursework"},
            {"endpoint", adapter::to_string(hosted_.endpoint())},
            {"peer", std::to_string(node.self().value)},
            {"joined", std::uint64_t{node.joined()}},
            {"successors", node.successors().size()}};
  }
  std::vector<std::string> peers() const override {
    const Node& node = hosted_.node();
    std::vector<std::string> lines;
    const auto add = [&](const std::string& role, const Contact& contact) {
      lines.push_back(role + " " + std::to_string(contact.key.value) + " at " + to_string(contact.address));
    };
    for (std::size_t i = 0; i < node.successors().size(); ++i)
      add("successor " + std::to_string(i + 1) + ":", node.successors()[i]);
    if (const auto contact = node.predecessor()) add("predecessor:", *contact);
    if (const auto contact = node.second_predecessor()) add("second predecessor:", *contact);
    return lines;
  }
  bool is_ready() const override { return hosted_.node().joined(); }
  // Once the node has its place, the peer that it knew is taken to have answered.
  std::vector<Counterpart> counterparts(Time now) override {
    if (is_ready()) joined_ = now;
    std::vector<Counterpart> counterparts;
    for (const Remote& peer : known_)
      counterparts.push_back({adapter::to_string(peer.endpoint), joined_, longest_silence});
    return counterparts;
  }
  bool is_busy() const override { return !is_ready() || hosted_.node().pending() > 0; }
  bool dies_of_interrupt() const noexcept override { return true; }

 private:
  adapter::HostedNodeOf<Node>& hosted_;
  std::vector<Remote> known_;  // it joins through this peer; none: it is in the network from the beginning
  Time joined_ = time_zero;    // when it was last seen to be a member
};

std::uint64_t peer_of(const std::string& word, const char* what) {
  const auto number = scenarios::parse_count(word);
  if (!number || *number > highest_peer)
    throw UsageError(std::string(what) + " '" + word + "' is not a peer; peers are numbered from 0 to 255");
  return *number;
}

// Parses "30" or "0.5" (seconds), or a duration with a unit.
Duration ping_interval_of(const std::string& word) {
  const auto seconds = scenarios::parse_number(word);
  const auto duration = scenarios::parse_duration(seconds ? word + "s" : word);
  if (!duration || *duration < 10ms || *duration > 1h)
    throw UsageError("PING_INTERVAL '" + word + "' is not a number of seconds from 0.01 to 3600");
  return *duration;
}

// Chosen so that a death is noticed within a minute if possible: three missed pings, or fewer if pings are rare.
unsigned missed_pings_of(const Arguments& arguments, Duration interval) {
  const auto text = arguments.value("missed-pings");
  if (!text) return static_cast<unsigned>(std::clamp<std::int64_t>(latest_news / interval - 1, 1, 3));
  const auto number = scenarios::parse_count(*text);
  if (!number || *number < 1 || *number > 16) throw UsageError("--missed-pings " + *text + " is not from 1 to 16");
  return static_cast<unsigned>(*number);
}

constexpr std::string_view suffix = ".pdf";

// NNNN.pdf in the directory is the file NNNN, and received_NNNN.pdf is one that was fetched.
adapter::VisibleContent coursework_files() {
  adapter::VisibleContent files;
  files.name_of = [](ContentKey key) {
    const std::string digits = std::to_string(10'000 + key.value % coursework::received_content).substr(1);
    return (key.value >= coursework::received_content ? "received_" : "") + digits + std::string(suffix);
  };
  files.key_of = [](std::string_view name) -> std::optional<ContentKey> {
    const bool is_file = name.size() == 4 + suffix.size() && name.ends_with(suffix) &&
                         std::all_of(name.begin(), name.begin() + 4, [](unsigned char c) { return std::isdigit(c); });
    if (!is_file) return std::nullopt;
    return ContentKey{scenarios::parse_count(name.substr(0, 4)).value()};
  };
  return files;
}

}  // namespace

Command coursework_node_command() {
  return {
      .name = "node coursework",
      .summary = "runs a peer of the coursework's small ring",
      .forms = {"init PEER SUCCESSOR1 SUCCESSOR2 PING_INTERVAL [options]",
                "join PEER KNOWN_PEER PING_INTERVAL [options]"},
      .operand = "init|join",
      .description =
          "Starts a peer of a ring, or joins one, by peer numbers as in the coursework. Prompt commands: Store, "
          "Request, Quit.",
      .options = {{"base-port", "PORT", "peer N uses PORT + N (default: 12000)"},
                  {"missed-pings", "N", "missed pings until a successor is dead"}},
      .examples = {{"peerbed node coursework init 2 4 5 30", "peer 2, before 4 and 5, which it pings every 30 s"},
                   {"peerbed node coursework join 15 4 30", "peer 15, which joins through 4"}},
  };
}

std::unique_ptr<NodeView> make_coursework_node(adapter::Host& host, const Arguments& arguments) {
  const auto& words = arguments.positional();
  const std::string verb = words.empty() ? "" : words.front();
  const bool init = verb == "init";
  if (!init && verb != "join")
    throw UsageError(verb.empty() ? "missing argument: init or join" : "unknown argument '" + verb + "' (init, join)");
  const char* usage = init ? "write: node coursework init PEER SUCCESSOR1 SUCCESSOR2 PING_INTERVAL"
                           : "write: node coursework join PEER KNOWN_PEER PING_INTERVAL";
  if (words.size() != (init ? 5u : 4u)) throw UsageError(usage);
  for (const char* option : {"via", "key", "dir", "listen", "advertise", "set", "check-reachability"})
    if (arguments.has(option))
      throw UsageError("--" + std::string(option) +
                       " is for rings by address; peers with numbers listen on 127.0.0.1 "
                       "and share the current directory");
  auto base = std::uint64_t{base_port};
  if (const auto text = arguments.value("base-port")) {
    const auto number = scenarios::parse_count(*text);
    if (!number || *number == 0 || *number > UINT16_MAX - highest_peer)
      throw UsageError("--base-port " + *text + " leaves no room for 256 peers; take one from 1 to 65280");
    base = *number;
  }
  const auto contact_of = [&](std::size_t word, const char* what) {
    const std::uint64_t peer = peer_of(words[word], what);
    return Contact{Key{peer}, Address::ipv4(loopback, static_cast<std::uint16_t>(base + peer))};
  };
  const Contact self = contact_of(1, "PEER");
  const Contact first = contact_of(2, init ? "SUCCESSOR1" : "KNOWN_PEER");
  const Contact second = init ? contact_of(3, "SUCCESSOR2") : Contact{};
  if (!init && first == self) throw UsageError("a peer cannot join through itself; name one that is in the network");

  coursework::Options options;
  options.ping_interval = ping_interval_of(words.back());
  options.missed_pings = missed_pings_of(arguments, options.ping_interval);
  options.rpc_timeout = std::min(options.rpc_timeout, options.ping_interval);
  adapter::NodeOptions node_options = node_options_of(arguments, *adapter::Endpoint::of(self.address));
  node_options.content.directory = ".";
  node_options.content.hidden = ".peerbed-" + std::to_string(self.key.value);
  node_options.content.visible = coursework_files();
  const auto shared = std::make_shared<const coursework::Options>(options);
  return std::make_unique<CourseworkView>(
      host.add<Node>(node_options,
                     [=](Address) {
                       return init ? Node::established(shared, self, first, second)
                                   : Node::joining(shared, self, first);
                     }),
      init ? std::vector<Remote>{}
           : std::vector{Remote{to_string(first.address), *adapter::Endpoint::of(first.address)}});
}

}  // namespace peerbed::app
