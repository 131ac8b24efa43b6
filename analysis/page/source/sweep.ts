// A sweep: each metric against a parameter, with intervals and theory; the distribution of its runs; failures.

import * as Plot from "@observablehq/plot";
import { chart } from "./chart";
import type { Sweep, SweepMetric } from "./document";
import { html, svg } from "./elements";
import { figure } from "./figure";
import type { Heading } from "./run";
import { axis_of, placed_points, speed_ups, type Axis, type Placed } from "./sweep_points";
import { series } from "./theme";
import { axis_label, number_text, plural, scale_for, type Scale } from "./units";

const shown_at_once = 8;

// The unit of seconds may be implied only by a metric's name.
function unit_of(metric: SweepMetric): string {
  return metric.unit || (/(^|[._])seconds$/.test(metric.metric) ? "s" : "");
}

function scale_of(metric: SweepMetric): Scale {
  const largest = Math.max(0, ...metric.points.map(({ mean }) => Math.abs(mean)));
  return scale_for(unit_of(metric), largest);
}

function x_scale(axis: Axis, points: Placed[]): Plot.ScaleOptions {
  const label = axis.name ? `${axis.name} (parameter)` : "the only point";
  if (!axis.numeric) return { type: "point", label, padding: 0.5 };
  const values = [...new Set(points.map(({ x }) => x as number))];
  return { type: axis.logarithmic ? "log" : "linear", label, ticks: values.length <= 12 ? values : 8, tickFormat: (value: number) => number_text(value), inset: 14 };
}

function better_words(metric: SweepMetric): string {
  return metric.better ? `; ${metric.better === "less" ? "lower" : "higher"} is better` : "";
}

export const dashes = ["", "7 3", "2 3", "9 3 2 3", "4 2", "12 4"];

// Curves differ in colour and dashes; a key above the figure names them.
export function curve_key(curves: string[], dashed = true): HTMLElement | undefined {
  if (curves.length < 2) return undefined;
  return html("div", { class: "choices" }, ...curves.map((curve, i) =>
    html("span", { class: "key-entry" }, svg("svg", { width: 30, height: 8 }, svg("line", { x1: 0, x2: 30, y1: 4, y2: 4, style: `stroke: ${series[i % series.length]}`, "stroke-width": 3, "stroke-dasharray": (dashed && dashes[i % dashes.length]) || undefined })), curve)));
}

function curve_figure(sweep: Sweep, metric: SweepMetric, axis: Axis): HTMLElement {
  const scale = scale_of(metric);
  const points = placed_points(sweep, metric, axis);
  const curves = [...new Set(points.map(({ curve }) => curve))];
  const stroke = (point: Placed) => series[curves.indexOf(point.curve) % series.length];
  const in_unit = (value: number | undefined) => (value === undefined ? NaN : value / scale.factor);
  const theory = points.filter((point) => point.theory !== undefined);
  return figure({
    title: axis.name ? `By ${axis.name}` : "Mean",
    words: `Means of ${plural(Math.max(...points.map(({ runs }) => runs)), "run")} with 95 % intervals${better_words(metric)}.${theory.length ? " Dashed, without dots: theory." : ""}`,
    height: 250,
    controls: curve_key(curves),
    draw: (width) => ({ node: chart(width, {
      height: 250,
      x: x_scale(axis, points),
      y: { label: axis_label(metric.metric.split(".").slice(-2).join("."), scale.unit || "value"), grid: true, nice: true, zero: zero_in_sight(points), ticks: 5, ...domain_of_constant(points.flatMap(({ mean, low, high, theory }) => [mean, low ?? mean, high ?? mean, theory ?? mean]), scale) },
      marks: [
        Plot.line(theory, { x: "x", y: (point: Placed) => in_unit(point.theory), z: "curve", stroke: "var(--ink)", strokeDasharray: "5 4", strokeWidth: 1.4 }),
        Plot.dot(theory.filter(({ curve }) => theory.filter((other) => other.curve === curve).length === 1), { x: "x", y: (point: Placed) => in_unit(point.theory), symbol: "times", stroke: "var(--ink)" }),
        Plot.link(points, { x1: "x", x2: "x", y1: (point: Placed) => in_unit(point.low ?? point.mean), y2: (point: Placed) => in_unit(point.high ?? point.mean), stroke, strokeWidth: 1.6 }),
        ...curves.map((curve, i) => Plot.line(points.filter((point) => point.curve === curve), { x: "x", y: (point: Placed) => in_unit(point.mean), stroke: series[i % series.length], strokeWidth: 1.8, strokeDasharray: dashes[i % dashes.length] || undefined })),
        Plot.dot(points, { x: "x", y: (point: Placed) => in_unit(point.mean), fill: stroke, r: 3.5 }),
      ],
    }) }),
    table: () => ({
      columns: [...sweep.parameters, "runs", axis_label("mean", scale.unit), "low", "high", "median", "p10", "p90", "least", "largest", "theory"],
      rows: points.map((point) => [...point.values, point.runs,
        ...[point.mean, point.low, point.high, point.median, point.p10, point.p90, point.min, point.max, point.theory].map(in_unit)]),
    }),
  });
}

