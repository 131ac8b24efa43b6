#include "sim/graphs/graph_file.h"

#include <filesystem>
#include <fstream>
#include <iterator>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <system_error>

#include "sim/graphs/as_relations.h"
#include "sim/graphs/brite.h"
#include "sim/graphs/gml.h"
#include "sim/graphs/graphml.h"
#include "sim/graphs/node_link.h"
#include "sim/graphs/rocketfuel.h"
#include "sim/graphs/utf8.h"

namespace peerbed::sim {

namespace {

std::string read_bytes(const std::string& path) {
  std::error_code error;
  if (!std::filesystem::is_regular_file(path, error))
    throw std::runtime_error(path + ": no such file; check the path and the working directory");
  if (std::filesystem::file_size(path, error) > GraphFile::maximum_bytes || error)
    throw std::runtime_error(path + ": the file is larger than 16 MiB; give a smaller topology");
  std::ifstream stream(path, std::ios::binary);
  if (!stream) throw std::runtime_error(path + ": the file cannot be read; check its permissions");
  return {std::istreambuf_iterator<char>(stream), {}};
}

// A surrogate without its partner becomes U+FFFD.
std::string utf8_of_utf16(std::string_view bytes, bool big_endian) {
  const auto unit = [&](std::size_t i) -> std::uint32_t {
    const auto first = static_cast<unsigned char>(bytes[i]);
    const auto second = static_cast<unsigned char>(bytes[i + 1]);
    return big_endian ? first << 8u | second : second << 8u | first;
  };
  std::string text;
  for (std::size_t i = 0; i + 1 < bytes.size(); i += 2) {
    std::uint32_t code = unit(i);
    if (code >= 0xD800 && code < 0xE000) {
      const std::uint32_t low = code < 0xDC00 && i + 3 < bytes.size() ? unit(i + 2) : 0;
      const bool is_pair = low >= 0xDC00 && low < 0xE000;
      code = is_pair ? 0x10000 + ((code - 0xD800) << 10) + (low - 0xDC00) : 0xFFFD;
      i += is_pair ? 2 : 0;
    }
    append_utf8(text, code);
  }
  return text;
}

// The text in UTF-8, without a byte order mark.
std::string decoded(std::string bytes) {
  const auto begins = [&bytes](std::string_view mark) { return std::string_view(bytes).starts_with(mark); };
  if (begins("\xEF\xBB\xBF")) return bytes.substr(3);
  if (begins("\xFF\xFE")) return utf8_of_utf16(std::string_view(bytes).substr(2), false);
  if (begins("\xFE\xFF")) return utf8_of_utf16(std::string_view(bytes).substr(2), true);
  if (begins(std::string_view("<\0", 2))) return utf8_of_utf16(bytes, false);
  if (begins(std::string_view("\0<", 2))) return utf8_of_utf16(bytes, true);
  return bytes;
}

}  // namespace

GraphFile read_graph_file(const std::string& path) {
  const std::string text = decoded(read_bytes(path));
  if (text.find('\0') != std::string::npos)
    throw std::runtime_error(path + ": this is not a text file; if it is compressed, unpack it");
  const std::size_t begin = text.find_first_not_of(" \t\r\n");
  const char first = begin == std::string::npos ? '<' : text[begin];
  if (first == '<') return parse_graphml(path, text);
  if (first == '{') return parse_node_link(path, text);
  if (is_brite(text)) return parse_brite(path, text);
  if (is_as_relations(text)) return parse_as_relations(path, text);
  if (is_rocketfuel_map(text)) return parse_rocketfuel_map(path, text);
  if (is_rocketfuel_weights(text)) return parse_rocketfuel_weights(path, text);
  if (text.find("graph") == std::string::npos)
    throw std::runtime_error(
        path +
        ": there is no graph [...] as in GML, nor is this GraphML, node-link JSON, or a file of BRITE, "
        "Rocketfuel or CAIDA's as-rel; give one of these");
  return parse_gml(path, text);
}

}  // namespace peerbed::sim
