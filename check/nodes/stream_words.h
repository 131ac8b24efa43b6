#pragma once
// What a node hears of a stream, in words.

#include <cstddef>
#include <string>
#include <vector>

#include "check/nodes/action.h"
#include "check/nodes/view.h"
#include "check/streams/connection.h"

namespace peerbed::check {

// What its nodes call the next that comes on a stream, if they have a name for it: for a node type that has
// stream_words(bytes).
template <class N>
std::string words_of_bytes(const StoredContent& bytes) {
  if constexpr (requires { N::stream_words(Bytes{}); }) {
    const std::vector<std::byte> all = bytes.bytes();
    if (std::string words(N::stream_words(all)); !words.empty()) return words;
  }
  return std::to_string(bytes.size()) + " bytes";
}

// What a node hears of a stream, without who hears it: "takes a stream from node 1", "receives request from node 1".
struct StreamWords {
  std::string verb;
  std::string what{};  // that is heard, such as "request"; empty: the verb says it
  NodeIndex peer = no_node;

  template <class Name>
  std::string text(const Name& name) const {
    const std::string whom = peer == no_node ? "nobody" : name(peer);
    return what.empty() ? verb + " " + whom : verb + " " + what + " from " + whom;
  }
};
template <class N>
StreamWords words_of_stream(const View<N>& seen, const NodeAction& action) {
  const StreamAction heard = StreamAction::from(action.argument);
  const Connection& connection = seen.stream(heard.connection);
  const StreamEnd& self = connection.ends[heard.side];
  StreamWords words{
      .verb = "hears that its stream was reset by", .what = {}, .peer = connection.ends[1 - heard.side].node};
  if (heard.what == StreamAction::What::reset) return words;
  if (heard.what == StreamAction::What::sent) {
    words.verb = "has sent content to";
    return words;
  }
  const auto event = connection.next_event(heard.side, [&](NodeIndex node) { return seen.runs(node); });
  if (!event) return words;
  switch (*event) {
    case StreamEventKind::accepted:
      words.verb = "is called by";
      break;
    case StreamEventKind::opened:
      words.verb = "has a stream to";
      break;
    case StreamEventKind::bytes_received:
      words.verb = "receives";
      words.what = words_of_bytes<N>(self.unread.part(0, self.requests.front().size));
      break;
    case StreamEventKind::content_received:
      words.verb = "receives";
      words.what = std::to_string(self.requests.front().size) + " bytes of content";
      break;
    case StreamEventKind::half_closed:
      words.verb = "hears no more from";
      break;
    default:
      words.verb = "has closed its stream with";
      break;
  }
  return words;
}

}  // namespace peerbed::check
