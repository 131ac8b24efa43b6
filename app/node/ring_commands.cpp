// `peerbed put`, `get` and `remove`: access one value of a ring as a guest that never becomes a member.

#include <algorithm>
#include <chrono>
#include <iostream>
#include <nlohmann/json.hpp>

#include "adapter/host.h"
#include "analysis/results/json_document.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/node/node_options.h"
#include "app/node/node_settings.h"
#include "app/node/value_file.h"
#include "protocols/environment/version_notice.h"
#include "protocols/ring/base/words.h"
#include "protocols/ring/node.h"
#include "scenarios/ring/ring_protocol.h"
#include "scenarios/text/error.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using namespace std::chrono_literals;
using analysis::Json;
using ring::Node;
using Value = std::vector<std::byte>;

constexpr Duration first_wait = 1s;  // for a bootstrap node, while no round trip has been measured
constexpr Duration settling = 1s;    // for messages still under way when the answer is known

// Why something was not done, for programs and for users.
struct Refusal {
  std::string code;
  std::string sentence;
};

class RingVisit final : private Observer {
 public:
  // Throws UsageError for invalid options, and std::runtime_error if no socket can be opened.
  explicit RingVisit(const Arguments& arguments);

  // Makes the guest ask, and waits until it is done. Nothing if it was refused.
  std::optional<Value> fetch(const std::string& name);
  bool put(const std::string& name, const Value& value, Duration lifetime);
  bool remove(const std::string& name);
  const Refusal& refusal() const noexcept { return refusal_; }

 private:
  using Ask = std::function<std::uint32_t(Node&, Environment&)>;

  void on_refusal(Time, NodeIndex, std::string_view code, std::string_view sentence) override {
    refusal_ = {std::string(code), std::string(sentence)};
  }
  void on_trace(Time, NodeIndex, std::uint16_t event, const TraceValues& values) override;
  std::uint32_t ask(const Ask& what);
  bool loses_patience();
  void say_nobody_answers();

  Duration patience_;
  std::vector<std::string> bootstrap_;
  adapter::Host host_;
  adapter::HostedNodeOf<Node>* guest_ = nullptr;
  std::uint64_t progress_ = 0;
  Time moved_{};  // when there was last progress
  Refusal refusal_;
  std::string other_version_;  // which member speaks which version; empty if none speaks another
};

Duration duration_of(const Arguments& arguments, const char* option, Duration otherwise, Duration least) {
  const auto text = arguments.value(option);
  if (!text) return otherwise;
  const auto duration = scenarios::parse_duration(*text);
  if (!duration || *duration < least)
    throw UsageError("--" + std::string(option) + " " + *text + " is not " + std::string(scenarios::expected_duration) +
                     ", from " + scenarios::write_duration(least) + " on");
  return *duration;
}

RingVisit::RingVisit(const Arguments& arguments)
    : patience_(duration_of(arguments, "patience", 10s, 100ms)), host_({.key = cluster_key_of(arguments)}) {
  const std::vector<std::string> texts = arguments.values("via");
  if (texts.empty()) throw UsageError("no member of the ring given; write --via HOST:PORT");
  const adapter::NodeOptions node_options =
      node_options_of(arguments, adapter::Endpoint::towards(endpoint_of(texts.front(), "via")));
  std::vector<Address> bootstrap;
  for (const Remote& remote : remotes_of(arguments, "via", node_options)) {
    bootstrap.push_back(remote.endpoint.address());
    bootstrap_.push_back(adapter::to_string(remote.endpoint));
  }
  if (bootstrap.size() > ring::maximum_bootstrap)
    throw UsageError("--via is given " + std::to_string(bootstrap.size()) + " times, but at most " +
                     std::to_string(ring::maximum_bootstrap) + " members are allowed");
  ring::Options options;
  options.initial_timeout = first_wait;
  read_settings(arguments, [&](scenarios::MapReader& map) { scenarios::read_ring_options(map, options); });
  const auto shared = std::make_shared<const ring::Options>(options);
  try {
    guest_ = &host_.add<Node>(node_options, [this, shared, bootstrap](Address) {
      const auto since_epoch = std::chrono::system_clock::now().time_since_epoch();
      Node guest = Node::guest(shared, bootstrap);
      guest.set_clock_offset(std::chrono::duration_cast<Duration>(since_epoch) - (host_.now() - time_zero));
      return guest;
    });
  } catch (const std::system_error& error) {
    rethrow_with_remedy(error);
  }
  host_.observe(this);
  guest_->start();
}

