#include <algorithm>
#include <iostream>

#include "analysis/results/table.h"
#include "app/cli/command_line.h"
#include "app/cli/commands.h"
#include "app/cli/terminal.h"
#include "app/explain/run_stories.h"
#include "scenarios/text/field.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using analysis::Align;
using analysis::Story;
using analysis::StoryPart;
using analysis::TimedOperation;
using scenarios::show_duration;

std::string time_text(std::int64_t nanoseconds) { return show_duration(static_cast<double>(nanoseconds)); }

std::string share_text(double share) { return std::to_string(static_cast<int>(share * 100 + 0.5)) + "%"; }

// "2.00x", against the other side's time.
std::string difference_text(std::int64_t mine, std::int64_t other) {
  const std::int64_t difference = mine - other;
  if (difference == 0) return "";
  return (difference > 0 ? "+" : "-") + time_text(difference > 0 ? difference : -difference);
}

class Teller {
 public:
  Teller(const RunStories& stories, std::ostream& out, const analysis::Style& style)
      : stories_(stories), out_(out), style_(style) {}

  // One operation, next to the fastest of its kind.
  void tell(const TimedOperation& operation) {
    const std::string kind(operation.kind());
    const TimedOperation* fastest = stories_.fastest(kind);
    const bool has_other = fastest != nullptr && fastest->event != operation.event;
    const auto alike = std::count_if(stories_.operations().begin(), stories_.operations().end(),
                                     [&kind](const TimedOperation& each) { return each.kind() == kind; });
    const auto slower = std::count_if(
        stories_.operations().begin(), stories_.operations().end(),
        [&](const TimedOperation& each) { return each.kind() == kind && each.took() > operation.took(); });
    const Story story = stories_.story(operation);
    const std::string place = slower == 0
                                  ? "the slowest"
                                  : "slower than all but " + scenarios::show_count(static_cast<std::uint64_t>(slower));
    out_ << style_.bold(title(story)) << '\n';
    out_ << (alike > 1 ? "It is " + place + " of " + scenarios::show_count(static_cast<std::uint64_t>(alike)) + "."
                       : "It is the only one.")
         << "\n\n";
    if (operation.is_download()) {
      tell_download(story, has_other ? std::optional(stories_.story(*fastest)) : std::nullopt);
      return;
    }
    tell_chain(story);
    if (!has_other) return;
    const Story other = stories_.story(*fastest);
    out_ << '\n' << style_.bold("The fastest, for comparison: " + title(other)) << "\n\n";
    tell_chain(other);
  }

 private:
  std::string name(std::uint32_t node) const { return stories_.header().name_of(node); }

  std::string title(const Story& story) const {
    const TimedOperation& operation = story.operation;
    return std::string(operation.kind()) + " of " + name(operation.node) +
           (story.site.empty() ? "" : " (" + story.site + ")") + " from " +
           scenarios::show_moment(Duration(operation.from)) + ": " + time_text(operation.took()) +
           (operation.success ? "" : ", failed") + ", event " + std::to_string(operation.event);
  }

  void tell_chain(const Story& story) {
    analysis::Table table({{"after", Align::right}, {"took", Align::right}, {"what"}, {"why"}});
    for (const StoryPart& part : story.parts)
      table.add({time_text(part.from - story.operation.from), time_text(part.time), part.what, part.why});
    table.print(out_, style_);
  }

  void tell_download(const Story& story, const std::optional<Story>& other) {
    std::vector<analysis::Table::Column> columns{
        {"part"}, {name(story.operation.node), Align::right}, {"share", Align::right}};
    if (other) {
      columns.push_back({"fastest: " + name(other->operation.node), Align::right});
      columns.push_back({"difference", Align::right});
    }
    columns.push_back({"why"});
    analysis::Table table(columns);
    const auto add = [&](const std::string& what, std::int64_t mine, std::int64_t others, const std::string& why) {
      std::vector<std::string> cells{
          what, mine > 0 ? time_text(mine) : "",
          mine > 0 ? share_text(static_cast<double>(mine) /
                                static_cast<double>(std::max<std::int64_t>(story.operation.took(), 1)))
                   : ""};
      if (other) {
        cells.push_back(others > 0 ? time_text(others) : "");
        cells.push_back(difference_text(mine, others));
      }
      cells.push_back(why);
      table.add(std::move(cells));
    };
    const auto time_in = [](const Story& of, const std::string& what) {
      const auto found =
          std::find_if(of.parts.begin(), of.parts.end(), [&](const StoryPart& part) { return part.what == what; });
      return found == of.parts.end() ? std::int64_t{0} : found->time;
    };
    for (const StoryPart& part : story.parts)
      add(part.what, part.time, other ? time_in(*other, part.what) : 0, part.why);
    if (other)
      for (const StoryPart& part : other->parts)
        if (time_in(story, part.what) == 0) add(part.what, 0, part.time, part.why);
    add("all", story.operation.took(), other ? other->operation.took() : 0, "");
    table.print(out_, style_);
    out_ << "\nHashing and the disk took " << time_text(story.hashing) << " all together, most of it meanwhile.\n";
    tell_sources(story);
    if (other) tell_sources(*other);
  }

