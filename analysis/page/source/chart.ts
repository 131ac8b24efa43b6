// What all charts share: fonts, margins, and in charts over time a line at the clock's time.

import * as Plot from "@observablehq/plot";
import { svg } from "./elements";
import type { Picture } from "./figure";
import { time_scale } from "./units";

export function chart(width: number, options: Plot.PlotOptions): SVGElement | HTMLElement {
  return Plot.plot({
    width,
    marginLeft: 56,
    marginRight: 20,
    marginTop: 26,
    marginBottom: 40,
    style: { fontSize: "12px", overflow: "visible" },
    ...options,
  });
}

// The x axis of a chart over time, and how many seconds its unit has.
export function time_axis(until: number, width: number): { x: Plot.ScaleOptions; factor: number } {
  const { unit, factor } = time_scale(until);
  return { x: { domain: [0, until / factor], label: `time (${unit})`, ticks: Math.max(2, Math.floor(width / 90)) }, factor };
}

// A chart over time, whose x axis comes from time_axis.
export function time_picture(node: SVGElement | HTMLElement, factor: number): Picture {
  const drawing = node instanceof SVGSVGElement ? node : node.querySelector<SVGSVGElement>("svg:last-of-type")!;
  const scale = (node as unknown as Plot.Plot).scale("x")!;
  const [left, right] = scale.range as number[];
  const height = Number(drawing.getAttribute("height"));
  const line = svg("line", { class: "now", y1: 18, y2: height - 38 });
  drawing.append(line);
  return {
    node,
    show: (seconds) => {
      const place = Math.min(Math.max(scale.apply(seconds / factor), left), right);
      line.setAttribute("x1", String(place));
      line.setAttribute("x2", String(place));
    },
  };
}

// How many values represent a long list: means over equal stretches.
export function means_of_stretches(values: (number | null)[], most: number): { values: (number | null)[]; each: number } {
  const each = Math.ceil(values.length / most);
  if (each <= 1) return { values, each: 1 };
  const means: (number | null)[] = [];
  for (let begin = 0; begin < values.length; begin += each) {
    const known = values.slice(begin, begin + each).filter((value): value is number => value !== null);
    means.push(known.length ? known.reduce((sum, value) => sum + value, 0) / known.length : null);
  }
  return { values: means, each };
}
