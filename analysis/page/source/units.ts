// Numbers formatted for people, with their units.

import type { Unit } from "./document";

// How a quantity is shown: its unit, and its size in the document's unit.
export interface Scale {
  unit: string;
  factor: number;
}

const steps: Record<string, Scale[]> = {
  ns: [
    { unit: "ns", factor: 1 },
    { unit: "µs", factor: 1e3 },
    { unit: "ms", factor: 1e6 },
    { unit: "s", factor: 1e9 },
    { unit: "min", factor: 60e9 },
  ],
  B: [
    { unit: "B", factor: 1 },
    { unit: "kB", factor: 1e3 },
    { unit: "MB", factor: 1e6 },
    { unit: "GB", factor: 1e9 },
    { unit: "TB", factor: 1e12 },
  ],
};
steps["B/s"] = steps.B.map(({ unit, factor }) => ({ unit: `${unit}/s`, factor }));

// The largest unit in which `largest` is at least 1; minutes only from two.
export function scale_for(unit: Unit, largest: number): Scale {
  if (unit === "share") return { unit: "%", factor: 0.01 };
  const known = steps[unit];
  if (!known) return { unit: unit === "count" ? "" : unit, factor: 1 };
  const magnitude = Math.abs(largest);
  return known.filter((step, i) => i === 0 || magnitude >= step.factor * (step.unit === "min" ? 2 : 1)).at(-1)!;
}

// The unit of a time axis of this many seconds; factor is in seconds.
export function time_scale(seconds: number): Scale {
  if (seconds > 3 * 86400) return { unit: "days", factor: 86400 };
  if (seconds > 3 * 3600) return { unit: "h", factor: 3600 };
  if (seconds > 300) return { unit: "min", factor: 60 };
  if (seconds >= 1) return { unit: "s", factor: 1 };
  return seconds >= 1e-3 ? { unit: "ms", factor: 1e-3 } : { unit: "µs", factor: 1e-6 };
}

// Three significant digits for fractions, with thousands separators.
export function number_text(value: number | null | undefined): string {
  if (value === null || value === undefined || Number.isNaN(value)) return "–";
  if (!Number.isFinite(value)) return value > 0 ? "∞" : "−∞";
  const rounded = Number.isInteger(value) || Math.abs(value) >= 1000 ? Math.round(value) : Number(value.toPrecision(3));
  const text = Math.abs(rounded) < 1e-4 && rounded !== 0 ? rounded.toExponential(1) : rounded.toLocaleString("en", { maximumSignificantDigits: 15 });
  return text.replace("-", "−");
}

export function quantity_text(value: number | null | undefined, unit: Unit): string {
  if (value === null || value === undefined) return "–";
  const scale = scale_for(unit, value);
  const text = number_text(value / scale.factor);
  if (scale.unit === "%") return `${text}%`;
  return scale.unit ? `${text} ${scale.unit}` : text;
}

// "12.4 s", "4 min 10 s", "2 h 5 min".
export function seconds_text(seconds: number): string {
  if (seconds === 0) return "0 s";
  if (seconds < 120) return quantity_text(seconds * 1e9, "ns");
  const whole = Math.round(seconds);
  if (whole < 7200) return whole % 60 ? `${Math.floor(whole / 60)} min ${whole % 60} s` : `${whole / 60} min`;
  const minutes = Math.round(whole / 60);
  return minutes % 60 ? `${Math.floor(minutes / 60)} h ${minutes % 60} min` : `${minutes / 60} h`;
}

export function plural(count: number, one: string, many = `${one}s`): string {
  return `${number_text(count)} ${count === 1 ? one : many}`;
}

// "latency, ms": an axis title with its unit.
export function axis_label(what: string, unit: string): string {
  return unit ? `${what} (${unit})` : what;
}
