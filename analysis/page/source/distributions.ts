// The distributions of latencies, hops and sizes, and the messages sent.

import * as Plot from "@observablehq/plot";
import { chart } from "./chart";
import type { Distribution, Run } from "./document";
import { html } from "./elements";
import { figure } from "./figure";
import { axis_label, number_text, plural, quantity_text, scale_for } from "./units";

export interface Row {
  value: number;
  count: number;
  share: number; // cumulative: of all values, those that are at most this large
}

export function cumulated(distribution: Distribution): { rows: Row[]; total: number; mean: number } {
  const total = distribution.rows.reduce((sum, [, count]) => sum + count, 0);
  let below = 0;
  let sum = 0;
  const rows = distribution.rows.map(([value, count]) => {
    below += count;
    sum += value * count;
    return { value, count, share: total ? below / total : 0 };
  });
  return { rows, total, mean: total ? sum / total : 0 };
}

export function quantile(rows: Row[], share: number): number {
  return (rows.find((row) => row.share >= share - 1e-12) ?? rows.at(-1))?.value ?? 0;
}

function table_of_rows(name: string, rows: Row[], unit: string, factor: number) {
  return () => ({
    columns: [axis_label(`${name}, at most`, unit), "count", "cumulative share (%)"],
    rows: rows.map((row) => [row.value / factor, row.count, 100 * row.share]),
  });
}

// Small whole numbers become bars, with `theory` as a line.
export function counted_figure(name: string, distribution: Distribution, title = name, theory?: { value: number; words: string }): HTMLElement {
  const { rows, total, mean } = cumulated(distribution);
  const lines = [{ value: mean, words: "mean" }, ...(theory ? [theory] : [])];
  const words = lines.map(({ value, words }, i) => `${i ? "dashed" : "solid"} line: ${words}, ${number_text(value)}`).join("; ");
  return figure({
    title,
    words: `${plural(total, "value")}; ${words}.`,
    height: 220,
    draw: (width) => {
      const last = Math.max(4, rows.at(-1)?.value ?? 0, theory?.value ?? 0);
      return { node: chart(width, {
        height: 220,
        x: { domain: [-0.6, last + 0.6], label: name.split(".").at(-1), ticks: Math.min(last, Math.floor(width / 45)), tickFormat: "d" },
        y: { label: "values (%)", grid: true, nice: true, ticks: 5 },
        marks: [
          Plot.rectY(rows, { x1: (row: Row) => row.value - 0.42, x2: (row: Row) => row.value + 0.42, y: (row: Row) => (100 * row.count) / total, fill: "var(--blue)", fillOpacity: 0.75 }),
          Plot.ruleY([0], { stroke: "var(--ink)" }),
          Plot.ruleX(lines.slice(0, 1), { x: "value", stroke: "var(--ink)", strokeWidth: 1.5 }),
          Plot.ruleX(lines.slice(1), { x: "value", stroke: "var(--ink)", strokeWidth: 1.5, strokeDasharray: "5 4" }),
        ],
      }) };
    },
    table: table_of_rows(name, rows, "", 1),
  });
}

