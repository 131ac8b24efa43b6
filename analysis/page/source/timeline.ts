// Metrics over time as small multiples, with the run's faults and churn above them.

import * as Plot from "@observablehq/plot";
import { chart, means_of_stretches, time_axis, time_picture } from "./chart";
import type { Clock } from "./clock";
import type { Mark, Run, Series } from "./document";
import { html } from "./elements";
import { figure, thinned_note } from "./figure";
import { curve_key, dashes } from "./sweep";
import { series } from "./theme";
import { axis_label, number_text, scale_for, seconds_text } from "./units";

const most_points = 400;
const shown_at_once = 12;

// Single nodes that come and go are churn; what affects many at once, or the network, gets a line through all figures.
export function great_marks(run: Run): Mark[] {
  const many = Math.max(3, 0.05 * (run.nodes?.length ?? 0));
  const churn = new Set(["start", "leave", "crash"]);
  const great = (run.marks ?? []).filter((mark) => mark.seconds > 0 && (!churn.has(mark.kind) || (mark.count ?? 1) >= many));
  return great.sort((a, b) => (b.count ?? 0) - (a.count ?? 0)).slice(0, 12).sort((a, b) => a.seconds - b.seconds);
}

export function mark_rules(marks: Mark[], factor: number): Plot.Markish {
  return Plot.ruleX(marks, { x: (mark: Mark) => mark.seconds / factor, stroke: "var(--vermillion)", strokeOpacity: 0.7, strokeDasharray: "2 3" });
}

function marks_figure(run: Run, clock: Clock): HTMLElement | undefined {
  const marks = (run.marks ?? []).filter((mark) => mark.seconds > 0 || mark.kind !== "start");
  if (!marks.length) return undefined;
  const great = great_marks(run);
  const kinds = [...new Set(marks.map((mark) => mark.kind))];
  const numbered = great.map((mark, i) => `${i + 1}: ${seconds_text(mark.seconds)}, ${mark.what}`).join("; ");
  return figure({
    title: "Faults and churn",
    words: `One stroke for each deed, the higher the more nodes it is about.${numbered ? ` ${numbered}.` : ""}`,
    notes: [thinned_note("deeds", run.marks_thinned)],
    height: 70 + 30 * kinds.length,
    wide: true,
    draw: (width) => {
      const { x, factor } = time_axis(clock.shown, width);
      const most = Math.max(...marks.map((mark) => mark.count ?? 1));
      const size = (mark: Mark) => 0.25 + 0.65 * Math.sqrt((mark.count ?? 1) / most);
      const place = (mark: Mark) => kinds.indexOf(mark.kind);
      const levels = number_levels(great, clock.shown, width);
      const top = 22 + 15 * (Math.max(0, ...levels) + 1);
      const drawing = chart(width, {
        height: top + 40 + 30 * kinds.length,
        marginLeft: 90,
        marginTop: top,
        x,
        y: { domain: [kinds.length, 0], axis: null },
        marks: [
          mark_rules(great, factor),
          Plot.ruleX(marks, {
            x: (mark: Mark) => mark.seconds / factor,
            y1: (mark: Mark) => place(mark) + 0.95,
            y2: (mark: Mark) => place(mark) + 0.95 - size(mark),
            stroke: "var(--ink)",
            strokeWidth: 1.2,
            strokeOpacity: 0.65,
          }),
          Plot.ruleY(kinds.map((_, i) => i + 0.95), { stroke: "var(--line)" }),
          Plot.text(kinds, { x: 0, y: (_: string, i: number) => i + 0.75, text: (kind: string) => kind, textAnchor: "end", dx: -8, fill: "var(--ink)" }),
          Plot.text(great, {
            x: (mark: Mark) => mark.seconds / factor,
            frameAnchor: "top",
            text: (_: Mark, i: number) => String(i + 1),
            dy: -18,
            fill: "var(--ink)",
            fontWeight: 700,
          }),
        ],
      });
      lift_numbers(drawing, great, levels);
      return time_picture(drawing, factor);
    },
    table: () => ({
      columns: ["time (s)", "kind", "what", "nodes"],
      rows: marks.map((mark) => [mark.seconds, mark.kind, mark.what, mark.count ?? 1]),
    }),
  }, clock);
}

// Labels that would touch are stacked.
function number_levels(marks: Mark[], until: number, width: number): number[] {
  const ends: number[] = [];
  return marks.map((mark) => {
    const place = (mark.seconds / until) * (width - 110);
    let level = ends.findIndex((end) => end < place);
    if (level < 0) level = ends.length;
    ends[level] = place + 20;
    return level;
  });
}

