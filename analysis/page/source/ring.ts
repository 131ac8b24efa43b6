// The figures of a run with a ring.

import * as Plot from "@observablehq/plot";
import { chart, time_axis, time_picture } from "./chart";
import type { Clock } from "./clock";
import { counted_figure } from "./distributions";
import type { Lookup, RingFrame, Run } from "./document";
import { html } from "./elements";
import { figure, thinned_note } from "./figure";
import { circle_picture, frame_at, lookup_words, place_of_frame, true_successors, type RingChoice } from "./ring_circle";
import { great_marks, mark_rules, series_figure } from "./timeline";
import { number_text, seconds_text } from "./units";

const listed_lookups = 400;

// Selecting a lookup moves the figures to its time.
function lookup_choice(run: Run, clock: Clock, choice: RingChoice): HTMLElement | undefined {
  const lookups = run.ring!.lookups ?? [];
  if (!lookups.length) return undefined;
  const select = html("select", { "aria-label": "The lookup that is shown" }, html("option", { value: "" }, "the latest at this time"));
  const order = lookups.map((_, i) => i).sort((a, b) => lookups[a].seconds - lookups[b].seconds).slice(0, listed_lookups);
  for (const i of order) select.append(html("option", { value: i }, lookup_words(run, lookups[i])));
  const set = () => {
    choice.lookup = select.value === "" ? undefined : Number(select.value);
    clock.set(choice.lookup === undefined ? clock.now : lookups[choice.lookup].seconds);
  };
  const step = (by: number) => {
    select.selectedIndex = Math.min(Math.max(select.selectedIndex + by, 0), select.options.length - 1);
    set();
  };
  select.addEventListener("change", set);
  return html("div", { class: "choices" }, html("label", {}, "Lookup: ", select),
    html("button", { type: "button", click: () => step(-1) }, "Earlier"), html("button", { type: "button", click: () => step(1) }, "Later"));
}

// From picture to picture; the bar alone cannot stand between the two that a fault separates.
function picture_choice(run: Run, clock: Clock, choice: RingChoice): HTMLElement {
  const frames = run.ring!.frames!;
  const step = (by: number) => {
    choice.frame = Math.min(Math.max(place_of_frame(frames, clock.now, choice) + by, 0), frames.length - 1);
    clock.set(frames[choice.frame].seconds);
  };
  const faults = frames.flatMap(({ seconds }, i) => (frames[i + 1]?.seconds === seconds ? [i] : []));
  const select = html("select", { "aria-label": "The fault around which the ring is shown" }, html("option", { value: "" }, "a fault"),
    ...faults.map((i) => html("option", { value: i }, `just before ${fault_words(run, frames[i].seconds)}`)));
  select.addEventListener("change", () => {
    if (select.value === "") return;
    choice.frame = Number(select.value);
    clock.set(frames[choice.frame].seconds);
  });
  return html("div", { class: "choices" }, html("span", {}, "Picture: "), html("button", { type: "button", click: () => step(-1) }, "Earlier picture"),
    html("button", { type: "button", click: () => step(1) }, "Later picture"), faults.length > 0 && select);
}

function fault_words(run: Run, seconds: number): string {
  const mark = (run.marks ?? []).filter((one) => Math.abs(one.seconds - seconds) < 1e-6).sort((a, b) => (b.count ?? 0) - (a.count ?? 0))[0];
  return `${seconds_text(seconds)}${mark ? `: ${mark.what}` : ""}`;
}

function circle_figure(run: Run, clock: Clock): HTMLElement {
  const ring = run.ring!;
  const choice: RingChoice = { node: undefined, lookup: undefined, redraw: () => clock.set(clock.now) };
  const bits = ring.bits ? ` of a circle of 2^${ring.bits} places` : "";
  return figure({
    title: "The circle",
    words: `Members by their id, clockwise from the top${bits}; fractions are of the whole. Thin lines across: fingers; outer orange arcs: first successors that are not the next member; small hollow dots: nodes that are down; diamond: the key of the lookup, whose hops are numbered. A click on a member, or the arrow keys, show its fingers and successors.`,
    notes: [thinned_note("moments", ring.frames_thinned), thinned_note("lookups", ring.lookups_thinned)],
    height: 640,
    wide: true,
    controls: html("div", {}, picture_choice(run, clock, choice), lookup_choice(run, clock, choice)),
    draw: (width) => circle_picture(run, clock, choice, width),
    table: () => circle_table(run, ring.frames![place_of_frame(ring.frames!, clock.now, choice)]),
  }, clock);
}

