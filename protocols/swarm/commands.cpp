// What a person or a workload may type to a peer. Whether a file is here already an earlier process may know: until its
// catalogue has been read, commands wait.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

void Peer::on_command(Environment& environment, std::string_view line) {
  const LinkTable::Sweeper sweeper(links_);
  if (awaited_pages_ == 0) return carry_out(environment, line);
  if (early_commands_.size() == maximum_early_commands)
    return environment.refuse("busy", "Too many commands wait for the disk");
  early_commands_.emplace_back(line);
}

void Peer::carry_out(Environment& environment, std::string_view line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string_view verb = line.substr(0, space);
  std::string_view rest = line.substr(space);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  const std::string what = typed_name(rest);
  const auto is = [verb](std::string_view upper, std::string_view lower) { return verb == upper || verb == lower; };
  if (is("ADD", "add")) {
    add_file(environment, what);
  } else if (is("GET", "get")) {
    start_survey(environment);
  } else if (is("DOWN", "down")) {
    start_download(environment, what);
  } else if (is("LIST", "list")) {
    list_files(environment);
  } else if (is("REMOVE", "remove")) {
    remove_share(environment, what);
  } else if (is("CANCEL", "cancel")) {
    cancel_download(environment, what);
  } else if (is("PAUSE", "pause")) {
    pause_download(environment, what);
  } else if (is("RESUME", "resume")) {
    resume_paused(environment, what);
  } else if (is("QUIT", "quit")) {
    on_leave(environment);
  } else {
    environment.refuse("unknown-command",
                       "Unknown command: there are ADD, GET, DOWN, LIST, REMOVE, CANCEL, PAUSE, RESUME and QUIT");
  }
}

}  // namespace peerbed::swarm
