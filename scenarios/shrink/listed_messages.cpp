#include "scenarios/shrink/listed_messages.h"

#include <algorithm>
#include <map>
#include <tuple>

#include "scenarios/backends/simulated_backend.h"
#include "scenarios/plan/lower.h"
#include "scenarios/run/run_scenario.h"
#include "scenarios/text/units.h"

namespace peerbed::scenarios {
namespace {

constexpr std::size_t most_listed = 20'000;

// A message between two nodes, and what became of it.
struct SentMessage {
  sim::MessageDeed deed;  // for this message, with its kind and number
  Duration at{};
  bool is_lost = false;
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

// Whether a change of the network concerns nothing but these chances.
bool only_loses(const PathChange& change) {
  return !change.latency && !change.jitter && !change.reorder && !change.corrupt && (change.loss || change.duplicate);
}

}  // namespace

std::optional<Case> with_listed_losses(const Case& example, const Scenario& scenario) {
  Case listed = example;
  bool is_by_chance = false;
  if (Value* network = listed.rest.find("network"))
    for (const char* key : {"loss", "duplicate"}) {
      is_by_chance = is_by_chance || network->find(key) != nullptr;
      remove_entry(*network, key);
    }
  is_by_chance |= std::erase_if(listed.deeds, [](const ScheduledAction& deed) {
                    const auto* change = std::get_if<ChangeNetwork>(&deed.action);
                    return change != nullptr && !change->restore && only_loses(change->change);
                  }) > 0;
  if (!is_by_chance) return std::nullopt;
  for (const SentMessage& message : messages_of(scenario)) {
    if (message.is_lost) add_deed(listed, message, sim::MessageFate::lost, {});
    if (message.copy_later) add_deed(listed, message, sim::MessageFate::doubled, *message.copy_later);
    if (listed.deeds.size() > example.deeds.size() + most_listed) return std::nullopt;
  }
  sort_deeds(listed);
  return listed;
}

std::optional<Case> with_listed_latencies(const Case& example, const Scenario& scenario) {
  Case listed = example;
  Value* network = listed.rest.find("network");
  if (network == nullptr) return std::nullopt;
  const Value* latency = network->find("latency");
  const bool varies = latency != nullptr && latency->kind != Value::Kind::scalar;
  if (!varies && network->find("jitter") == nullptr && network->find("reorder") == nullptr) return std::nullopt;
  const std::vector<SentMessage> messages = messages_of(scenario);
  Duration fastest = Duration::max();
  for (const SentMessage& message : messages)
    if (!message.is_lost) fastest = std::min(fastest, message.latency);
  if (fastest == Duration::max() || messages.size() > most_listed) return std::nullopt;
  for (const char* key : {"jitter", "reorder", "reorder_delay", "placement", "sites"}) remove_entry(*network, key);
  set_entry(*network, "latency", scalar_value(write_duration(fastest)));
  for (const SentMessage& message : messages)
    if (!message.is_lost && message.latency > fastest)
      add_deed(listed, message, sim::MessageFate::delayed, message.latency - fastest);
  sort_deeds(listed);
  return listed;
}

}  // namespace peerbed::scenarios
