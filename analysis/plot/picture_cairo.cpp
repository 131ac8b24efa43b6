// Writes pictures as PDF and PNG with cairo (https://www.cairographics.org).

#include <cairo-pdf.h>
#include <cairo.h>

#include <cmath>
#include <memory>
#include <stdexcept>

#include "analysis/plot/picture.h"

namespace peerbed::analysis {
namespace {

using Surface = std::unique_ptr<cairo_surface_t, decltype(&cairo_surface_destroy)>;
using Context = std::unique_ptr<cairo_t, decltype(&cairo_destroy)>;

constexpr double points_an_inch = 72;
constexpr double dots_an_inch = 300;
constexpr double full_turn = 2 * 3.14159265358979323846;

void hold_to_account(cairo_status_t status) {
  if (status != CAIRO_STATUS_SUCCESS)
    throw std::runtime_error(std::string("the picture cannot be drawn: ") + cairo_status_to_string(status) +
                             "; use a smaller one");
}

cairo_status_t append(void* bytes, const unsigned char* data, unsigned int length) {
  static_cast<std::string*>(bytes)->append(reinterpret_cast<const char*>(data), length);
  return CAIRO_STATUS_SUCCESS;
}

class Painter {
 public:
  explicit Painter(cairo_surface_t* surface) : context_(cairo_create(surface), cairo_destroy) {
    // Keep letters where they were laid out, at any resolution.
    const std::unique_ptr<cairo_font_options_t, decltype(&cairo_font_options_destroy)> options(
        cairo_font_options_create(), cairo_font_options_destroy);
    cairo_font_options_set_hint_style(options.get(), CAIRO_HINT_STYLE_NONE);
    cairo_font_options_set_hint_metrics(options.get(), CAIRO_HINT_METRICS_OFF);
    cairo_font_options_set_antialias(options.get(), CAIRO_ANTIALIAS_GRAY);
    cairo_set_font_options(get(), options.get());
    cairo_set_line_join(get(), CAIRO_LINE_JOIN_ROUND);
  }

  void draw(const Picture& picture) {
    ink(picture.paper);
    cairo_paint(get());
    for (const Element& element : picture.elements) std::visit([this](const auto& each) { draw(each); }, element);
    hold_to_account(cairo_status(get()));
  }

 private:
  cairo_t* get() const noexcept { return context_.get(); }

  void ink(const Colour& colour, double opacity = 1) {
    cairo_set_source_rgba(get(), colour.red / 255.0, colour.green / 255.0, colour.blue / 255.0, opacity);
  }

  void trace(const std::vector<Position>& points, std::size_t begin, std::size_t end) {
    for (std::size_t i = begin; i < end; ++i)
      (i == begin ? cairo_move_to : cairo_line_to)(get(), points[i].x, points[i].y);
  }

  void draw(const Line& line) {
    ink(line.stroke.colour);
    cairo_set_line_width(get(), line.stroke.width);
    cairo_set_dash(get(), line.stroke.dashes.data(), static_cast<int>(line.stroke.dashes.size()), 0);
    trace(line.points, 0, line.points.size());
    cairo_stroke(get());
  }

  void draw(const Area& area) {
    ink(area.fill, area.opacity);
    trace(area.corners, 0, area.corners.size());
    cairo_fill(get());
  }

  void draw(const Mark& mark) {
    ink(mark.colour);
    const std::vector<Position> corners = corners_of(mark);
    if (mark.shape == Shape::plus || mark.shape == Shape::cross) {
      cairo_set_line_width(get(), mark.size / 4);
      cairo_set_dash(get(), nullptr, 0, 0);
      trace(corners, 0, 2);
      trace(corners, 2, 4);
      cairo_stroke(get());
      return;
    }
    cairo_new_path(get());
    if (mark.shape == Shape::circle)
      cairo_arc(get(), mark.at.x, mark.at.y, mark.size / 2, 0, full_turn);
    else
      trace(corners, 0, corners.size());
    cairo_fill(get());
  }

  void draw(const Text& text) {
    ink(text.colour);
    cairo_select_font_face(get(), "sans", CAIRO_FONT_SLANT_NORMAL,
                           text.bold ? CAIRO_FONT_WEIGHT_BOLD : CAIRO_FONT_WEIGHT_NORMAL);
    cairo_set_font_size(get(), text.size);
    const std::string shown = printable(text.text);
    cairo_text_extents_t extents{};
    cairo_text_extents(get(), shown.c_str(), &extents);
    const double before = text.anchor == Anchor::start    ? 0
                          : text.anchor == Anchor::middle ? extents.x_advance / 2
                                                          : extents.x_advance;
    cairo_move_to(get(), text.at.x - before, text.at.y);
    cairo_show_text(get(), shown.c_str());
    cairo_new_path(get());
  }

  Context context_;
};

}  // namespace

std::string pdf_of(const Picture& picture) {
  std::string bytes;
  const Surface surface(cairo_pdf_surface_create_for_stream(append, &bytes, picture.width, picture.height),
                        cairo_surface_destroy);
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_TITLE, printable(picture.title).c_str());
  // A fixed date, so that the same picture always gives the same bytes.
  cairo_pdf_surface_set_metadata(surface.get(), CAIRO_PDF_METADATA_CREATE_DATE, "2000-01-01T00:00:00Z");
  Painter(surface.get()).draw(picture);
  cairo_surface_finish(surface.get());
  hold_to_account(cairo_surface_status(surface.get()));
  return bytes;
}

std::string png_of(const Picture& picture) {
  const double scale = dots_an_inch / points_an_inch;
  const Surface surface(
      cairo_image_surface_create(CAIRO_FORMAT_RGB24, static_cast<int>(std::ceil(picture.width * scale)),
                                 static_cast<int>(std::ceil(picture.height * scale))),
      cairo_surface_destroy);
  hold_to_account(cairo_surface_status(surface.get()));
  cairo_surface_set_device_scale(surface.get(), scale, scale);
  Painter(surface.get()).draw(picture);
  std::string bytes;
  hold_to_account(cairo_surface_write_to_png_stream(surface.get(), append, &bytes));
  return bytes;
}

}  // namespace peerbed::analysis
