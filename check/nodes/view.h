#pragma once
// What properties and guards see of a state: the nodes, and the messages under way.

#include <cstddef>
#include <cstdint>
#include <span>

#include "check/nodes/intern_table.h"
#include "check/nodes/message.h"
#include "check/nodes/process.h"
#include "check/streams/connection.h"
#include "host/node_index.h"

namespace peerbed::check {

template <class N>
class View {
 public:
  View(std::span<const InternId> processes, const InternTable<Process<N>>& process_table,
       std::span<const InternId> messages, const InternTable<Message>& message_table, std::span<const InternId> streams,
       const InternTable<Connection>& stream_table) noexcept
      : processes_(processes),
        process_table_(&process_table),
        messages_(messages),
        message_table_(&message_table),
        streams_(streams),
        stream_table_(&stream_table) {}

  std::size_t size() const noexcept { return processes_.size(); }
  const Process<N>& process(NodeIndex node) const noexcept { return (*process_table_)[processes_[node]]; }
  bool runs(NodeIndex node) const noexcept { return process(node).runs(); }
  const N& node(NodeIndex node) const noexcept { return process(node).node; }

  std::size_t messages() const noexcept { return messages_.size(); }
  const Message& message(std::size_t place) const noexcept { return (*message_table_)[messages_[place]]; }

  std::size_t streams() const noexcept { return streams_.size(); }
  const Connection& stream(std::size_t place) const noexcept { return (*stream_table_)[streams_[place]]; }

 private:
  std::span<const InternId> processes_;
  const InternTable<Process<N>>* process_table_;
  std::span<const InternId> messages_;
  const InternTable<Message>* message_table_;
  std::span<const InternId> streams_;
  const InternTable<Connection>* stream_table_;
};

}  // namespace peerbed::check
