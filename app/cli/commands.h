#pragma once
// The commands of the program. Each is described where it is defined.

#include <string>
#include <vector>

#include "app/cli/command.h"
#include "scenarios/plan/scenario.h"
#include "sim/core/event_queue.h"

namespace peerbed::app {

Command run_command();
Command sweep_command();
Command gather_command();
Command search_command();
Command check_command();
Command compare_command();
Command report_command();
Command plot_command();
Command parity_command();
Command replay_command();
Command shrink_command();
Command trace_command();
Command explain_command();
Command validate_command();
Command node_command(const scenarios::Registry& registry);
Command ctl_command();
Command key_command();
Command put_command();
Command get_command();
Command remove_command();
Command list_command();

// All commands for users, in the order in which help shows them.
std::vector<Command> all_commands(const scenarios::Registry& registry = {});

// Two commands that users do not type: one runs a node as a process of a run, the other writes the files of an
// installation.
int run_node_command(const Invocation& invocation);
int write_pages_command(const Invocation& invocation);

// The --queue option.
extern const Option queue_option;
sim::EventQueueKind queue_of(const Arguments& arguments);

// The overrides from --seed, --set and PEERBED_SEED.
std::vector<scenarios::Override> overrides_of(const Arguments& arguments);

}  // namespace peerbed::app