  void tell_sources(const Story& story) {
    if (story.sources.empty()) return;
    out_ << '\n' << style_.bold("Sources of " + name(story.operation.node));
    if (story.queue_drops)
      out_ << ", whose down-link was in use for " << share_text(story.utilisation.value_or(0))
           << " of the time and dropped " << scenarios::show_counted(*story.queue_drops, "packet");
    out_ << '\n';
    analysis::Table table({{"source"},
                           {"site"},
                           {"round trip", Align::right},
                           {"bytes", Align::right},
                           {"time", Align::right},
                           {"choked", Align::right},
                           {"up-link in use", Align::right},
                           {"dropped there", Align::right},
                           {"lost behind it", Align::right}});
    const auto count = [](const std::optional<std::uint64_t>& value) {
      return value ? scenarios::show_count(*value) : std::string("-");
    };
    for (const analysis::StorySource& source : story.sources)
      table.add({name(source.node), source.site, source.round_trip ? time_text(*source.round_trip) : "-",
                 scenarios::show_size(static_cast<double>(source.bytes)), time_text(source.time),
                 time_text(source.choked), source.utilisation ? share_text(*source.utilisation) : "-",
                 count(source.queue_drops), count(source.lost)});
    table.print(out_, style_);
  }

  const RunStories& stories_;
  std::ostream& out_;
  const analysis::Style& style_;
};

// Throws UsageError for a node that the run does not have, or where no operation ended.
const TimedOperation& operation_at(const RunStories& stories, const std::string& name) {
  std::vector<std::string> names;
  for (std::uint32_t node = 0; node < stories.header().node_count(); ++node)
    names.push_back(stories.header().name_of(node));
  const auto found = std::find(names.begin(), names.end(), name);
  if (found == names.end()) {
    const std::string nearest = scenarios::nearest_word(name, names);
    throw UsageError(
        "the run has no node '" + name + "'" +
        (nearest.empty() ? "; it has " + scenarios::joined_words(names) : "; did you mean '" + nearest + "'?"));
  }
  const TimedOperation* operation = stories.slowest_at(static_cast<std::uint32_t>(found - names.begin()));
  if (operation != nullptr) return *operation;
  const std::string kind = stories.kinds().front();
  throw UsageError("no " + kind + " ended at " + name + "; the slowest one ended at " +
                   stories.header().name_of(stories.slowest(kind)->node));
}

// Throws UsageError, with the nearest, for an event in which no operation ended.
const TimedOperation& operation_of(const RunStories& stories, std::uint64_t event) {
  const auto distance = [event](const TimedOperation& each) {
    return each.event > event ? each.event - event : event - each.event;
  };
  const auto nearest = std::min_element(
      stories.operations().begin(), stories.operations().end(),
      [&distance](const TimedOperation& a, const TimedOperation& b) { return distance(a) < distance(b); });
  if (nearest->event == event) return *nearest;
  throw UsageError("nothing that took time ended in event " + std::to_string(event) + "; the nearest is the " +
                   std::string(nearest->kind()) + " of " + stories.header().name_of(nearest->node) + " in event " +
                   std::to_string(nearest->event));
}

int explain(const Invocation&, const Arguments& arguments) {
  const auto& words = arguments.positional();
  if (words.empty() || words.size() > 2 || words.front().empty())
    throw UsageError("explain takes the folder of a run, and a node or an event: peerbed explain RUN peers.3");
  const RunStories stories(words.front());
  if (stories.operations().empty())
    throw UsageError(words.front() +
                     ": no lookup, download or other operation ended while the trace was recorded; "
                     "record a longer one");
  Teller teller(stories, std::cout, stdout_style());
  if (words.size() == 1) {
    teller.tell(*stories.slowest(stories.kinds().front()));
  } else {
    const auto event = scenarios::parse_count(words[1]);
    teller.tell(event ? operation_of(stories, *event) : operation_at(stories, words[1]));
  }
  std::cout << std::flush;
  return exit_good;
}

}  // namespace

Command explain_command() {
  return {
      .name = "explain",
      .summary = "tells why a download or a lookup was slow",
      .forms = {"RUN [NODE|EVENT]"},
      .operand = "RUN",
      .description =
          "Tells where the time of a download or a lookup went, next to the fastest one of the run. RUN is the folder "
          "of "
          "a run that was saved with --trace. NODE stands for the slowest operation that ended there, and EVENT for "
          "the "
          "one that ended in that event, as `peerbed trace RUN --kind '*.done'` numbers them. Without either, the "
          "slowest of the run is explained.",
      .details =
          "The parts of a download are the search for sources, the manifest, the time in which every source choked the "
          "node or none was connected, stalls, and the bytes of each source. The parts of a lookup, a put or a get are "
          "its messages and waits. `peerbed report` shows the same on its page.",
      .examples = {{"peerbed explain out", "the slowest operation of a run"},
                   {"peerbed explain out peers.3", "the slowest at one node"}},
      .run = explain,
  };
}

}  // namespace peerbed::app
