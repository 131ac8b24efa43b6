#include "analysis/explain/chain_story.h"

#include <algorithm>
#include <map>
#include <set>
#include <unordered_map>

#include "analysis/trace/event_causes.h"
#include "analysis/trace/event_trace_reader.h"

namespace peerbed::analysis {
namespace {

constexpr std::size_t most_parts = 200;
constexpr std::size_t most_steps = 2'000'000;  // kept of an operation's time; a longer one is told from its end
constexpr std::int64_t millisecond = 1'000'000;

struct KeptStep {
  std::uint64_t event = 0;
  std::uint64_t cause = 0;
  std::int64_t time = 0;
  std::uint32_t node = 0;
  std::uint32_t source = nobody;
  RecordKind kind{};
  std::string_view message;                   // of a datagram; the reader's header owns it
  const TraceHeader::Timer* timer = nullptr;  // likewise
};

struct Suspicion {
  std::int64_t time = 0;
  std::uint32_t node = 0;  // who suspected
  std::string id;          // whom
};

std::string milliseconds_text(std::int64_t nanoseconds) {
  if (nanoseconds >= 10'000 * millisecond) return std::to_string(nanoseconds / 1'000'000'000) + " s";
  return std::to_string((nanoseconds + millisecond / 2) / millisecond) + " ms";
}

class Chain {
 public:
  Chain(const std::string& trace, const TimedOperation& operation, const Surroundings& around)
      : reader_(trace), operation_(operation), around_(around) {
    EventCauses causes(reader_.header());
    for (TraceRecord record; reader_.next(record) && record.event <= operation.event;) {
      const auto cause = causes.add(record);
      if (record.kind == RecordKind::report) note_report(record);
      if (!is_step(record.kind)) continue;
      times_.push_back({record.event, record.time});
      const std::uint64_t caused_by = cause.value_or(0);
      if (record.kind == RecordKind::datagram) note_delay(record, time_of(caused_by));
      if (record.time < operation.from || steps_.size() == most_steps) continue;
      steps_.push_back({record.event,
                        caused_by,
                        record.time,
                        record.node,
                        nobody,
                        record.kind,
                        {},
                        reader_.header().timer_of(record)});
      if (record.kind != RecordKind::datagram) continue;
      steps_.back().source = record.source;
      steps_.back().message = reader_.header().message_name(record);
    }
  }

  // Messages do not say which operation they belong to, so a way through several waits may be that of another one. It
  // is if a node other than the first waits twice.
  std::vector<StoryPart> parts() {
    if (auto parts = parts_through(true)) return *std::move(parts);
    origins_.clear();
    return *parts_through(false);
  }

 private:
  // Nothing if the way is not this operation's; that can be only if waits may follow from other waits.
  std::optional<std::vector<StoryPart>> parts_through(bool several_waits) {
    std::vector<StoryPart> parts;  // last first
    std::set<std::uint32_t> waited;
    std::int64_t at = operation_.until;
    for (const KeptStep* step = find(operation_.event); step != nullptr && parts.size() < most_parts;) {
      if (step->time <= operation_.from || is_from_outside(step->kind)) break;
      const bool is_wait = step->kind == RecordKind::timer;
      if (is_wait && several_waits && step->node != operation_.node && !waited.insert(step->node).second)
        return std::nullopt;
      const KeptStep* before = is_wait ? origin_of(*step, several_waits) : find(step->cause);
      const std::int64_t begun = before == nullptr ? operation_.from : before->time;
      parts.push_back(part_of(*step, before, begun));
      at = begun;
      step = before;
    }
    if (at > operation_.from)
      parts.push_back({"before what the trace shows", operation_.from, at, at - operation_.from, ""});
    std::reverse(parts.begin(), parts.end());
    return parts;
  }

  using Pair = std::pair<std::uint32_t, std::uint32_t>;

  std::string name(std::uint32_t node) const { return reader_.header().name_of(node); }

