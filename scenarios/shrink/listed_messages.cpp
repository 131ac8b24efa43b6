#include "scenarios/shrink/listed_messages.h"

#include <algorithm>
#include <map>
#include <numeric>
#include <optional>
#include <tuple>
#include <vector>

#include "scenarios/backends/simulated_backend.h"
#include "scenarios/plan/lower.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/shrink/leave_out.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_listed = 20'000;
constexpr std::size_t most_cut = 1'000;  // messages of one partition or clog

// A message between two nodes, and what became of it.
struct SentMessage {
  sim::MessageDeed deed;  // for this message, with its kind and number
  Duration at{};
  bool is_lost = false;  // by chance
  bool is_cut = false;
  std::optional<Duration> copy_later;
  Duration latency{};
};

class MessageRecorder final : public sim::FateObserver {
 public:
  void on_fate(const sim::Datagram& datagram, const sim::Transit& transit) override {
    if (datagram.sent != instant_) {
      instant_ = datagram.sent;
      counts_.clear();
    }
    SentMessage message;
    message.at = datagram.sent.time_since_epoch();
    message.deed.source = datagram.source;
    message.deed.destination = datagram.destination;
    message.deed.kind = datagram.kind;
    message.deed.nth = ++counts_[{datagram.source, datagram.destination, datagram.kind}];
    message.is_lost = transit.dropped == sim::DropCause::loss;
    message.is_cut = transit.dropped == sim::DropCause::partition;
    if (transit.copies > 0) message.latency = transit.copy[0].arrival - datagram.sent;
    if (transit.copies > 1) message.copy_later = transit.copy[1].arrival - transit.copy[0].arrival;
    messages_.push_back(message);
  }

  const std::vector<SentMessage>& messages() const noexcept { return messages_; }

 private:
  Time instant_ = Time::min();
  std::map<std::tuple<NodeIndex, NodeIndex, std::uint8_t>, std::uint64_t> counts_;  // at this instant
  std::vector<SentMessage> messages_;
};

std::vector<SentMessage> messages_of(const Scenario& scenario) {
  MessageRecorder recorder;
  SimulatedBackend backend(scenario, sim::EventQueueKind::heap);
  backend.observe_fates(&recorder);
  run_scenario(scenario, backend, {});
  return recorder.messages();
}

void add_deed(Case& example, const SentMessage& message, sim::MessageFate fate, Duration by) {
  ScheduledAction deed{message.at, ChangeMessage{message.deed}};
  auto& changed = std::get<ChangeMessage>(deed.action).deed;
  changed.fate = fate;
  changed.by = by;
  example.deeds.push_back(std::move(deed));
}

void sort_deeds(Case& example) {
  std::stable_sort(example.deeds.begin(), example.deeds.end(),
                   [](const ScheduledAction& a, const ScheduledAction& b) { return a.at < b.at; });
}

// Takes the chance of losing and doubling messages away from a change of the network. Returns whether nothing is left.
bool strip_chances(ChangeNetwork& change, bool& is_any) {
  for (const char* key : {"loss", "duplicate"}) {
    is_any = is_any || change.change.written.find(key) != nullptr;
    remove_entry(change.change.written, key);
  }
  change.change.loss.reset();
  change.change.duplicate.reset();
  return change.change.written.entries.empty();
}

// The case in which messages are lost and doubled by deeds alone. Nothing if chance loses and doubles none, or too many
// to list.
std::optional<Case> with_listed_losses(const Case& example, const Scenario& scenario) {
  Case listed = example;
  bool is_by_chance = false;
  if (Value* network = listed.rest.find("network"))
    for (const char* key : {"loss", "duplicate"}) {
      is_by_chance = is_by_chance || network->find(key) != nullptr;
      remove_entry(*network, key);
    }
  std::erase_if(listed.deeds, [&](ScheduledAction& deed) {
    auto* change = std::get_if<ChangeNetwork>(&deed.action);
    return change != nullptr && !change->restore && strip_chances(*change, is_by_chance);
  });
  if (!is_by_chance) return std::nullopt;
  for (const SentMessage& message : messages_of(scenario)) {
    if (message.is_lost) add_deed(listed, message, sim::MessageFate::lost, {});
    if (message.copy_later) add_deed(listed, message, sim::MessageFate::doubled, *message.copy_later);
    if (listed.deeds.size() > example.deeds.size() + most_listed) return std::nullopt;
  }
  sort_deeds(listed);
  return listed;
}

std::optional<Duration> fastest_of(const std::vector<SentMessage>& messages) {
  std::optional<Duration> fastest;
  for (const SentMessage& message : messages)
    if (!message.is_lost && !message.is_cut && message.deed.source != message.deed.destination)
      fastest = fastest ? std::min(*fastest, message.latency) : message.latency;
  return fastest;
}

