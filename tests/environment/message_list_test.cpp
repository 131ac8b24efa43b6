#include "protocols/environment/message_list.h"

#include <string>
#include <tuple>
#include <vector>

#include "tests/catch.h"

namespace peerbed {
namespace {

constexpr std::uint8_t version = 7;

struct Question {
  static constexpr MessageKind kind{2, "question"};
  std::uint32_t id = 0;
  static constexpr auto members = std::tuple(&Question::id);
};

struct Answer {
  static constexpr MessageKind kind{5, "answer"};
  std::uint32_t id = 0;
  std::uint16_t port = 0;
  static constexpr auto members = std::tuple(&Answer::id, &Answer::port);
};

struct Unlisted {
  static constexpr MessageKind kind{3, "unlisted"};
  static constexpr std::tuple<> members{};
};

using Messages = MessageList<Question, Answer>;

template <class Message>
std::vector<std::byte> encoded(const Message& message, std::uint8_t as_version = version) {
  std::vector<std::byte> buffer(64);
  Writer writer(buffer);
  codec::encode(as_version, message, writer);
  buffer.resize(writer.size());
  return buffer;
}

// The name and the id of what the list makes of the bytes; empty when it refuses them.
std::string handled(Bytes payload) {
  std::string seen;
  const bool is_handled = Messages::dispatch(version, payload, [&]<class Received>(const Received& message) {
    seen = std::string(Received::kind.name) + " " + std::to_string(message.id);
  });
  CHECK(is_handled == !seen.empty());
  CHECK(Messages::decode(version, payload).has_value() == is_handled);
  return seen;
}

}  // namespace

TEST_CASE("a list of messages names its kinds by number and leaves the others nameless") {
  REQUIRE(Messages::names.size() == 6);
  CHECK(Messages::names[2] == "question");
  CHECK(Messages::names[5] == "answer");
  for (const std::size_t unused : {0, 1, 3, 4}) CHECK(Messages::names[unused].empty());
}

TEST_CASE("a list of messages hands each message to the handler of its type") {
  CHECK(handled(encoded(Question{.id = 9})) == "question 9");
  CHECK(handled(encoded(Answer{.id = 10, .port = 80})) == "answer 10");
  CHECK(std::get<Answer>(*Messages::decode(version, encoded(Answer{.id = 10, .port = 80}))).port == 80);
}

TEST_CASE("a list of messages refuses other kinds, other versions, damage and emptiness") {
  CHECK(handled(encoded(Unlisted{})).empty());
  CHECK(handled(encoded(Question{.id = 9}, version + 1)).empty());
  CHECK(handled({}).empty());
  std::vector<std::byte> damaged = encoded(Question{.id = 9});
  damaged[3] ^= std::byte{1};
  CHECK(handled(damaged).empty());
}

}  // namespace peerbed
