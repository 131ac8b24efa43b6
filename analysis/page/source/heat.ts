// Heat maps: a coloured cell per row and column, painted as an image, with a colour scale beside it.

import * as d3 from "d3";
import { html, svg } from "./elements";
import { colour } from "./theme";

// From early or little (dark blue) to late or much (yellow), evenly in lightness; suits any colour vision.
const shades = Array.from({ length: 256 }, (_, i) => {
  const { r, g, b } = d3.rgb(d3.interpolateViridis(i / 255));
  return [Math.round(r), Math.round(g), Math.round(b)] as const;
});

export interface Cells {
  columns: number;
  rows: number;
  values: Float64Array; // row by row; NaN: no value
}

// Paints the cells whose value is within [0, most] and at most `limit`; the others show the background.
export function paint_cells(context: CanvasRenderingContext2D, cells: Cells, box: { x: number; y: number; width: number; height: number }, most: number, limit = Infinity): void {
  context.fillStyle = colour("panel");
  context.fillRect(box.x, box.y, box.width, box.height);
  const image = new ImageData(cells.columns, cells.rows);
  for (let i = 0; i < cells.values.length; ++i) {
    const value = cells.values[i];
    if (!(value <= limit)) continue;
    const [r, g, b] = shades[Math.min(255, Math.max(0, Math.floor((256 * value) / (most || 1))))];
    image.data.set([r, g, b, 255], 4 * i);
  }
  const small = html("canvas", { width: cells.columns, height: cells.rows });
  small.getContext("2d")!.putImageData(image, 0, 0);
  context.imageSmoothingEnabled = false;
  context.drawImage(small, box.x, box.y, box.width, box.height);
}

// The colour scale, from 0 to `most`, with its unit.
export function colour_scale(most: number, label: string): HTMLElement {
  const [width, height] = [220, 40];
  const scale = d3.scaleLinear([0, most || 1], [10, width - 20]);
  const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "axes", role: "img", "aria-label": `Colours: ${label}` });
  const stripes = 64;
  for (let i = 0; i < stripes; ++i) {
    const [r, g, b] = shades[Math.floor((255 * i) / (stripes - 1))];
    const step = (width - 30) / stripes;
    drawing.append(svg("rect", { x: 10 + i * step, y: 2, width: step + 0.5, height: 12, fill: `rgb(${r},${g},${b})` }));
  }
  for (const tick of scale.ticks(4)) {
    drawing.append(svg("text", { x: scale(tick), y: 29, "text-anchor": "middle" }, scale.tickFormat(4)(tick)));
  }
  return html("div", { class: "colours" }, html("span", {}, label), drawing);
}
