#include "app/cli/command_line.h"
#include "scenarios/run/standard_protocols.h"

int main(int argc, char** argv) {
  return peerbed::run_command_line(argc, argv, peerbed::scenarios::standard_protocols());
}
