// The figures of a run with a swarm.

import * as Plot from "@observablehq/plot";
import { chart, time_axis, time_picture } from "./chart";
import type { Clock } from "./clock";
import type { Run } from "./document";
import { html } from "./elements";
import { figure, thinned_note } from "./figure";
import { curve_key } from "./sweep";
import { piece_figures, rate_figure } from "./swarm_heat";
import { series } from "./theme";
import { great_marks, mark_rules } from "./timeline";
import { axis_label, number_text, plural, quantity_text, scale_for, seconds_text } from "./units";

// How many downloads are complete over time, and the lower bound on that time.
function progress_figure(run: Run, clock: Clock): HTMLElement | undefined {
  const downloads = run.swarm!.downloads ?? [];
  const done = downloads.filter(({ done, to }) => done && to != null).sort((a, b) => a.to! - b.to!);
  if (!done.length) return undefined;
  const points = done.map(({ to }, i) => ({ seconds: to!, count: i + 1 }));
  const begin = Math.min(...downloads.map(({ from }) => from));
  const bound = run.swarm!.bound_seconds;
  const lines = bound === undefined ? [] : [begin + bound];
  const notes = bound === undefined ? "" : ` Dashed: the bound, ${seconds_text(bound)} after the first begins; the rates of the links allow nothing faster.`;
  const took = run.swarm!.distribution_seconds;
  return figure({
    title: "Downloads complete by time",
    words: `${number_text(done.length)} of ${number_text(downloads.length)} are complete${took === undefined ? "" : `; the distribution took ${seconds_text(took)}`}.${notes}`,
    notes: [thinned_note("downloads", run.swarm!.downloads_thinned)],
    height: 240,
    draw: (width) => {
      const { x, factor } = time_axis(clock.shown, width);
      const steps = [{ seconds: 0, count: 0 }, ...points, { seconds: clock.shown, count: done.length }];
      return time_picture(chart(width, {
        height: 240,
        x,
        y: { domain: [0, downloads.length], label: "downloads complete (number)", grid: true, ticks: 5 },
        marks: [
          mark_rules(great_marks(run), factor),
          Plot.ruleX(lines, { x: (seconds: number) => seconds / factor, stroke: "var(--ink)", strokeDasharray: "5 4", strokeWidth: 1.5 }),
          Plot.lineY(steps, { x: (point) => point.seconds / factor, y: "count", curve: "step-after", stroke: "var(--blue)", strokeWidth: 1.8 }),
          Plot.ruleY([0], { stroke: "var(--ink)" }),
        ],
      }), factor);
    },
    table: () => ({
      columns: ["peer", "file", "from (s)", "to (s)", "size (B)", "duplicates (B)", "longest stall (s)", "complete"],
      rows: downloads.map((one) => [run.nodes?.[one.node] ?? String(one.node), run.swarm!.files?.[one.file]?.name ?? String(one.file), one.from, one.to,
        one.size, one.duplicates, one.stall, one.done ? "yes" : "no"]),
    }),
  }, clock);
}

interface Ranked {
  name: string;
  value: number;
}

// Values by rank, largest first.
function ranked_figure(title: string, words: string, what: string, unit: string, rows: Ranked[], rule?: number): HTMLElement | undefined {
  if (!rows.some(({ value }) => value > 0)) return undefined;
  const sorted = [...rows].sort((a, b) => b.value - a.value);
  const largest = Math.max(0, ...sorted.map(({ value }) => value).filter(Number.isFinite));
  const scale = scale_for(unit, largest);
  return figure({
    title,
    words,
    height: 220,
    draw: (width) => ({ node: chart(width, {
      height: 220,
      x: { domain: [0.4, Math.max(4, sorted.length) + 0.6], label: "peer, by rank", ticks: Math.min(sorted.length, 6), tickFormat: "d" },
      y: { domain: [0, largest / scale.factor || 1], nice: true, label: axis_label(what, scale.unit), grid: true, ticks: 5 },
      marks: [
        Plot.rectY(sorted, { x1: (_, i) => i + 0.55, x2: (_, i) => i + 1.45, y: ({ value }) => value / scale.factor, fill: "var(--blue)", fillOpacity: 0.75 }),
        ...(rule === undefined ? [] : [Plot.ruleY([rule], { stroke: "var(--ink)", strokeDasharray: "5 4", strokeWidth: 1.5 })]),
        Plot.ruleY([0], { stroke: "var(--ink)" }),
      ],
    }) }),
    table: () => ({ columns: ["peer", axis_label(what, scale.unit)], rows: sorted.map(({ name, value }) => [name, value / scale.factor]) }),
  });
}