// Room around a value that never changes; an axis without extent has no ticks.
function domain_of_constant(values: number[], scale: Scale): { domain?: [number, number] } {
  const [least, most] = [Math.min(...values), Math.max(...values)].map((value) => value / scale.factor);
  if (least !== most) return {};
  if (scale.unit === "%") return { domain: [0, Math.max(100, most)] };
  return { domain: least > 0 ? [0, 1.1 * least] : least < 0 ? [1.1 * least, 0] : [0, 1] };
}

// Curves far from zero are enlarged.
function zero_in_sight(points: Placed[]): boolean {
  const least = Math.min(...points.map(({ mean, low }) => low ?? mean));
  const most = Math.max(...points.map(({ mean, high }) => high ?? mean));
  return least >= 0 && least < 0.6 * most;
}

// Each run is a dot; the box is the middle half.
function runs_figure(sweep: Sweep, metric: SweepMetric, axis: Axis): HTMLElement | undefined {
  const scale = scale_of(metric);
  const points = placed_points(sweep, metric, axis);
  const label = (point: Placed) => (point.curve ? `${point.x}, ${point.curve}` : String(point.x));
  const samples = points.flatMap((point) => (point.samples ?? []).map((value) => ({ at: label(point), value: value / scale.factor })));
  if (!samples.length) return undefined;
  const places = [...new Set(points.map(label))];
  const longest = Math.max(...places.map((place) => place.length));
  return figure({
    title: "Run by run",
    words: `Each dot is a run. Box: the middle half and the median; whiskers: the rest within 1.5 of its heights.`,
    height: 60 + 30 * places.length,
    draw: (width) => ({ node: chart(width, {
      height: 74 + 30 * places.length,
      marginLeft: Math.min(width * 0.45, 34 + 7 * Math.max(longest, axis.name.length)),
      x: { label: axis_label(metric.metric.split(".").slice(-2).join("."), scale.unit || "value"), grid: true, nice: true, ticks: Math.max(3, Math.floor(width / 110)), ...domain_of_constant(points.flatMap(({ samples }) => samples ?? []), scale) },
      y: { domain: places, label: axis.name || null, labelAnchor: "top", labelArrow: "none", tickSize: 0 },
      marks: [
        Plot.boxX(samples, { x: "value", y: "at", fill: "var(--line)", stroke: "var(--ink)", r: 0, strokeWidth: 1.2 }),
        Plot.dot(samples, { x: "value", y: "at", r: 2.2, fill: "var(--blue)", fillOpacity: 0.7 }),
      ],
    }) }),
    table: () => ({
      columns: [axis.name || "point", axis_label(metric.metric, scale.unit)],
      rows: samples.map(({ at, value }) => [at, value]),
    }),
  });
}

function speed_up_figure(sweep: Sweep, metric: SweepMetric, axis: Axis): HTMLElement | undefined {
  const is_time = metric.unit === "ns" || unit_of(metric) === "s";
  const points = placed_points(sweep, metric, axis);
  if (!is_time || metric.better !== "less" || !axis.numeric || points.length < 2 || (points[0].x as number) <= 0 || points.some(({ mean }) => !(mean > 0))) return undefined;
  const rows = speed_ups(points);
  const curves = [...new Set(rows.map(({ curve }) => curve))];
  const first = points[0].x as number;
  const last = points.at(-1)!.x as number;
  if (rows.at(-1)!.speed_up < 1.1) return undefined;
  const apart = rows.some(({ x, theory }) => theory !== undefined && Math.abs(theory / (x / first) - 1) > 0.01);
  const ideal = [{ x: first, y: 1 }, { x: last, y: last / first }];
  const doublings = [0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10].map((power) => 2 ** power).filter((value) => value <= last / first);
  return figure({
    title: "Speed-up",
    words: `How many times as fast as at ${axis.name}=${number_text(first)}: the ratio of the means, with 95 % intervals. Dashed: in proportion${apart ? "; dotted: theory" : rows.some(({ theory }) => theory) ? ", which is theory too" : ""}.`,
    height: 250,
    controls: curve_key(curves),
    draw: (width) => ({ node: chart(width, {
      height: 250,
      x: x_scale(axis, points),
      y: { label: "speed-up (times)", type: axis.logarithmic ? "log" : "linear", grid: true, ticks: axis.logarithmic ? doublings : 5, tickFormat: (value: number) => number_text(value) },
      marks: [
        Plot.line(ideal, { x: "x", y: "y", stroke: "var(--ink)", strokeDasharray: "6 4", strokeWidth: 1.3 }),
        Plot.line(rows.filter(({ theory }) => apart && theory), { x: "x", y: "theory", z: "curve", stroke: "var(--ink)", strokeDasharray: "1.5 3", strokeWidth: 1.6 }),
        Plot.link(rows, { x1: "x", x2: "x", y1: "low", y2: "high", stroke: (row) => series[curves.indexOf(row.curve) % series.length], strokeWidth: 1.6 }),
        ...curves.map((curve, i) => Plot.line(rows.filter((row) => row.curve === curve), { x: "x", y: "speed_up", stroke: series[i % series.length], strokeWidth: 1.8, strokeDasharray: dashes[i % dashes.length] || undefined })),
        Plot.dot(rows, { x: "x", y: "speed_up", r: 3.5, fill: (row) => series[curves.indexOf(row.curve) % series.length] }),
      ],
    }) }),
    table: () => ({
      columns: [axis.name, "other parameters", "speed-up", "low", "high", "theory"],
      rows: rows.map(({ x, curve, speed_up, low, high, theory }) => [x, curve, speed_up, low, high, theory]),
    }),
  });
}