function circle_table(run: Run, frame: RingFrame | undefined) {
  const name = (node: number | null | undefined) => (node == null ? "none" : (run.nodes?.[node] ?? String(node)));
  return {
    columns: ["member", "id", `successors at ${seconds_text(frame?.seconds ?? 0)}`, "predecessor", "fingers", "keys"],
    rows: (frame?.nodes ?? []).map(({ n, s, p, f, k }) =>
      [name(n), run.ring!.id_text?.[n] ?? "", s.map(name).join(", "), name(p), f.map(name).join(", "), k]),
  };
}

// How many of a frame's pointers point to the wrong member, or to none.
function stale_shares(frame: RingFrame, ids: (number | null)[]): number[] {
  const present = new Set(frame.nodes.map(({ n }) => n));
  const follows = true_successors(frame, ids);
  const share = (count: number, of: number) => (of ? (100 * count) / of : NaN);
  const first = frame.nodes.filter(({ s }) => s.length);
  const all = (pick: "s" | "f") => frame.nodes.flatMap((member) => member[pick]);
  const dead = (pointers: number[]) => share(pointers.filter((node) => !present.has(node)).length, pointers.length);
  return [share(first.filter(({ n, s }) => follows.get(n) !== s[0]).length, first.length), dead(all("s")), dead(all("f"))];
}

// Finer than the frames, if the run measured them over time.
const stale_metrics = ["ring.wrong_first_successors.share", "ring.dead_successors.share", "ring.dead_fingers.share"];

function stale_rows(run: Run): { seconds: number; shares: number[] }[] {
  const measured = stale_metrics.map((name) => run.timeline?.series.find(({ metric }) => metric === name));
  if (measured.every((series) => series !== undefined)) {
    return measured[0]!.values.map((_, i) => ({ seconds: (i + 1) * run.timeline!.interval, shares: measured.map((series) => 100 * (series!.values[i] ?? NaN)) }));
  }
  return (run.ring!.frames ?? []).map((frame) => ({ seconds: frame.seconds, shares: stale_shares(frame, run.ring!.ids) }));
}

const stale_kinds = ["first successor is not the next member", "dead, in successor lists", "dead, among fingers"];
const stale_strokes = ["var(--vermillion)", "var(--blue)", "var(--green)"];
const stale_dashes = ["", "6 3", "2 3"];

function stale_figure(run: Run, clock: Clock): HTMLElement | undefined {
  const rows = stale_rows(run);
  if (rows.length < 2) return undefined;
  const none = rows.every(({ shares }) => shares.every((share) => !(share > 0)));
  return figure({
    title: "Stale pointers by time",
    words: `Solid: ${stale_kinds[0]}; dashed: ${stale_kinds[1]}; dotted: ${stale_kinds[2]}.`,
    height: 220,
    draw: (width) => {
      const { x, factor } = time_axis(clock.shown, width);
      return time_picture(chart(width, {
        height: 220,
        x,
        y: { label: "of the pointers (%)", grid: true, zero: true, nice: true, ticks: 5, ...(none ? { domain: [0, 1] } : {}) },
        marks: [
          mark_rules(great_marks(run), factor),
          ...stale_kinds.map((_, i) => Plot.lineY(rows.filter(({ seconds }) => seconds <= clock.shown), {
            x: (row) => row.seconds / factor, y: (row) => row.shares[i], stroke: stale_strokes[i], strokeWidth: 1.8, strokeDasharray: stale_dashes[i] || undefined,
          })),
          Plot.ruleY([0], { stroke: "var(--ink)" }),
        ],
      }), factor);
    },
    table: () => ({
      columns: ["time (s)", ...stale_kinds.map((kind) => `${kind} (%)`)],
      rows: rows.map(({ seconds, shares }) => [seconds, ...shares]),
    }),
  }, clock);
}