// The case in which all messages take as long as the fastest one, and the others are delayed by deeds.
std::optional<Case> with_listed_latencies(const Case& example, const Scenario& scenario) {
  Case listed = example;
  Value* network = listed.rest.find("network");
  if (network == nullptr) return std::nullopt;
  const Value* latency = network->find("latency");
  const bool varies = latency != nullptr && latency->kind != Value::Kind::scalar;
  if (!varies && network->find("jitter") == nullptr && network->find("reorder") == nullptr) return std::nullopt;
  const std::vector<SentMessage> messages = messages_of(scenario);
  const std::optional<Duration> fastest = fastest_of(messages);
  if (!fastest || messages.size() > most_listed) return std::nullopt;
  for (const char* key : {"jitter", "reorder", "reorder_delay", "placement", "sites"}) remove_entry(*network, key);
  std::erase_if(listed.deeds, [](const ScheduledAction& deed) {
    const auto* message = std::get_if<ChangeMessage>(&deed.action);
    return message != nullptr && message->deed.fate == sim::MessageFate::delayed;
  });
  set_entry(*network, "latency", scalar_value(write_duration(*fastest)));
  for (const SentMessage& message : messages)
    if (!message.is_lost && !message.is_cut && message.latency > *fastest)
      add_deed(listed, message, sim::MessageFate::delayed, message.latency - *fastest);
  sort_deeds(listed);
  return listed;
}

// A partition or a clog: which messages it concerns, and the case without it.
struct Cut {
  Case without;
  Duration begin{};
  Duration end{};
  Nodes from;
  Nodes to;
  bool one_way = false;
  std::size_t deeds = 1;  // that are gone

  bool concerns(const SentMessage& message) const {
    const auto is_in = [](const Nodes& nodes, NodeIndex node) {
      return nodes.empty() || std::find(nodes.begin(), nodes.end(), node) != nodes.end();
    };
    const NodeIndex source = message.deed.source;
    const NodeIndex destination = message.deed.destination;
    return message.at >= begin && message.at < end &&
           ((is_in(from, source) && is_in(to, destination)) ||
            (!one_way && is_in(to, source) && is_in(from, destination)));
  }
};

std::optional<Cut> cut_at(const Case& example, std::size_t place) {
  const ScheduledAction& deed = example.deeds[place];
  Cut cut;
  cut.without = example;
  cut.begin = deed.at;
  cut.end = example.duration;
  const auto gone = cut.without.deeds.begin() + static_cast<std::ptrdiff_t>(place);
  if (const auto* clog = std::get_if<Clog>(&deed.action)) {
    cut.from = clog->from;
    cut.to = clog->to;
    cut.end = deed.at + clog->length;
    cut.without.deeds.erase(gone);
    return cut;
  }
  const auto* partition = std::get_if<Partition>(&deed.action);
  if (partition == nullptr) return std::nullopt;
  cut.from = partition->from;
  cut.to = partition->to;
  cut.one_way = partition->one_way;
  const auto heal = std::find_if(gone + 1, cut.without.deeds.end(), [&](const ScheduledAction& later) {
    const auto* heals = std::get_if<Heal>(&later.action);
    return heals != nullptr && heals->name == partition->name;
  });
  if (heal != cut.without.deeds.end()) {
    cut.end = heal->at;
    ++cut.deeds;
    cut.without.deeds.erase(heal);
  }
  cut.without.deeds.erase(gone);
  return cut;
}

}  // namespace

bool list_chances(Workbench& bench) {
  bool any = false;
  for (const auto listed : {with_listed_losses, with_listed_latencies}) {
    const std::optional<Scenario> scenario = bench.loaded(bench.smallest());
    if (std::optional<Case> candidate = listed(bench.smallest(), *scenario)) any |= bench.offer(std::move(*candidate));
  }
  return any;
}

bool list_cuts(Workbench& bench) {
  bool any = false;
  for (std::size_t place = 0; place < bench.smallest().deeds.size() && bench.has_time(); ++place) {
    const std::optional<Cut> cut = cut_at(bench.smallest(), place);
    if (!cut) continue;
    const std::vector<SentMessage> messages = messages_of(*bench.loaded(bench.smallest()));
    const Duration fastest = fastest_of(messages).value_or(Duration::max());
    std::vector<SentMessage> changed;
    for (const SentMessage& message : messages)
      if (cut->concerns(message) && (message.is_cut || (!message.is_lost && message.latency > fastest)))
        changed.push_back(message);
    if (changed.size() > most_cut) continue;
    const auto with = [&](const std::vector<std::size_t>& numbers) {
      Case listed = cut->without;
      for (const std::size_t number : numbers) {
        const SentMessage& message = changed[number];
        add_deed(listed, message, message.is_cut ? sim::MessageFate::lost : sim::MessageFate::delayed,
                 message.is_cut ? Duration::zero() : message.latency - fastest);
      }
      sort_deeds(listed);
      return listed;
    };
    const auto works = [&](const std::vector<std::size_t>& numbers) {
      return bench.has_time() && bench.fails(with(numbers));
    };
    std::vector<std::size_t> all(changed.size());
    std::iota(all.begin(), all.end(), std::size_t{0});
    if (!works(all)) continue;
    const std::vector<std::size_t> needed = fewest(changed.size(), works);
    if (needed.size() <= 2 * cut->deeds) any |= bench.offer(with(needed));
  }
  return any;
}

}  // namespace peerbed::scenarios
