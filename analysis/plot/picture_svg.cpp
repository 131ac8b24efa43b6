#include <array>
#include <charconv>

#include "analysis/plot/picture.h"

namespace peerbed::analysis {
namespace {

// Fonts about as wide as the one that the layout assumes.
constexpr const char* fonts = "DejaVu Sans, Verdana, Helvetica, Arial, sans-serif";

// Rounds to a hundredth of a point, without trailing zeros: the same text on every machine.
std::string number(double value) {
  std::array<char, 64> text{};
  const auto end = std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::fixed, 2).ptr;
  std::string shown(text.data(), end);
  shown.erase(shown.find_last_not_of('0') + 1);
  if (shown.back() == '.') shown.pop_back();
  return shown == "-0" ? "0" : shown;
}

std::string hexadecimal(const Colour& colour) {
  constexpr const char* digits = "0123456789abcdef";
  std::string text = "#";
  for (const std::uint8_t part : {colour.red, colour.green, colour.blue})
    text += {digits[part / 16U], digits[part % 16U]};
  return text;
}

std::string escaped(const std::string& text) {
  std::string safe;
  for (const char c : printable(text)) {
    if (c == '&')
      safe += "&amp;";
    else if (c == '<')
      safe += "&lt;";
    else if (c == '>')
      safe += "&gt;";
    else if (c == '"')
      safe += "&quot;";
    else
      safe += c;
  }
  return safe;
}

std::string attribute(const char* name, const std::string& value) {
  return " " + std::string(name) + "=\"" + value + "\"";
}

std::string stroke_attributes(const Stroke& stroke) {
  std::string text = attribute("stroke", hexadecimal(stroke.colour)) + attribute("stroke-width", number(stroke.width));
  std::string dashes;
  for (const double length : stroke.dashes) dashes += (dashes.empty() ? "" : " ") + number(length);
  return dashes.empty() ? text : text + attribute("stroke-dasharray", dashes);
}

std::string path_of(const std::vector<Position>& points, bool is_closed) {
  std::string path;
  for (const Position& position : points)
    path += (path.empty() ? "M" : "L") + number(position.x) + " " + number(position.y);
  return path + (is_closed ? "Z" : "");
}

std::string svg_element(const Line& line) {
  return "<path fill=\"none\" stroke-linejoin=\"round\"" + stroke_attributes(line.stroke) +
         attribute("d", path_of(line.points, false)) + "/>";
}

std::string svg_element(const Area& area) {
  return "<path" + attribute("fill", hexadecimal(area.fill)) +
         (area.opacity < 1 ? attribute("fill-opacity", number(area.opacity)) : "") +
         attribute("d", path_of(area.corners, true)) + "/>";
}

std::string svg_element(const Mark& mark) {
  const std::string colour = hexadecimal(mark.colour);
  if (mark.shape == Shape::circle)
    return "<circle class=\"mark\"" + attribute("cx", number(mark.at.x)) + attribute("cy", number(mark.at.y)) +
           attribute("r", number(mark.size / 2)) + attribute("fill", colour) + "/>";
  const std::vector<Position> corners = corners_of(mark);
  if (mark.shape == Shape::plus || mark.shape == Shape::cross)
    return "<path class=\"mark\"" + attribute("stroke", colour) + attribute("stroke-width", number(mark.size / 4)) +
           attribute("d", path_of({corners[0], corners[1]}, false) + path_of({corners[2], corners[3]}, false)) + "/>";
  return "<path class=\"mark\"" + attribute("fill", colour) + attribute("d", path_of(corners, true)) + "/>";
}

std::string svg_element(const Text& text) {
  const char* anchor = text.anchor == Anchor::start ? "start" : text.anchor == Anchor::middle ? "middle" : "end";
  return "<text" + attribute("x", number(text.at.x)) + attribute("y", number(text.at.y)) +
         attribute("font-size", number(text.size)) + (text.bold ? attribute("font-weight", "bold") : "") +
         (text.anchor == Anchor::start ? "" : attribute("text-anchor", anchor)) +
         attribute("fill", hexadecimal(text.colour)) + ">" + escaped(text.text) + "</text>";
}

}  // namespace

std::string svg_of(const Picture& picture) {
  const std::string width = number(picture.width);
  const std::string height = number(picture.height);
  std::string svg =
      "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n<svg xmlns=\"http://www.w3.org/2000/svg\" role=\"img\"" +
      attribute("width", width + "pt") + attribute("height", height + "pt") +
      attribute("viewBox", "0 0 " + width + " " + height) + attribute("font-family", fonts) + ">\n";
  svg += "<title>" + escaped(picture.title) + "</title>\n<desc>" + escaped(picture.description) + "</desc>\n";
  svg += "<rect width=\"100%\" height=\"100%\"" + attribute("fill", hexadecimal(picture.paper)) + "/>\n";
  for (const Element& element : picture.elements)
    svg += std::visit([](const auto& each) { return svg_element(each); }, element) + "\n";
  return svg + "</svg>\n";
}

}  // namespace peerbed::analysis
