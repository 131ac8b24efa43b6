#include "app/command_line.h"
#include "scenarios/ring_protocol.h"

int main(int argc, char** argv) { return peerbed::run_command_line(argc, argv, {peerbed::scenarios::ring_protocol()}); }
