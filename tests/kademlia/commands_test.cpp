#include "protocols/kademlia/commands.h"

#include "protocols/kademlia/base/options.h"
#include "tests/catch.h"

using namespace peerbed::kademlia;

TEST_CASE("a command is its first word and the rest, whatever blanks are between") {
  CHECK(words_of("  put  a b ").first == "put");
  CHECK(words_of("  put  a b").rest == "a b");
  CHECK(words_of("").first.empty());
}

TEST_CASE("a faulty command is answered with what is wrong") {
  for (const char* line : {"lookup 5", "put a b c", "get a", "quit", "Quit"}) CHECK(fault_of_command(line).empty());
  CHECK(fault_of_command("lookup") == "Usage: lookup KEY");
  CHECK(fault_of_command("lookup 5 6") == "Usage: lookup KEY");
  CHECK(fault_of_command("put a") == "Usage: put NAME VALUE");
  CHECK(fault_of_command("get") == "Usage: get NAME");
  CHECK(fault_of_command("put a " + std::string(maximum_value_size, 'x')).empty());
  CHECK(fault_of_command("put a " + std::string(maximum_value_size + 1, 'x')) == "A value has at most 1024 bytes");
  CHECK(fault_of_command("remove a").starts_with("Unknown command"));
}