function pictures_of(sweep: Sweep, metric: SweepMetric, axis: Axis): HTMLElement {
  const pictures = [curve_figure(sweep, metric, axis), speed_up_figure(sweep, metric, axis), runs_figure(sweep, metric, axis)];
  return html("div", { class: "pair" }, ...pictures);
}

function sweep_facts(sweep: Sweep): HTMLElement {
  const list = html("dl", { class: "facts" });
  const fact = (name: string, value: Node | string | undefined) => {
    if (value) list.append(html("dt", {}, name), html("dd", {}, value));
  };
  const code = (text: string | undefined) => (text ? html("code", {}, text) : undefined);
  const points = sweep.metrics[0]?.points ?? [];
  const values = sweep.parameters.map((name, i) => `${name} = ${[...new Set(points.map((point) => point.values[i]))].join(", ")}`);
  fact("Parameters", values.join("; "));
  fact("Settings", sweep.settings?.join(", "));
  fact("Seeds", sweep.seeds_text ?? (sweep.seeds === undefined ? undefined : String(sweep.seeds)));
  const failed = [...new Set((sweep.failures ?? []).map(({ seed }) => seed))];
  fact("Failed seeds", failed.length ? failed.join(", ") : undefined);
  fact("Folder", code(sweep.folder));
  fact("Command", code(sweep.command));
  return list;
}

export function sweep_section(sweep: Sweep, section: HTMLElement, heading: Heading): void {
  const axis = axis_of(sweep);
  if (sweep.description) section.append(html("p", { class: "lead" }, sweep.description));
  const points = sweep.metrics[0]?.points.length ?? 0;
  const failures = sweep.failures ?? [];
  const about = `${plural(points, "point")} of ${sweep.parameters.join(", ") || "no parameter"}${sweep.seeds ? `, ${plural(sweep.seeds, "seed")} each` : ""}`;
  const judged = failures.length ? `${plural(failures.length, "run")} failed the expectations.` : "All runs passed the expectations.";
  section.append(sweep.failures === undefined ? html("p", {}, `${about}.`)
    : html("p", { class: `verdict ${failures.length ? "unmet" : "held"}` }, `${about}. ${judged}`));
  section.append(sweep_facts(sweep));
  heading("The scenario", sweep.scenario_yaml ? html("details", {}, html("summary", {}, "As YAML"), html("pre", { tabindex: 0 }, sweep.scenario_yaml)) : null);
  // What was asked for comes first, then what was expected and what is informative.
  const asked = sweep.metrics.filter((metric) => metric.asked && metric.points.length);
  const shown = [...asked, ...sweep.metrics.filter((metric) => metric.shown && !metric.asked && metric.points.length)];
  const first = (shown.length ? shown : sweep.metrics.filter((metric) => metric.points.length)).slice(0, Math.max(shown_at_once, asked.length));
  for (const metric of first) heading(metric.metric, pictures_of(sweep, metric, axis));
  const rest = sweep.metrics.filter((metric) => !first.includes(metric) && metric.points.length);
  if (rest.length) heading("Other metrics", choice_of_metrics(sweep, rest, axis));
  if (failures.length) {
    heading("Failed expectations", html("p", { class: "note" }, "Each opens to the command that runs it again."), ...failures.map(({ values, seed, unmet, again }) => {
      const point = sweep.parameters.map((name, i) => `${name}=${values[i]}`).join(", ");
      return html("details", { class: "failure" }, html("summary", {}, `${point ? `${point}, ` : ""}seed ${seed}: ${unmet.join("; ")}`), html("pre", { tabindex: 0 }, again));
    }));
  }
}

function choice_of_metrics(sweep: Sweep, metrics: SweepMetric[], axis: Axis): HTMLElement {
  const holder = html("div");
  const select = html("select", { "aria-label": "Metric" }, html("option", { value: "" }, `one of ${number_text(metrics.length)}`),
    ...metrics.map(({ metric }, i) => html("option", { value: i }, metric)));
  select.addEventListener("change", () => {
    const metric = select.value === "" ? undefined : metrics[Number(select.value)];
    holder.replaceChildren(...(metric ? [pictures_of(sweep, metric, axis)] : []));
  });
  return html("div", {}, html("div", { class: "choices" }, html("label", {}, "Metric: ", select)), holder);
}
