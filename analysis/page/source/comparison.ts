// Several runs, or several sweeps of the same parameters, side by side.

import * as Plot from "@observablehq/plot";
import { chart } from "./chart";
import { cumulated, quantile, type Row } from "./distributions";
import type { Run, Sweep } from "./document";
import { html } from "./elements";
import { figure } from "./figure";
import type { Heading } from "./run";
import { curve_key, dashes } from "./sweep";
import { table_of } from "./table";
import { series } from "./theme";
import { axis_label, plural, quantity_text, scale_for } from "./units";

const most_runs = 6;
const most_distributions = 9;

export function run_names(runs: Run[]): string[] {
  return runs.map((run, i) => run.folder ?? `${run.title} ${i + 1}`);
}

// The cumulative distributions of all runs that have one, in one figure.
function distributions_figure(name: string, runs: Run[], names: string[]): HTMLElement {
  const known = runs.map((run, i) => ({ run: names[i], distribution: run.distributions?.[name], i })).filter(({ distribution }) => distribution?.rows.length);
  const curves = known.map(({ run, distribution, i }) => ({ run, i, ...cumulated(distribution!) }));
  const unit = known[0].distribution!.unit;
  const largest = Math.max(...curves.map(({ rows }) => quantile(rows, 0.99)));
  const scale = scale_for(unit, Math.max(...curves.map(({ rows }) => quantile(rows, 0.5))) || largest);
  const medians = curves.map(({ run, rows }) => `${run} ${quantity_text(quantile(rows, 0.5), unit)}`).join(", ");
  return figure({
    title: name,
    words: `Medians: ${medians}. The axis ends at the largest 99th percentile.`,
    height: 220,
    draw: (width) => ({ node: chart(width, {
      height: 220,
      x: { domain: [0, largest / scale.factor || 1], clamp: true, label: axis_label(name.split(".").at(-1)!, scale.unit), ticks: Math.floor(width / 80), nice: true },
      y: { domain: [0, 100], label: "cumulative share (%)", grid: true, ticks: 5 },
      marks: curves.map(({ rows, i }) => Plot.line([{ value: 0, share: 0 }, ...rows.filter(({ value }) => value <= largest)], {
        x: (row: Row) => row.value / scale.factor, y: (row: Row) => 100 * row.share, curve: "step-after",
        stroke: series[i % series.length], strokeWidth: 1.8, strokeDasharray: dashes[i % dashes.length] || undefined,
      })),
    }) }),
    table: () => ({
      columns: ["run", "values", ...["mean", "p50", "p90", "p99"].map((what) => axis_label(what, scale.unit))],
      rows: curves.map(({ run, rows, total, mean }) => [run, total, mean / scale.factor, ...[0.5, 0.9, 0.99].map((share) => quantile(rows, share) / scale.factor)]),
    }),
  });
}

function metrics_table(runs: Run[], names: string[]): HTMLElement {
  const judged = Object.entries(runs[0].metrics ?? {}).filter(([name, [, , better]]) => better && runs.every((run) => run.metrics?.[name]));
  const varying = judged.filter(([name]) => runs.some((run) => run.metrics![name][0] !== runs[0].metrics![name][0]));
  const details = html("details", { class: "more" }, html("summary", {}, `${plural(varying.length, "metric differs", "metrics differ")}, among metrics for which lower or higher is better`));
  details.append(html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Metrics that differ" }, table_of({
    columns: ["metric", ...names, "better"],
    rows: varying.map(([name, [, unit, better]]) => [name, ...runs.map((run) => quantity_text(run.metrics![name][0], unit)), better]),
  })));
  return details;
}

// What at least two of the runs have traced, latencies and hops first.
export function shared_distributions(runs: Run[]): string[] {
  const count = new Map<string, number>();
  for (const run of runs) for (const name of Object.keys(run.distributions ?? {})) count.set(name, (count.get(name) ?? 0) + 1);
  const shared = [...count].filter(([, users]) => users > 1).map(([name]) => name);
  return shared.sort((a, b) => Number(/latency|hops/.test(b)) - Number(/latency|hops/.test(a)));
}

export function runs_compared(all: Run[], section: HTMLElement, heading: Heading): void {
  const runs = all.slice(0, most_runs);
  const names = run_names(runs);
  const shared = shared_distributions(runs);
  section.append(html("p", {}, "One run answers for one seed: these differ by chance too. peerbed compare says what chance does not explain."));
  if (all.length > most_runs) section.append(html("p", { class: "note" }, `Thinned: the first ${most_runs} of ${all.length} runs are compared.`));
  heading("Metrics", metrics_table(runs, names));
  const shown = shared.slice(0, most_distributions);
  heading("Distributions", shown.length > 0 && curve_key(names),
    shown.length > 0 && html("div", { class: "multiples" }, ...shown.map((name) => distributions_figure(name, runs, names))),
    shared.length > shown.length && html("p", { class: "note" }, `Thinned: ${shown.length} of ${shared.length} distributions are shown.`));
}

// Combines sweeps of the same parameters, with the sweep itself as another parameter.
export function sweeps_as_one(sweeps: Sweep[]): Sweep | undefined {
  const [first] = sweeps;
  if (sweeps.length < 2 || sweeps.some(({ parameters }) => parameters.join() !== first.parameters.join())) return undefined;
  const metrics = first.metrics.flatMap((metric) => {
    const same = sweeps.map((sweep) => sweep.metrics.find((other) => other.metric === metric.metric));
    if (same.some((one) => one === undefined)) return [];
    const points = same.flatMap((one, i) => one!.points.map((point) => ({ ...point, values: [sweeps[i].folder ?? `${sweeps[i].title} ${i + 1}`, ...point.values] })));
    return [{ ...metric, points }];
  });
  return metrics.length ? { title: "Sweeps compared", parameters: ["sweep", ...first.parameters], seeds: first.seeds, metrics } : undefined;
}
