#include "app/node/node_status.h"

#include <map>
#include <nlohmann/json.hpp>

#include "analysis/results/json_document.h"

namespace peerbed::app {
namespace {

struct CounterName {
  const char* name;
  std::uint64_t value;
  const char* help;
};

// Help for numbers that nodes report about themselves.
std::string help_of(const std::string& fact) {
  static const std::map<std::string, std::string> sentences{
      {"files_complete", "Files that are here and whole."},
      {"files_under_way", "Files that are being fetched, hashed or verified."},
      {"uploaded_bytes", "Bytes of files given to other peers."},
      {"downloaded_bytes", "Bytes of files fetched from other peers."},
      {"peers", "Peers that are known to live."},
      {"list_changes", "Changes of the list of peers."},
      {"joined", "Whether the node is a member of its ring."},
      {"successors", "Successors in the ring that the node knows."},
      {"fingers", "Fingers, further nodes of the ring that the node knows."},
      {"values", "Values that the node holds."},
  };
  const auto found = sentences.find(fact);
  if (found != sentences.end()) return found->second;
  if (fact.ends_with("_answered")) return "Whether this tracker has ever answered.";
  if (fact.ends_with("_silence_ms")) return "Milliseconds since this tracker was last heard.";
  return "What the node says of its " + fact + ".";
}

std::vector<CounterName> counters_of(const adapter::Host& host) {
  const adapter::HostCounters& counters = host.counters();
  return {
      {"inputs", counters.inputs, "Datagrams, timers, stream events and commands that the nodes have handled."},
      {"datagrams_sent", counters.sent.datagrams, "Datagrams sent."},
      {"datagram_bytes_sent", counters.sent.bytes, "Bytes of datagrams sent."},
      {"datagrams_received", counters.delivered.datagrams, "Datagrams passed to the node."},
      {"datagram_bytes_received", counters.delivered.bytes, "Bytes of datagrams passed to the node."},
      {"datagrams_dropped_sending", counters.dropped_sending, "Datagrams that the kernel did not take."},
      {"datagrams_dropped_oversized", counters.dropped_oversized, "Datagrams dropped because they were too long."},
      {"datagrams_dropped_unknown", counters.dropped_unknown,
       "Datagrams dropped because their destination has been forgotten."},
      {"datagrams_dropped_rate", counters.dropped_rate, "Datagrams dropped because their sender sent too many."},
      {"datagrams_dropped_unvalidated", counters.dropped_unvalidated,
       "Datagrams dropped because their sender had not validated its address."},
      {"datagrams_dropped_unauthentic", counters.dropped_unauthentic,
       "Datagrams dropped because they were not sealed with the key."},
      {"datagrams_dropped_replayed", counters.dropped_replayed, "Datagrams dropped because they were replayed."},
      {"validation_datagrams", counters.validation_datagrams, "Datagrams sent for address validation."},
      {"streams_opened", counters.streams_opened, "Streams that this node opened."},
      {"streams_accepted", counters.streams_accepted, "Streams that other nodes opened to this node."},
      {"streams_closed", counters.streams_closed, "Streams that closed normally."},
      {"streams_reset", counters.streams_reset, "Streams that were reset."},
      {"stream_bytes_sent", counters.stream_bytes_sent, "Bytes sent on streams."},
      {"stream_bytes_received", counters.stream_bytes_received, "Bytes received on streams."},
      {"streams_refused",
       counters.refused_streams + counters.refused_streams_of_remote + counters.refused_for_descriptors,
       "Streams of others that were refused for a limit."},
      {"streams_reset_unauthentic", counters.reset_unauthentic,
       "Streams cut off because the other end lacked the key."},
      {"streams_reset_by_limits",
       counters.reset_backlog + counters.reset_memory + counters.reset_connecting + counters.reset_silent +
           counters.reset_idle + counters.reset_slow,
       "Streams cut off by a limit of memory or time."},
  };
}

// A label's value, escaped.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    c == '\n' ? result += "\\n" : result += c;
  }
  return result + '"';
}

void add_metric(std::string& text, const std::string& name, const char* type, const std::string& help,
                std::uint64_t value) {
  const std::string full = "peerbed_" + name + (type == std::string_view("counter") ? "_total" : "");
  text += "# HELP " + full + " " + help + "\n# TYPE " + full + " " + type + "\n" + full + " " + std::to_string(value) +
          "\n";
}

}  // namespace

std::string status_as_json(const adapter::Host& host, NodeView& view) {
  analysis::Json json;
  json["seconds"] = static_cast<double>(nanoseconds_since_start(host.now())) / 1e9;
  for (const Fact& fact : view.status()) std::visit([&](const auto& value) { json[fact.name] = value; }, fact.value);
  json["transfers"] = analysis::Json::array();
  for (const Transfer& transfer : view.transfers())
    json["transfers"].push_back({{"name", transfer.name}, {"size", transfer.size}, {"done", transfer.done}});
  json["known"] = view.peers();
  for (const CounterName& counter : counters_of(host)) json["counters"][counter.name] = counter.value;
  return analysis::json_page(json);
}

std::string metrics_as_text(const adapter::Host& host, NodeView& view, const NodeMetrics& metrics) {
  std::string text;
  std::string labels;
  for (const Fact& fact : view.status()) {
    if (const auto* number = std::get_if<std::uint64_t>(&fact.value))
      add_metric(text, fact.name, fact.grows ? "counter" : "gauge", help_of(fact.name), *number);
    else
      labels += (labels.empty() ? "" : ",") + fact.name + "=" + quoted(std::get<std::string>(fact.value));
  }
  text += "# HELP peerbed_node_info What the node is.\n# TYPE peerbed_node_info gauge\npeerbed_node_info{" + labels +
          "} 1\n";
  add_metric(text, "streams_open", "gauge", "Streams that are open now.", host.open_streams());
  for (const CounterName& counter : counters_of(host))
    add_metric(text, counter.name, "counter", counter.help, counter.value);
  text += "# HELP peerbed_messages_sent_total Messages sent in datagrams, by kind.\n";
  text += "# TYPE peerbed_messages_sent_total counter\n";
  const auto kinds = view.hosted_node().message_kinds();
  const auto sent = view.hosted_node().sent_by_kind();
  for (std::size_t kind = 0; kind < kinds.size() && kind < sent.size(); ++kind) {
    if (kinds[kind].empty() || sent[kind].datagrams == 0) continue;
    text += "peerbed_messages_sent_total{kind=" + quoted(std::string(kinds[kind])) + "} " +
            std::to_string(sent[kind].datagrams) + "\n";
  }
  metrics.append_text(text);
  append_process_metrics(text);
  return text;
}

}  // namespace peerbed::app