function lift_numbers(drawing: Element, marks: Mark[], levels: number[]): void {
  const texts = [...drawing.querySelectorAll<SVGTextElement>("g[font-weight='700'] text")];
  texts.slice(0, marks.length).forEach((text, i) => text.setAttribute("dy", String(-15 * levels[i])));
}

// The label of a metric and unit: "lookup.done.count", "count" -> "number in 10 s".
function what_of(series: Series, unit: string, interval: number): string {
  const adds_up = series.sum ?? /(\.(count|bytes|sent|lost|delivered|dropped_\w+)|^events)$/.test(series.metric);
  const what = unit || (series.unit === "count" ? "number" : "value");
  return adds_up ? `${what} in ${seconds_text(interval)}` : what;
}

interface Moment {
  time: number;
  value: number;
}

// Metrics in one picture: a mean with its 99th percentile dashed, or several of a family, each with a name.
export interface Panel {
  title: string;
  curves: Series[];
  names?: string[];
}

export function series_figure({ title, curves, names }: Panel, interval: number, clock: Clock, marks: Mark[]): HTMLElement {
  const thinned = curves.map((one) => means_of_stretches(one.values, most_points));
  const largest = Math.max(0, ...thinned.flatMap(({ values }) => values.map((value) => Math.abs(value ?? 0))));
  const [first] = curves;
  const scale = scale_for(first.unit, largest);
  const span = interval * thinned[0].each;
  const strokes = names ? series : ["var(--blue)", "var(--ink)"];
  const patterns = names ? dashes : ["", "3 2"];
  return figure({
    title,
    words: !names && curves.length > 1 ? "mean; dashed: p99" : undefined,
    notes: [span > interval ? `Thinned: each point is the mean of ${thinned[0].each} intervals.` : undefined],
    height: 170,
    controls: names && curve_key(names),
    draw: (width) => {
      const { x, factor } = time_axis(clock.shown, width);
      const lines: Moment[][] = thinned.map(({ values }) =>
        values.map((value, i) => ({ time: ((i + 0.5) * span) / factor, value: value === null ? NaN : value / scale.factor }))
          .filter(({ time }) => time * factor <= clock.shown));
      return time_picture(chart(width, {
        height: 170,
        x,
        y: { label: what_of(first, scale.unit, interval), ticks: 4, grid: true, nice: true, zero: !/share/.test(first.metric), ...flat_domain(lines) },
        marks: [
          mark_rules(marks.filter(({ seconds }) => seconds <= clock.shown), factor),
          Plot.ruleY([0], { stroke: "var(--line)", clip: true }),
          ...lines.flatMap((points, i) => [
            Plot.lineY(points, { x: "time", y: "value", stroke: strokes[i], strokeWidth: !names && i ? 1.1 : 1.6, strokeDasharray: patterns[i] || undefined, curve: points.length > 120 ? "linear" : "step" }),
            Plot.dot(points.filter((point, j) => !Number.isNaN(point.value) && lonely(points, j)), { x: "time", y: "value", r: 1.5, fill: strokes[i] }),
          ]),
        ],
      }), factor);
    },
    table: () => ({
      columns: ["from (s)", ...curves.map(({ metric }, i) => axis_label(names?.[i] ?? metric, scale.unit))],
      rows: first.values.map((_, i) => [i * interval, ...curves.map(({ values }) => (values[i] == null ? null : values[i]! / scale.factor))]),
    }),
  }, clock);
}

// Room around a value that never changes; an axis without extent has no ticks.
function flat_domain(lines: Moment[][]): { domain?: [number, number] } {
  const values = lines.flat().map(({ value }) => value).filter((value) => !Number.isNaN(value));
  const least = Math.min(...values);
  if (!values.length || least !== Math.max(...values)) return {};
  return { domain: least > 0 ? [0, 1.1 * least] : least < 0 ? [1.1 * least, 0] : [0, 1] };
}

// A value without a neighbour makes no line.
function lonely(points: Moment[], i: number): boolean {
  return Number.isNaN(points[i - 1]?.value ?? NaN) && Number.isNaN(points[i + 1]?.value ?? NaN);
}

// Numbers of what happened, and of messages of each kind, share a picture with others that begin with the same word.
const family = /^(\w+)\.(\w+)\.(count|bytes)$/;

function families(all: Series[]): Map<string, Series[]> {
  const found = new Map<string, Series[]>();
  for (const one of all) {
    const [, first, , last] = family.exec(one.metric) ?? [];
    const title = `${first}, ${last === "count" ? "number" : last}`;
    if (first && one.values.some((value) => value)) found.set(title, [...(found.get(title) ?? []), one]);
  }
  return new Map([...found].filter(([, members]) => members.length > 1));
}

