#include "app/run/report.h"

#include <algorithm>
#include <ostream>

#include "analysis/results/one_line.h"
#include "scenarios/record/result_json.h"
#include "scenarios/run/property_checker.h"
#include "scenarios/text/units.h"

namespace peerbed::app {
namespace {

using analysis::Align;
using analysis::one_line;
using analysis::Table;
using scenarios::RunResult;
using scenarios::show_count;
using scenarios::show_counted;
using scenarios::show_duration;

// What a protocol measured over all events of a kind belongs to that kind: lookup.done.correct.share.
constexpr std::string_view share_suffix = ".share";

double as_double(Duration duration) { return static_cast<double>(duration.count()); }

class Report {
 public:
  Report(std::ostream& out, const scenarios::Scenario& scenario, const RunResult& result, const analysis::Style& style)
      : out_(out), scenario_(scenario), result_(result), style_(style) {}

  void print() {
    print_title();
    print_lines();
    print_events();
    print_findings();
    print_messages();
    print_network();
    print_nodes();
    print_checks();
    print_history();
    print_expectations();
    print_remarks();
    const std::string digest = result_.is_simulated ? "digest " + scenarios::digest_text(result_.digest) + ", " : "";
    out_ << '\n' << style_.dim(digest + show_counted(result_.events, "event")) << '\n';
  }

 private:
  double value(const std::string& metric) const {
    const auto found = result_.metrics.find(metric);
    return found ? found->value : 0;
  }
  std::string shown(const std::string& metric) const {
    const auto found = result_.metrics.find(metric);
    return found ? scenarios::show_metric(*found) : "";
  }
  std::string shown_count(const std::string& metric) const {
    return show_count(static_cast<std::uint64_t>(value(metric)));
  }
  void heading(const std::string& text) { out_ << '\n' << style_.bold(text) << '\n'; }

  void print_title() {
    out_ << style_.bold(one_line(result_.scenario)) << ": " << show_counted(result_.nodes, "node") << ", "
         << show_duration(as_double(result_.simulated))
         << (result_.is_simulated ? " of virtual time, seed " : " of real time over sockets, seed ") << result_.seed
         << (result_.interrupted ? style_.red(" (interrupted)") : "")
         << (result_.outgrown.empty() ? "" : style_.red(" (ended early)")) << '\n';
    if (!result_.description.empty()) out_ << style_.dim(one_line(result_.description)) << '\n';
  }

  void print_lines() {
    if (result_.lines.empty()) return;
    heading("What the nodes printed");
    Table table({{"", Align::right}, {"", Align::left}, {"", Align::left}});
    for (const scenarios::PrintedLine& line : result_.lines)
      table.add({scenarios::show_moment(line.at), scenario_.name_of(line.node), one_line(line.text)});
    table.print(out_, style_);
  }

  // Prints one row for each event, and below it one for each of its quantities.
  void print_events() {
    Table table({{"What the nodes reported", Align::left},
                 {"count", Align::right},
                 {"mean", Align::right},
                 {"p50", Align::right},
                 {"p90", Align::right},
                 {"p99", Align::right},
                 {"max", Align::right}});
    for (const TraceEventType& type : result_.reported) {
      const std::string name(type.name);
      if (value(name + ".count") == 0) continue;
      table.add({name, shown_count(name + ".count")});
      for (std::size_t i = 0; i < type.field_count(); ++i) add_field(table, name, type.fields[i]);
      for (const std::string& finding : result_.findings)
        if (is_share_of(finding, name))
          table.add({"  " + finding.substr(name.size() + 1, finding.size() - name.size() - 1 - share_suffix.size()), "",
                     shown(finding)});
    }
    if (table.empty()) return;
    out_ << '\n';
    table.print(out_, style_, 0);
  }