std::uint32_t RingVisit::ask(const Ask& what) {
  std::uint32_t id = 0;
  moved_ = host_.now();
  guest_->ask([&](Node& node, Environment& environment) { id = what(node, environment); });
  const auto is_over = [&] { return !guest_->node().is_pending(id) || loses_patience(); };
  while (!host_.run_until(is_over, 100ms)) continue;
  if (guest_->node().is_pending(id))
    say_nobody_answers();
  else
    host_.run_until([&] { return guest_->node().pending_operations() == 0; }, settling);
  return id;
}

// Whether there has been no relevant progress for its patience.
bool RingVisit::loses_patience() {
  const std::uint64_t progress = guest_->node().progress();
  if (progress != progress_) moved_ = host_.now();
  progress_ = progress;
  return host_.now() - moved_ >= patience_;
}

void RingVisit::on_trace(Time, NodeIndex, std::uint16_t event, const TraceValues& values) {
  if (event != index_of(ring::TraceEvent::datagram_refused) || values[2] == 0) return;
  other_version_ = sentence_of_version(Address{values[0]}, values[2]);
}

void RingVisit::say_nobody_answers() {
  std::string bootstrap = bootstrap_.front();
  for (std::size_t i = 1; i < bootstrap_.size(); ++i)
    bootstrap += (i + 1 == bootstrap_.size() ? " and " : ", ") + bootstrap_[i];
  const std::string patience = scenarios::show_duration(static_cast<double>(patience_.count()));
  if (!other_version_.empty())
    refusal_ = {"version-refused", other_version_};
  else if (guest_->node().heard_members())
    refusal_ = {"no-answer", "the ring at " + bootstrap + " answers, but the command made no progress for " + patience +
                                 "; try again later or with a longer --patience"};
  else
    refusal_ = {"unreachable",
                "no member of a ring answers at " + bootstrap + " for " + patience +
                    "; check that it is running with the same key, or wait longer with --patience DURATION"};
}

std::optional<Value> RingVisit::fetch(const std::string& name) {
  const std::uint32_t id = ask([&](Node& node, Environment& environment) { return node.fetch(environment, name); });
  std::optional<Value> value;
  guest_->ask([&](Node& node, Environment&) { value = node.take_fetched(id); });
  return value;
}

bool RingVisit::put(const std::string& name, const Value& value, Duration lifetime) {
  ask([&](Node& node, Environment& environment) { return node.put(environment, name, value, lifetime); });
  return refusal_.code.empty();
}

bool RingVisit::remove(const std::string& name) {
  ask([&](Node& node, Environment& environment) { return node.remove(environment, name); });
  return refusal_.code.empty();
}

// ---------------------------------------------------------------------------------------------------------------------
// Results

void print(const Json& event) { std::cout << analysis::json_line(event) << '\n' << std::flush; }

int refuse(const Arguments& arguments, const Refusal& refusal) {
  if (arguments.has("json"))
    print({{"event", "error"}, {"code", refusal.code}, {"error", refusal.sentence}});
  else
    std::cerr << "peerbed: " << refusal.sentence << '\n';
  return exit_io;
}

// Runs a step that reads or writes a file, and reports its failure.
template <class Step>
std::optional<Refusal> refusal_of(const Step& step) {
  try {
    step();
  } catch (const scenarios::FileError& error) {
    return Refusal{"file", error.what()};
  }
  return std::nullopt;
}

struct Operands {
  std::string name;
  std::optional<std::string> file;  // none for "-"
};

Operands operands_of(const Arguments& arguments, const char* form, std::size_t most) {
  const auto& words = arguments.positional();
  const std::string write = std::string("write: peerbed ") + form;
  if (words.empty()) throw UsageError("missing the name of a value; " + write);
  if (words.size() > most)
    throw UsageError("'" + words[most] + "' is one word too many; " + write +
                     ", with quotes around a NAME that contains spaces");
  if (words.front().empty()) throw UsageError("the name is empty; " + write);
  const bool has_file = words.size() > 1 && words[1] != "-";
  return {words.front(), has_file ? std::optional(words[1]) : std::nullopt};
}

