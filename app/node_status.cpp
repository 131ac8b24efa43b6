#include "app/node_status.h"

#include <nlohmann/json.hpp>

namespace peerbed::app {
namespace {

struct CounterName {
  const char* name;
  std::uint64_t value;
};

std::vector<CounterName> counters_of(const adapter::Host& host) {
  const adapter::Counters& counters = host.counters();
  return {
      {"inputs", counters.inputs},
      {"datagrams_sent", counters.sent.datagrams},
      {"datagram_bytes_sent", counters.sent.bytes},
      {"datagrams_received", counters.delivered.datagrams},
      {"datagram_bytes_received", counters.delivered.bytes},
      {"datagrams_dropped_sending", counters.dropped_sending},
      {"datagrams_dropped_oversized", counters.dropped_oversized},
      {"datagrams_dropped_unknown", counters.dropped_unknown},
      {"datagrams_dropped_rate", counters.dropped_rate},
      {"datagrams_dropped_strangers", counters.dropped_strangers},
      {"datagrams_dropped_unauthentic", counters.dropped_unauthentic},
      {"datagrams_dropped_replayed", counters.dropped_replayed},
      {"introductions", counters.introductions},
      {"streams_opened", counters.streams_opened},
      {"streams_accepted", counters.streams_accepted},
      {"streams_closed", counters.streams_closed},
      {"streams_reset", counters.streams_reset},
      {"stream_bytes_sent", counters.stream_bytes_sent},
      {"stream_bytes_received", counters.stream_bytes_received},
      {"streams_refused",
       counters.refused_streams + counters.refused_streams_of_remote + counters.refused_for_descriptors},
      {"streams_reset_unauthentic", counters.reset_unauthentic},
      {"streams_reset_by_limits", counters.reset_backlog + counters.reset_memory + counters.reset_connecting +
                                      counters.reset_silent + counters.reset_idle + counters.reset_slow},
  };
}

// A label's value, with what would end it escaped.
std::string quoted(const std::string& text) {
  std::string result = "\"";
  for (const char c : text) {
    if (c == '"' || c == '\\') result += '\\';
    c == '\n' ? result += "\\n" : result += c;
  }
  return result + '"';
}

void add_metric(std::string& text, const std::string& name, const char* type, std::uint64_t value) {
  const std::string full = "peerbed_" + name + (type == std::string_view("counter") ? "_total" : "");
  text += "# TYPE " + full + " " + type + "\n" + full + " " + std::to_string(value) + "\n";
}

}  // namespace

std::string status_as_json(const adapter::Host& host, NodeView& view) {
  nlohmann::ordered_json json;
  json["seconds"] = static_cast<double>(nanoseconds_since_start(host.now())) / 1e9;
  for (const Fact& fact : view.status()) std::visit([&](const auto& value) { json[fact.name] = value; }, fact.value);
  json["transfers"] = nlohmann::ordered_json::array();
  for (const Transfer& transfer : view.transfers())
    json["transfers"].push_back({{"name", transfer.name}, {"size", transfer.size}, {"done", transfer.done}});
  json["known"] = view.peers();
  for (const CounterName& counter : counters_of(host)) json["counters"][counter.name] = counter.value;
  return json.dump(2, ' ', false, nlohmann::ordered_json::error_handler_t::replace) + "\n";
}

std::string metrics_as_text(const adapter::Host& host, NodeView& view) {
  std::string text;
  std::string labels;
  for (const Fact& fact : view.status()) {
    if (const auto* number = std::get_if<std::uint64_t>(&fact.value))
      add_metric(text, fact.name, fact.grows ? "counter" : "gauge", *number);
    else
      labels += (labels.empty() ? "" : ",") + fact.name + "=" + quoted(std::get<std::string>(fact.value));
  }
  text += "# TYPE peerbed_node_info gauge\npeerbed_node_info{" + labels + "} 1\n";
  add_metric(text, "streams_open", "gauge", host.open_streams());
  for (const CounterName& counter : counters_of(host)) add_metric(text, counter.name, "counter", counter.value);
  text += "# TYPE peerbed_messages_sent_total counter\n";
  const auto kinds = view.process().message_kinds();
  const auto sent = view.process().sent_by_kind();
  for (std::size_t kind = 0; kind < kinds.size() && kind < sent.size(); ++kind) {
    if (kinds[kind].empty() || sent[kind].datagrams == 0) continue;
    text += "peerbed_messages_sent_total{kind=" + quoted(std::string(kinds[kind])) + "} " +
            std::to_string(sent[kind].datagrams) + "\n";
  }
  return text;
}

}  // namespace peerbed::app
