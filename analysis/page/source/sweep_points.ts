// The points of a sweep as curves: which parameter is on the axis, and which speed-up they show.

import * as d3 from "d3";
import type { Point, Sweep, SweepMetric } from "./document";

export interface Axis {
  name: string;
  position: number; // index among the parameters
  numeric: boolean;
  logarithmic: boolean; // values form a geometric sequence
}

// The numeric parameter with the most values, or else any parameter with the most.
export function axis_of(sweep: Sweep): Axis {
  const points = sweep.metrics[0]?.points ?? [];
  const found = sweep.parameters.map((name, position) => {
    const values = [...new Set(points.map((point) => point.values[position]))];
    const numbers = values.map(Number);
    const numeric = numbers.every((value) => Number.isFinite(value));
    return { name, position, numeric, values: numbers, count: values.length };
  });
  const best = d3.greatest(found, (a, b) => Number(a.numeric) - Number(b.numeric) || a.count - b.count);
  if (!best) return { name: "", position: -1, numeric: false, logarithmic: false };
  const sorted = [...best.values].sort((a, b) => a - b);
  const logarithmic = best.numeric && sorted[0] > 0 && sorted.length > 2 && sorted.at(-1)! / sorted[0] >= 8;
  return { name: best.name, position: best.position, numeric: best.numeric, logarithmic };
}

export interface Placed extends Point {
  x: number | string;
  curve: string; // the other parameters' values
}

export function placed_points(sweep: Sweep, metric: SweepMetric, axis: Axis): Placed[] {
  const points = metric.points.map((point) => {
    const value = point.values[axis.position] ?? "";
    const curve = sweep.parameters.map((name, i) => (i === axis.position ? "" : `${name}=${point.values[i]}`)).filter(Boolean).join(", ");
    return { ...point, x: axis.numeric ? Number(value) : value, curve };
  });
  return axis.numeric ? points.sort((a, b) => (a.x as number) - (b.x as number)) : points;
}

export interface SpeedUp {
  x: number;
  curve: string;
  speed_up: number;
  low: number;
  high: number;
  theory?: number;
}

// A reproducible generator (mulberry32).
function draws_from(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 2 ** 32;
  };
}

const resamples = 2000;

// The speed-up over the first point: the ratio of means, with a 95 % bootstrap percentile interval. The
// samples of two points are in the order of seeds, and resampled in pairs if both have equally many.
export function speed_ups(points: Placed[]): SpeedUp[] {
  return [...d3.group(points, ({ curve }) => curve).values()].flatMap((curve) => {
    const first = curve[0];
    return curve.map((point) => {
      const [a, b] = [first.samples ?? [], point.samples ?? []];
      const ratio = first.mean / point.mean;
      const theory = first.theory && point.theory ? first.theory / point.theory : undefined;
      const entry = { x: point.x as number, curve: point.curve, speed_up: ratio, low: ratio, high: ratio, theory };
      if (point === first || a.length < 2 || b.length < 2) return entry;
      const draw = draws_from(1);
      const ratios = Array.from({ length: resamples }, () => {
        let [sum_a, sum_b] = [0, 0];
        for (let i = 0; i < b.length; ++i) {
          const chosen = Math.floor(draw() * b.length);
          sum_b += b[chosen];
          if (a.length === b.length) sum_a += a[chosen];
        }
        if (a.length !== b.length) for (let i = 0; i < a.length; ++i) sum_a += a[Math.floor(draw() * a.length)];
        return sum_a / a.length / (sum_b / b.length);
      }).sort(d3.ascending);
      return { ...entry, low: d3.quantileSorted(ratios, 0.025)!, high: d3.quantileSorted(ratios, 0.975)! };
    });
  });
}
