// What a person or a workload may type to a peer. Whether a file is here already an earlier process may know: until its
// catalogue has been read, commands wait.

#include <algorithm>

#include "protocols/swarm/peer.h"

namespace peerbed::swarm {

void Peer::on_command(Environment& environment, std::string_view line) {
  if (!awaiting_catalogue_) return carry_out(environment, line);
  if (early_commands_.size() == maximum_early_commands) return environment.print("Too many commands wait for the disk");
  early_commands_.emplace_back(line);
}

void Peer::carry_out(Environment& environment, std::string_view line) {
  const std::size_t space = std::min(line.find(' '), line.size());
  const std::string_view verb = line.substr(0, space);
  std::string_view rest = line.substr(space);
  rest.remove_prefix(std::min(rest.find_first_not_of(' '), rest.size()));
  if (verb == "ADD" || verb == "add") {
    add_file(environment, rest);
  } else if (verb == "GET" || verb == "get") {
    start_survey(environment);
  } else if (verb == "DOWN" || verb == "down") {
    start_download(environment, rest);
  } else if (verb == "QUIT" || verb == "quit") {
    on_leave(environment);
  } else {
    environment.print("Unknown command: ADD NAME, GET, DOWN NAME (or the digits of a root) and QUIT are known");
  }
  links_.sweep();
}

}  // namespace peerbed::swarm