function waste_figures(run: Run): (HTMLElement | undefined)[] {
  const downloads = run.swarm!.downloads ?? [];
  const name = (node: number) => run.nodes?.[node] ?? String(node);
  const duplicates = downloads.filter((one) => one.duplicates !== undefined);
  const stalls = downloads.filter((one) => one.stall !== undefined);
  const all = duplicates.reduce((sum, one) => sum + one.duplicates!, 0);
  return [
    ranked_figure("Duplicates", `Bytes that a download received and did not keep; ${quantity_text(all, "B")} in all.`, "duplicates", "B",
      duplicates.map((one) => ({ name: name(one.node), value: one.duplicates! }))),
    ranked_figure("Stalls", "The longest time that a download went without a byte.", "longest stall", "ns",
      stalls.map((one) => ({ name: name(one.node), value: one.stall! * 1e9 }))),
  ];
}

// Instead of a picture of zeros.
function nothing_wasted(run: Run): HTMLElement | undefined {
  const downloads = run.swarm!.downloads ?? [];
  const none = (what: "duplicates" | "stall") => downloads.some((one) => one[what] !== undefined) && downloads.every((one) => !one[what]);
  const words = [none("duplicates") && "received a byte twice", none("stall") && "stalled"].filter(Boolean).join(" or ");
  return words ? html("p", { class: "note" }, `No download ${words}.`) : undefined;
}

function share_figure(run: Run): HTMLElement | undefined {
  const shares = run.swarm!.shares ?? [];
  const givers = shares.filter(({ downloaded, uploaded }) => !downloaded && uploaded);
  const given = givers.map(({ node, uploaded }) => `${run.nodes?.[node] ?? node} ${quantity_text(uploaded, "B")}`);
  const words = given.length ? ` ${plural(given.length, "peer")} gave without taking: ${given.slice(0, 5).join(", ")}${given.length > 5 ? ", …" : ""}.` : "";
  return ranked_figure("Share ratios", `What a peer sent for each byte that it received; dashed: as much as it took.${words}`, "sent / received (ratio)", "",
    shares.filter(({ downloaded }) => downloaded > 0).map(({ node, uploaded, downloaded }) => ({ name: run.nodes?.[node] ?? String(node), value: uploaded / downloaded })), 1);
}

// The rates of all peers over time: the median and the middle 80 %.
function spread_figure(run: Run, clock: Clock): HTMLElement | undefined {
  const rates = run.swarm!.rates;
  if (!rates?.nodes.length) return undefined;
  const length = Math.max(...rates.nodes.map(({ down }) => down.length));
  const rows = Array.from({ length: Math.min(length, Math.ceil(clock.shown / rates.interval)) }, (_, i) => {
    const now = rates.nodes.map(({ down }) => down[i] ?? 0).filter((rate) => rate > 0).sort((a, b) => a - b);
    const at = (share: number) => (now.length ? now[Math.floor(share * (now.length - 1))] : NaN);
    return { seconds: (i + 0.5) * rates.interval, low: at(0.1), middle: at(0.5), high: at(0.9), count: now.length };
  });
  const scale = scale_for("B/s", Math.max(0, ...rows.map(({ high }) => high || 0)));
  return figure({
    title: "Rate per peer by time",
    words: "Of the peers that receive at a time: the median, and the band between the 10th and the 90th percentile.",
    height: 240,
    draw: (width) => {
      const { x, factor } = time_axis(clock.shown, width);
      const time = (row: { seconds: number }) => row.seconds / factor;
      return time_picture(chart(width, {
        height: 240,
        x,
        y: { label: axis_label("received", scale.unit), grid: true, nice: true, zero: true, ticks: 5 },
        marks: [
          mark_rules(great_marks(run), factor),
          Plot.areaY(rows, { x: time, y1: (row) => row.low / scale.factor, y2: (row) => row.high / scale.factor, fill: "var(--blue)", fillOpacity: 0.22 }),
          Plot.lineY(rows, { x: time, y: (row) => row.middle / scale.factor, stroke: "var(--blue)", strokeWidth: 1.8 }),
          Plot.ruleY([0], { stroke: "var(--ink)" }),
        ],
      }), factor);
    },
    table: () => ({
      columns: ["time (s)", `p10 (${scale.unit})`, `median (${scale.unit})`, `p90 (${scale.unit})`, "peers"],
      rows: rows.map(({ seconds, low, middle, high, count }) => [seconds, low / scale.factor, middle / scale.factor, high / scale.factor, count]),
    }),
  }, clock);
}