// The largest of a family, and all others as one.
function family_panel(title: string, members: Series[]): Panel {
  const sum = ({ values }: Series) => values.reduce<number>((all, value) => all + (value ?? 0), 0);
  const sorted = [...members].sort((a, b) => sum(b) - sum(a));
  const fit = sorted.length <= series.length ? sorted.length : series.length - 1;
  const [curves, rest] = [sorted.slice(0, fit), sorted.slice(fit)];
  const names = curves.map(({ metric }) => family.exec(metric)![2]);
  if (rest.length) {
    curves.push({ ...rest[0], values: rest[0].values.map((_, i) => rest.reduce((all, { values }) => all + (values[i] ?? 0), 0)) });
    names.push(`${rest.length} others`);
  }
  return { title, curves, names };
}

// Groups means with their percentiles, and families; all others stay alone.
function small_multiples(all: Series[]): Panel[] {
  const by_name = new Map(all.map((one) => [one.metric, one]));
  const related = families(all);
  const in_family = new Set([...related.values()].flat());
  const panels: Panel[] = [...related].map(([title, members]) => family_panel(title, members));
  for (const one of all) {
    const { metric } = one;
    const percentile = metric.endsWith(".mean") ? by_name.get(metric.replace(/\.mean$/, ".p99")) : undefined;
    if (in_family.has(one) || (metric.endsWith(".p99") && by_name.has(metric.replace(/\.p99$/, ".mean")))) continue;
    panels.push(percentile ? { title: metric.replace(/\.mean$/, ""), curves: [one, percentile] } : { title: metric, curves: [one] });
  }
  return panels;
}

const is_traffic = ({ metric }: Series) => /^(messages?|events|streams|network)\b|\.bytes$/.test(metric);

// How far a metric moved: the range of its means over a few intervals, as a share of the largest. What its protocol
// measures about itself counts in full, single kinds of messages count little.
function movement(series: Series): number {
  const { values } = means_of_stretches(series.values, 40);
  const known = values.filter((value): value is number => value !== null);
  const largest = Math.max(0, ...known.map(Math.abs));
  if (!largest || known.length < 2) return 0;
  const range = (Math.max(...known) - Math.min(...known)) / largest;
  return range * (is_traffic(series) ? 0.3 : /\.count$/.test(series.metric) ? 0.7 : 1);
}

// When the last metric of the protocols stopped moving and the last fault was over, if the rest of the run is long.
export function end_of_movement(run: Run, until: number): number {
  const { series: all = [], interval = 1 } = run.timeline ?? {};
  let last = Math.max(0, ...(run.marks ?? []).map(({ seconds }) => seconds / interval + 1));
  for (const one of all) {
    if (is_traffic(one)) continue;
    const { values } = one;
    const final = values.findLast((value) => value !== null) ?? 0;
    const range = Math.max(...values.map((value) => Math.abs((value ?? final) - final)));
    const moved = values.findLastIndex((value) => value !== null && Math.abs(value - final) > 0.02 * range);
    const present = values.findLastIndex((value) => value !== null);
    // A series of what happened ends with the last happening.
    last = Math.max(last, range > 0 ? moved + 1 : 0, present < values.length - 1 ? present : 0);
  }
  const end = Math.max(0, ...all.map(({ values }) => values.length));
  const wanted = (last + Math.max(2, 0.05 * last)) * interval;
  return last > 0 && last < 0.75 * end ? Math.min(wanted, until) : until;
}

export function timeline_part(run: Run, clock: Clock): HTMLElement[] {
  const parts: HTMLElement[] = [];
  const marks = marks_figure(run, clock);
  if (marks) parts.push(marks);
  const timeline = run.timeline;
  if (!timeline?.series.length) return parts;
  const great = great_marks(run);
  const ordered = small_multiples(timeline.series).map((panel, i) => ({ panel, i, moved: Math.max(...panel.curves.map(movement)) })).sort((a, b) => b.moved - a.moved || a.i - b.i);
  const make = ({ panel }: { panel: Panel }) => series_figure(panel, timeline.interval, clock, great);
  const tail = clock.shown < clock.until ? ` The charts end at ${seconds_text(clock.shown)}: after that, nothing moved but the traffic of idle nodes.` : "";
  parts.push(html("p", { class: "note" }, `In the order of how far they moved.${tail}`));
  parts.push(html("div", { class: "multiples" }, ...ordered.slice(0, shown_at_once).map(make)));
  const note = thinned_note("values", run.timeline_thinned);
  if (note) parts.push(html("p", { class: "note" }, note));
  const rest = ordered.slice(shown_at_once);
  if (rest.length) {
    const more = html("details", { class: "more" }, html("summary", {}, `${number_text(rest.length)} more charts of metrics by time`));
    more.addEventListener("toggle", () => {
      if (more.open && more.childElementCount === 1) more.append(html("div", { class: "multiples" }, ...rest.map(make)));
    });
    parts.push(more);
  }
  return parts;
}