// Other values become a cumulative distribution, with the median and the tail labelled.
function cumulative_figure(name: string, distribution: Distribution): HTMLElement {
  const { rows, total } = cumulated(distribution);
  const largest = rows.at(-1)?.value ?? 0;
  const scale = scale_for(distribution.unit, quantile(rows, 0.5) || largest);
  const smallest = rows.find((row) => row.value > 0)?.value ?? 1;
  const wide_range = largest / smallest > 50;
  const named = [0.5, 0.9, 0.99].map((share) => ({ share, value: quantile(rows, share) }));
  const words = named.map(({ share, value }) => `p${100 * share} ${quantity_text(value, distribution.unit)}`).join(", ");
  return figure({
    title: name,
    words: `${plural(total, "value")}; dots: ${words}.`,
    height: 220,
    draw: (width) => {
      const points = [{ value: rows[0]?.value ?? 0, share: 0 }, ...rows].filter((row) => !wide_range || row.value > 0);
      return { node: chart(width, {
        height: 220,
        x: { type: wide_range ? "log" : "linear", label: axis_label(name.split(".").at(-1)!, scale.unit), ticks: Math.floor(width / 80), nice: !wide_range, ...(wide_range ? { tickFormat: plain_number } : {}) },
        y: { domain: [0, 100], label: "cumulative share (%)", grid: true, ticks: 5 },
        marks: [
          Plot.line(points, { x: (row: Row) => row.value / scale.factor, y: (row: Row) => 100 * row.share, curve: "step-after", stroke: "var(--blue)", strokeWidth: 1.8 }),
          Plot.dot(named, { x: ({ value }) => value / scale.factor, y: ({ share }) => 100 * share, r: 3.5, fill: "var(--vermillion)" }),
        ],
      }) };
    },
    table: table_of_rows(name, rows, scale.unit, scale.factor),
  });
}

function plain_number(value: number): string {
  return /^[125]/.test(value.toExponential()) ? number_text(value) : "";
}

export function distributions_part(run: Run): HTMLElement[] {
  const entries = Object.entries(run.distributions ?? {}).filter(([, { rows }]) => rows.length > 0);
  entries.sort(([a], [b]) => Number(/latency|hops/.test(b)) - Number(/latency|hops/.test(a)));
  if (!entries.length) return [];
  const is_constant = ({ rows }: Distribution) => rows.length === 1;
  const constant = entries.filter(([, distribution]) => is_constant(distribution)).map(([name, { unit, rows }]) => `${name}: ${quantity_text(rows[0][0], unit)} (${plural(rows[0][1], "value")})`);
  const few_values = ({ unit, rows }: Distribution) => unit === "count" && rows.length <= 40 && rows.at(-1)![0] <= 60;
  return [html("div", { class: "multiples" }, ...entries.filter(([, distribution]) => !is_constant(distribution)).map(([name, distribution]) =>
    few_values(distribution) ? counted_figure(name, distribution) : cumulative_figure(name, distribution))),
    ...(constant.length ? [html("p", { class: "note" }, `Always the same: ${constant.join("; ")}.`)] : [])];
}

function bars(title: string, what: string, unit: string, messages: { kind: string; value: number }[]): HTMLElement {
  const scale = scale_for(unit, Math.max(...messages.map(({ value }) => value)));
  const sorted = [...messages].sort((a, b) => b.value - a.value);
  return figure({
    title,
    height: 60 + 22 * sorted.length,
    draw: (width) => ({ node: chart(width, {
      height: 50 + 22 * sorted.length,
      marginTop: 10,
      marginLeft: 130,
      marginRight: 76,
      x: { label: axis_label(what, scale.unit), grid: true, ticks: Math.max(2, Math.floor((width - 206) / 70)) },
      y: { domain: sorted.map(({ kind }) => kind), label: null, tickSize: 0 },
      marks: [
        Plot.barX(sorted, { x: ({ value }) => value / scale.factor, y: "kind", fill: "var(--blue)", fillOpacity: 0.75 }),
        Plot.text(sorted, { x: ({ value }) => value / scale.factor, y: "kind", text: ({ value }) => quantity_text(value, unit), textAnchor: "start", dx: 5, fill: "var(--ink)" }),
      ],
    }) }),
    table: () => ({ columns: ["kind", axis_label(what, scale.unit)], rows: sorted.map(({ kind, value }) => [kind, value / scale.factor]) }),
  });
}

export function messages_part(run: Run): HTMLElement[] {
  const messages = run.messages ?? [];
  if (!messages.length) return [];
  return [html("div", { class: "pair" },
    bars("Messages sent", "messages", "count", messages.map(({ kind, count }) => ({ kind, value: count }))),
    bars("Bytes in them", "sent", "B", messages.map(({ kind, bytes }) => ({ kind, value: bytes }))))];
}