// What each group received and sent over time.
function group_rates_figure(run: Run, clock: Clock): HTMLElement | undefined {
  const rates = run.swarm!.rates;
  const groups = (run.groups ?? []).filter(({ first, count }) => rates?.nodes.some(({ n }) => n >= first && n < first + count)).slice(0, series.length);
  if (!rates?.nodes.length || groups.length < 2) return undefined;
  const length = Math.max(...rates.nodes.map(({ down }) => down.length));
  const sums = groups.map(({ first, count }) => {
    const nodes = rates.nodes.filter(({ n }) => n >= first && n < first + count);
    const sum = (of: (node: (typeof nodes)[number]) => number[]) => Array.from({ length }, (_, i) => nodes.reduce((all, node) => all + (of(node)[i] ?? 0), 0));
    return { down: sum(({ down }) => down), up: sum(({ up }) => up) };
  });
  const scale = scale_for("B/s", Math.max(0, ...sums.flatMap(({ down, up }) => [...down, ...up])));
  const points = (values: number[]) => values.map((value, i) => ({ seconds: (i + 0.5) * rates.interval, value: value / scale.factor })).filter(({ seconds }) => seconds <= clock.shown);
  return figure({
    title: "Rate by group and time",
    words: "Solid: received; dashed: sent; all peers of a group together.",
    notes: [thinned_note("peers", run.swarm!.rates_thinned)],
    height: 240,
    controls: curve_key(groups.map(({ name }) => name), false),
    draw: (width) => {
      const { x, factor } = time_axis(clock.shown, width);
      const line = (values: number[], i: number, dashed: boolean) => Plot.lineY(points(values), { x: (point) => point.seconds / factor, y: "value", stroke: series[i], strokeWidth: 1.6, strokeDasharray: dashed ? "4 3" : undefined });
      return time_picture(chart(width, {
        height: 240,
        x,
        y: { label: axis_label("rate", scale.unit), grid: true, nice: true, zero: true, ticks: 5 },
        marks: [
          mark_rules(great_marks(run), factor),
          ...sums.flatMap(({ down, up }, i) => [line(down, i, false), line(up, i, true)]),
          Plot.ruleY([0], { stroke: "var(--ink)" }),
        ],
      }), factor);
    },
    table: () => ({
      columns: ["time (s)", ...groups.flatMap(({ name }) => [`${name}, received (${scale.unit})`, `${name}, sent (${scale.unit})`])],
      rows: Array.from({ length }, (_, i) => [(i + 0.5) * rates.interval, ...sums.flatMap(({ down, up }) => [down[i] / scale.factor, up[i] / scale.factor])]),
    }),
  }, clock);
}

export function swarm_part(run: Run, clock: Clock): (HTMLElement | undefined)[] {
  if (!run.swarm) return [];
  return [
    ...piece_figures(run, clock),
    html("div", { class: "pair" }, progress_figure(run, clock), group_rates_figure(run, clock), spread_figure(run, clock), ...waste_figures(run), share_figure(run)),
    html("div", { class: "pair" }, rate_figure(run, clock, "down"), rate_figure(run, clock, "up")),
    nothing_wasted(run),
  ];
}