  std::optional<std::int64_t> time_of(std::uint64_t event) const {
    const auto found = std::lower_bound(times_.begin(), times_.end(), event,
                                        [](const auto& one, std::uint64_t of) { return one.first < of; });
    return found != times_.end() && found->first == event ? std::optional(found->second) : std::nullopt;
  }
  const KeptStep* find(std::uint64_t event) const {
    const auto found = std::lower_bound(steps_.begin(), steps_.end(), event,
                                        [](const KeptStep& step, std::uint64_t of) { return step.event < of; });
    return found != steps_.end() && found->event == event ? &*found : nullptr;
  }

  void note_report(const TraceRecord& record) {
    const TraceHeader::Report* report = reader_.header().report_of(record);
    if (report == nullptr || report->name != "peer.suspected" || record.time < operation_.from) return;
    suspicions_.push_back(
        {record.time, record.node, reader_.header().word_of(Unit::identifier, record.values[0]).value_or("")});
  }
  void note_delay(const TraceRecord& record, std::optional<std::int64_t> sent) {
    if (!sent) return;
    const auto [entry, is_new] = least_delay_.try_emplace({record.source, record.node}, record.time - *sent);
    if (!is_new) entry->second = std::min(entry->second, record.time - *sent);
  }

  bool is_beginning(const KeptStep& step) const {
    return step.node == operation_.node && step.time == operation_.from && is_from_outside(step.kind);
  }

  // The step that sent the first of the messages that led here one after another; null if the trace does not show it.
  const KeptStep* root_of(const KeptStep& step) const {
    const KeptStep* at = &step;
    for (std::size_t hops = 0; at != nullptr && hops < most_parts; ++hops) {
      if (at->kind != RecordKind::datagram && at->kind != RecordKind::content) return at;
      at = find(at->cause);
    }
    return nullptr;
  }

  // A node may use one timer for all of its deadlines, so the step that set it last says little. The wait began with
  // the last message of this operation that reached the node before: one that follows from the beginning by messages
  // alone or, if there is none, from another wait of this operation.
  const KeptStep* origin_of(const KeptStep& timer, bool several_waits) {
    const auto [known, is_new] = origins_.try_emplace(timer.event, nullptr);
    if (!is_new) return known->second;
    const auto end = std::lower_bound(steps_.begin(), steps_.end(), timer.event,
                                      [](const KeptStep& step, std::uint64_t of) { return step.event < of; });
    std::vector<const KeptStep*> indirect;  // the latest first
    for (auto step = end; step != steps_.begin();) {
      --step;
      if (step->node != timer.node) continue;
      if (is_beginning(*step)) return origins_[timer.event] = &*step;
      if (step->kind != RecordKind::datagram) continue;
      const KeptStep* root = root_of(*step);
      if (root == nullptr) continue;
      if (is_beginning(*root)) return origins_[timer.event] = &*step;
      if (several_waits && root->kind == RecordKind::timer && root->timer != nullptr && root->timer->is_patience &&
          indirect.size() < most_parts)
        indirect.push_back(&*step);
    }
    for (const KeptStep* step : indirect)
      if (origin_of(*root_of(*step), several_waits) != nullptr) return origins_[timer.event] = step;
    return nullptr;
  }

  StoryPart part_of(const KeptStep& step, const KeptStep* before, std::int64_t begun) const {
    StoryPart part{"", begun, step.time, step.time - begun, ""};
    switch (step.kind) {
      case RecordKind::datagram:
        part.what = std::string(step.message.empty() ? "a datagram" : step.message) + " from " + name(step.source) +
                    " to " + name(step.node);
        part.why = why_slow(step, part.time);
        break;
      case RecordKind::timer:
        part.what = name(step.node) + " waits";
        part.why = why_waited(step, before, begun);
        break;
      case RecordKind::content:
        part.what = "the disk of " + name(step.node);
        break;
      default:
        part.what = std::string(name_of(step.kind)) + " at " + name(step.node);
    }
    return part;
  }

