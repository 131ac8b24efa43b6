#include "app/command_line.h"
#include "scenarios/standard_protocols.h"
#include "sim/large_pages.h"

int main(int argc, char** argv) {
  peerbed::sim::prefer_large_pages();
  return peerbed::run_command_line(argc, argv, peerbed::scenarios::standard_protocols());
}
