// A figure with very many marks: a canvas between two ordinary axes.

import * as d3 from "d3";
import { html, svg } from "./elements";
import type { Picture } from "./figure";

export interface Raster {
  width: number;
  height: number; // of the rows, without the axis
  left: number;
  x: { domain: [number, number]; label: string; ticks: number; whole?: boolean };
  rows: { text: string; y: number }[];
  row_label: string;
  now?: (seconds: number) => number; // position of the clock's line, in units of x
  paint: (context: CanvasRenderingContext2D, place: (x: number) => number, seconds: number) => void;
  repaint_with_time?: boolean;
  hover: (x: number, y: number) => string;
}

const top_margin = 24;
const right_margin = 20;

const longest_name = 20; // characters

// The width that row names take.
export function room_for(names: string[], shortened = true): number {
  const context = document.createElement("canvas").getContext("2d")!;
  context.font = `12px ${getComputedStyle(document.querySelector("footer")!).fontFamily}`;
  return Math.ceil(Math.max(40, ...names.map((name) => context.measureText(shortened ? short(name) : name).width))) + 12;
}

// As many names as fit without touching, given the height of a row.
export function row_labels(names: string[], each: number): { text: string; y: number }[] {
  const every = Math.max(1, Math.ceil(14 / each));
  return names.map((text, i) => ({ text: short(text), y: (i + 0.5) * each })).filter((_, i) => i % every === 0);
}

// Shortens a name for use as a label.
export function short(name: string): string {
  return name.length > longest_name ? `${name.slice(0, 9)}…${name.slice(-10)}` : name;
}

export function raster(parts: Raster): Picture {
  const { width, height, left } = parts;
  const scale = d3.scaleLinear(parts.x.domain, [left, width - right_margin]);
  const inner = width - left - right_margin;
  const sharpness = Math.max(2, devicePixelRatio || 1);
  const canvas = html("canvas", {
    width: Math.round(inner * sharpness), height: Math.round(height * sharpness),
    style: `position: absolute; left: ${left}px; top: ${top_margin}px; width: ${inner}px; height: ${height}px`,
    "aria-hidden": true,
  });
  const context = canvas.getContext("2d")!;
  const axis = svg("svg", { width, height: height + top_margin + 44, class: "axes" });
  const line = svg("line", { class: "now", y1: top_margin - 4, y2: top_margin + height });
  const ticks = scale.ticks(parts.x.ticks).filter((tick) => !parts.x.whole || Number.isInteger(tick));
  for (const tick of ticks) {
    const x = scale(tick);
    axis.append(svg("line", { x1: x, x2: x, y1: top_margin + height, y2: top_margin + height + 5, stroke: "currentColor" }),
      svg("text", { x, y: top_margin + height + 18, "text-anchor": "middle" }, scale.tickFormat(parts.x.ticks)(tick)));
  }
  for (const { text, y } of parts.rows) axis.append(svg("text", { x: left - 7, y: top_margin + y + 4, "text-anchor": "end" }, text));
  axis.append(svg("text", { x: left - 7, y: 12, "text-anchor": "end", class: "axis-name" }, parts.row_label),
    svg("text", { x: width - right_margin, y: top_margin + height + 38, "text-anchor": "end", class: "axis-name" }, parts.x.label));
  if (parts.now) axis.append(line);

  let painted_for = NaN;
  const paint = (seconds: number) => {
    painted_for = seconds;
    context.setTransform(sharpness, 0, 0, sharpness, -left * sharpness, 0);
    context.clearRect(left, 0, inner, height);
    parts.paint(context, scale, seconds);
  };
  const tip = html("div", { class: "tip" });
  tip.hidden = true;
  const node = html("div", { class: "raster" }, axis, canvas, tip);
  node.addEventListener("pointermove", (event) => {
    const { left: x0, top: y0 } = node.getBoundingClientRect();
    const [x, y] = [event.clientX - x0, event.clientY - y0 - top_margin];
    const words = x >= left && x <= width - right_margin && y >= 0 && y < height ? parts.hover(scale.invert(x), y) : "";
    tip.hidden = !words;
    tip.textContent = words;
    tip.style.cssText = `left: ${Math.min(x + 12, Math.max(0, width - 260))}px; top: ${y + top_margin + 16}px`;
  });
  node.addEventListener("pointerleave", () => (tip.hidden = true));
  return {
    node,
    show: (seconds) => {
      if (Number.isNaN(painted_for) || parts.repaint_with_time) paint(seconds);
      const x = parts.now ? scale(parts.now(seconds)) : 0;
      line.setAttribute("x1", String(x));
      line.setAttribute("x2", String(x));
    },
    repaint: () => paint(painted_for),
  };
}