  // A message that took much longer than others between the two nodes.
  std::string why_slow(const KeptStep& step, std::int64_t took) const {
    std::string why;
    for (const std::uint32_t node : {step.source, step.node})
      if (node < around_.sites.size() && !around_.sites[node].empty())
        why += (why.empty() ? "" : " to ") + around_.sites[node];
    const auto usual = least_delay_.find({step.source, step.node});
    if (usual == least_delay_.end() || took <= usual->second + usual->second / 2 + 2 * millisecond) return why;
    return why + (why.empty() ? "" : "; ") + milliseconds_text(took - usual->second) +
           " more than the fastest between the two";
  }

  std::string why_waited(const KeptStep& timer, const KeptStep* before, std::int64_t begun) const {
    std::set<std::string> silent;
    for (const Suspicion& each : suspicions_)
      if (each.node == timer.node && each.time > begun && each.time <= timer.time)
        silent.insert(silence_of(each.id, timer.time));
    std::string why;
    for (const std::string& each : silent) why += (why.empty() ? "no answer from " : ", and from ") + each;
    const bool is_period = timer.timer != nullptr && !timer.timer->is_patience;
    if (before == nullptr || (is_period && why.empty())) return why.empty() ? until_fired(timer) : why;
    std::set<std::string> reached;
    for (const KeptStep& step : steps_)
      if (step.cause == before->event && step.kind == RecordKind::datagram && step.time < timer.time &&
          step.message.starts_with("find") && step.node != before->source && !is_answered(step, timer))
        reached.insert(name(step.node));
    for (const std::string& each : reached)
      why += (why.empty() ? "" : "; ") + each + " got the message, but its answer did not arrive in time";
    return why.empty() ? "what was awaited did not arrive in time" : why;
  }

  // Whether who got a question of an iterative lookup answered it in time. In a recursive one, whose questions are
  // passed on, an answer to them only confirms that.
  bool is_answered(const KeptStep& question, const KeptStep& timer) const {
    return question.message != "find" && std::any_of(steps_.begin(), steps_.end(), [&](const KeptStep& step) {
             return step.cause == question.event && step.kind == RecordKind::datagram && step.node == timer.node &&
                    step.time <= timer.time;
           });
  }

  static std::string until_fired(const KeptStep& step) {
    if (step.timer == nullptr) return "until its timer fired";
    return "until its timer " + step.timer->name + " fired" +
           (step.timer->is_patience ? ", which ends a wait for answers" : "");
  }

  std::string silence_of(const std::string& id, std::int64_t now) const {
    const auto found = std::find(around_.ids.begin(), around_.ids.end(), id);
    if (found == around_.ids.end() || id.empty()) return "the node with id " + id;
    const auto node = static_cast<std::uint32_t>(found - around_.ids.begin());
    const Surroundings::Life* last = nullptr;
    for (const Surroundings::Life& life : around_.lives)
      if (life.node == node && life.from <= now && (last == nullptr || life.from > last->from)) last = &life;
    if (last == nullptr) return name(node) + ", which was not up";
    if (last->until > now || last->how == "up at end") return name(node) + ", which was up: a message was lost or late";
    return name(node) + ", down for " + milliseconds_text(now - last->until) + " (" + last->how + ")";
  }

  EventTraceReader reader_;
  const TimedOperation& operation_;
  const Surroundings& around_;
  std::vector<std::pair<std::uint64_t, std::int64_t>> times_;  // of all steps: event and time
  std::vector<KeptStep> steps_;                                // during the operation
  std::vector<Suspicion> suspicions_;
  std::map<std::uint64_t, const KeptStep*> origins_;  // of waits, by the event that ended them
  std::map<Pair, std::int64_t> least_delay_;          // of datagrams from one node to another
};

}  // namespace

Story chain_story(const std::string& trace, const TimedOperation& operation, const Surroundings& around) {
  Story story;
  story.operation = operation;
  if (operation.node < around.sites.size()) story.site = around.sites[operation.node];
  story.parts = Chain(trace, operation, around).parts();
  return story;
}

}  // namespace peerbed::analysis