function keys_figure(run: Run, clock: Clock): HTMLElement | undefined {
  const frames = (run.ring!.frames ?? []).filter(({ nodes }) => nodes.some(({ k }) => k !== undefined));
  if (!frames.length) return undefined;
  const most = Math.max(1, ...frames.flatMap(({ nodes }) => nodes.map(({ k }) => k ?? 0)));
  const with_owned = frames.some(({ nodes }) => nodes.some(({ o }) => o !== undefined));
  const ranked = (seconds: number) => [...(frame_at(frames, seconds)?.nodes ?? [])].sort((a, b) => (b.k ?? 0) - (a.k ?? 0));
  const kinds = with_owned ? "The lower, darker part: keys that the member owns; the upper part: replicas that it keeps for others." : "Replicas count.";
  return figure({
    title: "Keys per member",
    words: `Members by what they hold, the fullest first. Line: the mean. ${kinds}`,
    height: 220,
    draw: (width) => {
      const holder = html("div");
      let shown: RingFrame | undefined;
      return {
        node: holder,
        show: (seconds) => {
          const frame = frame_at(frames, seconds);
          if (frame === shown) return;
          shown = frame;
          const members = ranked(seconds).map(({ k = 0, o }, i) => ({ rank: i + 1, k, o: o ?? (with_owned ? 0 : k) }));
          const mean = members.reduce((sum, { k }) => sum + k, 0) / Math.max(1, members.length);
          holder.replaceChildren(chart(width, {
            height: 220,
            x: { domain: [0.4, Math.max(members.length, 4) + 0.6], label: `member, by rank, at ${seconds_text(frame?.seconds ?? 0)}`, ticks: 5, tickFormat: "d" },
            y: { domain: [0, most], nice: true, label: "keys (number)", grid: true, ticks: 5 },
            marks: [
              Plot.rectY(members, { x1: (d) => d.rank - 0.45, x2: (d) => d.rank + 0.45, y: "k", fill: "var(--blue)", fillOpacity: 0.4 }),
              Plot.rectY(members, { x1: (d) => d.rank - 0.45, x2: (d) => d.rank + 0.45, y: "o", fill: "var(--blue)" }),
              Plot.ruleY([mean], { stroke: "var(--ink)", strokeWidth: 1.2 }),
              Plot.ruleY([0], { stroke: "var(--ink)" }),
            ],
          }));
        },
      };
    },
    table: () => ({
      columns: ["member", "keys held", "of them owned"],
      rows: ranked(clock.now).map(({ n, k, o }) => [run.nodes?.[n] ?? String(n), k, o]),
    }),
  }, clock);
}

// From the lookups that have a path, if the run has no distribution of hops.
function hops_figure(run: Run): HTMLElement | undefined {
  const lookups: Lookup[] = run.ring!.lookups ?? [];
  const theory = run.ring!.hops_theory;
  const counts = new Map<number, number>();
  for (const { path, hops = path && path.length - 1, success } of lookups) {
    if (success && hops !== undefined) counts.set(hops, (counts.get(hops) ?? 0) + 1);
  }
  const known = run.distributions?.["lookup.done.hops"];
  const rows = known?.rows ?? [...counts].sort(([a], [b]) => a - b);
  if (!rows.length) return undefined;
  const line = theory && { value: theory.half_log2, words: `½·log₂ of ${number_text(theory.nodes)} nodes` };
  return counted_figure("hops", known ?? { unit: "count", better: "less", rows: rows as [number, number][] }, "Hops against theory", line);
}

export function ring_part(run: Run, clock: Clock): (HTMLElement | undefined)[] {
  if (!run.ring) return [];
  const series = run.timeline?.series.filter(({ metric }) => /^ring\.replica/.test(metric)) ?? [];
  const replicas = series.slice(0, 2).map((one) => series_figure({ title: one.metric, curves: [one] }, run.timeline!.interval, clock, great_marks(run)));
  return [
    run.ring.frames?.length ? circle_figure(run, clock) : undefined,
    html("div", { class: "pair" }, stale_figure(run, clock), keys_figure(run, clock), hops_figure(run), ...replicas),
  ];
}