int put_value(const Invocation&, const Arguments& arguments) {
  const auto [name, file] = operands_of(arguments, "put --via HOST:PORT NAME [FILE|-]", 2);
  const Duration lifetime = duration_of(arguments, "ttl", Duration{0}, 1ms);
  RingVisit visit(arguments);
  Value value;
  if (const auto refusal = refusal_of([&, &file = file] { value = read_value(file); }))
    return refuse(arguments, *refusal);
  if (!visit.put(name, value, lifetime)) return refuse(arguments, visit.refusal());
  if (arguments.has("json")) print({{"event", "stored"}, {"name", name}, {"bytes", value.size()}});
  return exit_good;
}

int remove_value(const Invocation&, const Arguments& arguments) {
  const auto [name, file] = operands_of(arguments, "remove --via HOST:PORT NAME", 1);
  RingVisit visit(arguments);
  if (!visit.remove(name)) return refuse(arguments, visit.refusal());
  if (arguments.has("json")) print({{"event", "removed"}, {"name", name}});
  return exit_good;
}

int get_value(const Invocation&, const Arguments& arguments) {
  const auto [name, file] = operands_of(arguments, "get --via HOST:PORT NAME [FILE|-]", 2);
  RingVisit visit(arguments);
  const bool is_json = arguments.has("json");
  if (const auto refusal = refusal_of([&, &file = file] { refuse_unwritable(file); }))
    return refuse(arguments, *refusal);
  const auto value = visit.fetch(name);
  if (!value) return refuse(arguments, visit.refusal());
  Json event{{"event", "fetched"}, {"name", name}, {"bytes", value->size()}};
  if (file) {
    if (const auto refusal = refusal_of([&, &file = file] { write_value(*file, *value); }))
      return refuse(arguments, *refusal);
    event["file"] = *file;
  } else if (is_json) {
    event["base64"] = base64_of(*value);
  } else if (const auto refusal = refusal_of([&, &name = name] { print_value(name, *value); })) {
    return refuse(arguments, *refusal);
  }
  if (is_json) print(event);
  return exit_good;
}

std::vector<Option> visit_options() {
  return {
      {"via", "HOST:PORT", "member of the ring; up to 8, tried in turn", true},
      {"patience", "DURATION", "give up after this long without progress (default: 10s)"},
      {"key-file", "FILE", "cluster key (see `peerbed key`); encrypts all traffic"},
      {"insecure", nullptr, "allow traffic to other machines without a key"},
      {"listen", "HOST:PORT", "local address for answers (default: any port)"},
      {"advertise", "HOST:PORT", "address members use, if different"},
      {"json", nullptr, "print the result as one JSON object"},
      settings_option(),
  };
}

}  // namespace

Command put_command() {
  std::vector<Option> options = visit_options();
  options.insert(options.begin() + 1, {"ttl", "DURATION", "lifetime of the value (default: unlimited)"});
  return {
      .name = "put",
      .summary = "stores a value in a ring without joining it",
      .forms = {"--via HOST:PORT NAME [FILE|-] [options]"},
      .operand = "FILE",
      .description =
          "Stores the contents of a file or standard input, up to 1 MiB, in a ring under a name. Finishes when all "
          "holders of the value have it.",
      .options = std::move(options),
      .examples = {{"peerbed put --via 127.0.0.1:5000 colour colour.txt", "store the contents of a file"},
                   {"peerbed put --via 127.0.0.1:5000 picture cat.png --ttl 1h", "store a file for an hour"}},
      .run = put_value,
  };
}

Command get_command() {
  return {
      .name = "get",
      .summary = "fetches a value from a ring without joining it",
      .forms = {"--via HOST:PORT NAME [FILE|-] [options]"},
      .operand = "FILE",
      .description =
          "Fetches a value and writes it to a file or to standard output. The file is written completely or not at "
          "all, and replaces an existing one.",
      .options = visit_options(),
      .examples = {{"peerbed get --via 127.0.0.1:5000 colour", "print a value"},
                   {"peerbed get --via 127.0.0.1:5000 picture cat.png", "write it to a file"}},
      .run = get_value,
  };
}

Command remove_command() {
  return {
      .name = "remove",
      .summary = "removes a value from a ring without joining it",
      .forms = {"--via HOST:PORT NAME [options]"},
      .operand = "NAME",
      .description = "Removes the value stored under a name. Finishes when all holders of the value know.",
      .options = visit_options(),
      .examples = {{"peerbed remove --via 127.0.0.1:5000 colour", "removes a value"},
                   {"peerbed remove --via 127.0.0.1:5000 --via 127.0.0.1:5001 colour",
                    "with a second member as a fallback"}},
      .run = remove_value,
  };
}

}  // namespace peerbed::app