  static bool is_share_of(const std::string& finding, const std::string& event) {
    return finding.starts_with(event + ".") && finding.ends_with(share_suffix);
  }
  bool is_of_an_event(const std::string& finding) const {
    return std::any_of(result_.reported.begin(), result_.reported.end(),
                       [&](const TraceEventType& type) { return is_share_of(finding, std::string(type.name)); });
  }

  void add_field(Table& table, const std::string& event, const TraceField& field) {
    const std::string name = event + "." + std::string(field.name);
    const std::string label = "  " + std::string(field.name);
    if (field.unit == Unit::flag) {
      table.add({label, "", shown(name + ".share")});
    } else if (result_.metrics.find(name + ".mean")) {
      std::vector<std::string> cells{label, ""};
      for (const char* part : {".mean", ".p50", ".p90", ".p99", ".max"}) cells.push_back(shown(name + part));
      table.add(cells);
    }
  }

  void print_findings() {
    Table table({{"System-wide metrics", Align::left}, {"", Align::right}});
    for (const std::string& name : result_.findings)
      if (!is_of_an_event(name)) table.add({name, shown(name)});
    if (table.empty()) return;
    out_ << '\n';
    table.print(out_, style_, 0);
  }

  void print_messages() {
    const double sent = value("messages.sent");
    if (sent == 0) return;
    Table table(
        {{"Messages sent", Align::left}, {"count", Align::right}, {"bytes", Align::right}, {"share", Align::right}});
    std::vector<std::pair<double, std::string>> kinds;
    const std::string prefix = "message.";
    const std::string suffix = ".count";
    for (const auto& [name, metric] : result_.metrics.all())
      if (name.starts_with(prefix) && name.ends_with(suffix))
        kinds.emplace_back(metric.value, name.substr(prefix.size(), name.size() - prefix.size() - suffix.size()));
    std::stable_sort(kinds.begin(), kinds.end(), [](const auto& a, const auto& b) { return a.first > b.first; });
    for (const auto& [count, kind] : kinds)
      table.add({kind, show_count(static_cast<std::uint64_t>(count)), shown("message." + kind + ".bytes"),
                 shown_share(count / sent)});
    table.add({"all", shown_count("messages.sent"), shown("messages.bytes"), ""});
    out_ << '\n';
    table.print(out_, style_, 0);
  }

  // Share of messages, with one decimal to align the column.
  static std::string shown_share(double share) {
    if (share < 0.0005) return "<0.1%";
    const auto tenths = static_cast<int>(share * 1000 + 0.5);
    return std::to_string(tenths / 10) + "." + std::to_string(tenths % 10) + "%";
  }

  struct Count {
    const char* metric;
    const char* label;
    const char* label_of_one = nullptr;  // singular, if it is different
  };
  // Prints a list of nonzero counts in one line.
  void print_counts(const char* title, const std::vector<Count>& counts) {
    std::string line;
    for (const Count& count : counts) {
      const double number = value(count.metric);
      if (number == 0) continue;
      const bool singular = number == 1 && count.label_of_one != nullptr;
      line.append(line.empty() ? "" : ", ").append(shown(count.metric)).append(" ");
      line.append(singular ? count.label_of_one : count.label);
    }
    if (!line.empty()) out_ << '\n' << style_.bold(title) << "  " << line << '\n';
  }

  void print_network() {
    print_counts("Network", {{"messages.delivered", "delivered"},
                             {"messages.lost", "lost"},
                             {"messages.dropped_down", "to hosts that were down"},
                             {"messages.dropped_gateway", "stopped by NATs and firewalls"},
                             {"messages.dropped_partition", "blocked by partitions"},
                             {"messages.dropped_queue", "dropped by full queues"},
                             {"messages.dropped_buffer", "dropped by paused hosts"},
                             {"messages.duplicated", "duplicated"},
                             {"messages.reordered", "reordered"},
                             {"messages.corrupted", "corrupted"}});
    print_counts("Streams", {{"streams.opened", "opened", "opened"},
                             {"streams.reset", "resets", "reset"},
                             {"streams.bytes", "delivered"},
                             {"streams.segments", "segments"},
                             {"streams.acknowledgements", "acknowledgements"},
                             {"streams.packets_again", "packets retransmitted"},
                             {"streams.packets_lost", "packets lost"},
                             {"streams.packets_overflowed", "packets dropped by full queues"},
                             {"streams.packets_refused", "packets stopped by NATs and firewalls"}});
  }

