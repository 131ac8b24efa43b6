#include "protocols/ring/base/words.h"

#include "protocols/ring/wire/parts.h"
#include "tests/catch.h"

using namespace peerbed;
using namespace peerbed::ring;
using namespace std::chrono_literals;

TEST_CASE("an unquoted value is the rest of the line, including quotes within it") {
  const PutWords put = read_put("name it's a \"word\"  --ttl 90s");
  CHECK(put.mistake.empty());
  CHECK(put.name == "name");
  CHECK(put.value.text == "it's a \"word\" ");
  CHECK(put.lifetime == 90s);
}

TEST_CASE("quoted names and values may contain blanks, escapes and any byte") {
  const PutWords put = read_put(R"("my name" 'a "b" \'c\' \\ \n\x00\xfF --ttl 5s ' --ttl 1h)");
  CHECK(put.mistake.empty());
  CHECK(put.name == "my name");
  CHECK(put.value.text == std::string("a \"b\" 'c' \\ \n\0\xff --ttl 5s ", 25));
  CHECK(put.value.quoted);
  CHECK(put.lifetime == 1h);
}

TEST_CASE("an empty value is written in quotes") {
  CHECK(read_put("name \"\"").mistake.empty());
  CHECK(read_put("name \"\"").value.text.empty());
  CHECK_FALSE(read_put("name").mistake.empty());
  CHECK_FALSE(read_put("\"\" value").mistake.empty());
}

TEST_CASE("a mistake in quotes gives one sentence that shows its position") {
  CHECK(read_put("name \"open").mistake == "The quote in \"open is not closed");
  CHECK(read_put("'open name").mistake == "The quote in 'open name is not closed");
  CHECK(read_put("name 'a'b").mistake == "A blank belongs behind the closing quote, before b");
  CHECK(read_put(R"(name "a\q")").mistake == R"(\q is not an escape; use \\ \" \' \n \r \t, or \xHH for any byte)");
  CHECK(read_put(R"(name "a\x4")").mistake.starts_with(R"(\x is not an escape)"));
  CHECK(read_put("name \"a\\").mistake.starts_with("\\ is not an escape"));
  CHECK(read_put("name 'a' b").mistake.starts_with("Usage: put NAME VALUE"));
  CHECK(read_put("name a --ttl soon").mistake.starts_with("Usage: put NAME VALUE"));
}

TEST_CASE("unprintable characters are shown in quotes with escapes, and parse back to themselves") {
  CHECK(shown("plain text") == "plain text");
  CHECK(shown("z\xc3\xbcrich") == "z\xc3\xbcrich");
  CHECK(shown("a\nb") == R"("a\nb")");
  CHECK(shown("\x1b[31m") == R"("\x1b[31m")");
  CHECK(shown("\xc2\x9b") == R"("\xc2\x9b")");          // U+009B, which begins an escape sequence
  CHECK(shown("\xe2\x80\xae") == R"("\xe2\x80\xae")");  // reverses the direction of text
  CHECK(shown("\xc0\x80 \xed\xa0\x80 \xff") == R"("\xc0\x80 \xed\xa0\x80 \xff")");
  std::string all;
  for (int byte = 0; byte < 256; ++byte) all += static_cast<char>(byte);
  CHECK(read_put("name " + shown(all)).value.text == all);
}

TEST_CASE("a record of parts parses back, and nothing else is taken for one") {
  const std::vector<std::byte> value(3000, std::byte{7});
  const PartSet set = PartSet::of(42, value);
  CHECK(set.count() == 4);
  CHECK(set.size_of(3) == 3000 - 3 * part_size);
  CHECK(PartSet::read(set.record()) == set);
  CHECK(set.makes(value));
  std::vector<std::byte> other = value;
  other[2999] = std::byte{8};
  CHECK_FALSE(set.makes(other));
  for (std::size_t i = 0; i < 32; ++i) {
    auto damaged = set.record();
    damaged[i] ^= std::byte{0x80};
    CHECK(PartSet::read(damaged) != set);
  }
  auto longer = set.record();
  longer.push_back({});
  CHECK_FALSE(PartSet::read(longer));
  CHECK_FALSE(PartSet::read({}));
  CHECK_FALSE(fits_one_datagram(set.record()));
  CHECK(fits_one_datagram({}));
}