  void print_nodes() {
    print_counts("Nodes", {{"nodes.started", "starts", "start"},
                           {"nodes.crashed", "crashes", "crash"},
                           {"nodes.left", "graceful departures", "graceful departure"},
                           {"nodes.paused", "pauses", "pause"},
                           {"nodes.resumed", "resumptions", "resumption"},
                           {"nodes.up_at_end", "up at the end"}});
  }

  void print_checks() {
    Table table({{"Property", Align::left}, {"samples", Align::right}, {"passed", Align::right}});
    const std::string prefix = "check.";
    const std::string suffix = ".share";
    for (const auto& [name, metric] : result_.metrics.all()) {
      if (!name.starts_with(prefix) || !name.ends_with(suffix)) continue;
      const std::string property = name.substr(prefix.size(), name.size() - prefix.size() - suffix.size());
      table.add({property, shown_count(prefix + property + ".looks"), scenarios::show_metric(metric)});
    }
    if (!table.empty()) {
      out_ << '\n';
      table.print(out_, style_, 0);
    }
    if (result_.violation_count == 0) return;
    heading(result_.violation_count == 1 ? "One violation" : show_count(result_.violation_count) + " violations");
    for (const scenarios::ViolatedProperty& violated : result_.violations) {
      const std::string times =
          violated.count == 1 ? "once" : show_count(violated.count) + " times (first and last shown)";
      out_ << "  " << one_line(violated.property) << ", " << times << '\n';
      print_violation(violated.first);
      if (violated.count > 1) print_violation(violated.last);
    }
  }

  void print_history() {
    if (!result_.history) return;
    const analysis::HistoryReport& history = *result_.history;
    heading("Histories of " + show_counted(history.keys, "key") + ", with " + show_counted(history.gets, "get"));
    Table table({{"", Align::left}, {"", Align::right}});
    for (const analysis::Level level :
         {analysis::Level::atomic, analysis::Level::regular, analysis::Level::monotonic, analysis::Level::none})
      if (const std::uint64_t keys = history.keys_of_level[static_cast<std::size_t>(level)]; keys > 0)
        table.add({std::string(word_of(level)), show_counted(keys, "key")});
    table.print(out_, style_);
    if (!history.worst || history.worst->why.empty()) return;
    out_ << "  the worst, key " << history.worst->key << ": " << one_line(history.worst->why) << '\n';
  }

  void print_violation(const scenarios::Violation& violation) {
    out_ << "    " << scenarios::show_moment(violation.at) << "  " << one_line(violation.what) << '\n';
  }

  void print_expectations() {
    heading("Expectations");
    Table table({{"", Align::left}, {"", Align::left}, {"", Align::left}});
    for (const scenarios::ExpectationResult& each : result_.expectations)
      table.add(
          {each.held ? style_.green("passed") : style_.red("FAILED"), one_line(each.text), one_line(each.actual)});
    table.print(out_, style_);
  }

  void print_remarks() {
    if (result_.remarks.empty()) return;
    heading("Conditions, and what imposed them");
    for (const std::string& remark : result_.remarks) out_ << "  " << one_line(remark) << '\n';
  }

  std::ostream& out_;
  const scenarios::Scenario& scenario_;
  const RunResult& result_;
  const analysis::Style& style_;
};

}  // namespace

void print_report(std::ostream& out, const scenarios::Scenario& scenario, const scenarios::RunResult& result,
                  const analysis::Style& style) {
  Report(out, scenario, result, style).print();
}

}  // namespace peerbed::app
