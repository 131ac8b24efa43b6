// Which nodes were up when: a row per node, a bar per session.

import * as Plot from "@observablehq/plot";
import type { Clock } from "./clock";
import { chart, time_axis, time_picture } from "./chart";
import type { Run } from "./document";
import { html } from "./elements";
import { figure, thinned_note } from "./figure";
import { raster, room_for, row_labels } from "./raster";
import { curve_key, dashes } from "./sweep";
import { colour, series } from "./theme";
import { great_marks, mark_rules } from "./timeline";
import { number_text } from "./units";

// Folded when all nodes were up all the time.
export function lives_part(run: Run, clock: Clock): HTMLElement | undefined {
  const lives = run.lives ?? [];
  const whole = lives_figure(run, clock);
  if (!whole || run.lives_thinned || lives.some(([, from, , end]) => from > 0 || end !== "up at end")) return whole;
  const count = new Set(lives.map(([node]) => node)).size;
  const others = (run.nodes?.length ?? count) - count;
  const details = html("details", { class: "more" }, html("summary", {}, `${count === 1 ? "The node was" : `${number_text(count)} nodes were`} up all the time${others > 0 ? `, and ${number_text(others)} never` : ""}`));
  details.addEventListener("toggle", () => {
    if (details.open && details.childElementCount === 1) details.append(whole);
  });
  return details;
}

// Nodes that are up, by group.
export function groups_figure(run: Run, clock: Clock): HTMLElement | undefined {
  const groups = (run.groups ?? []).filter(({ count }) => count > 1);
  const lives = run.lives ?? [];
  if (groups.length < 2 || run.lives_thinned || lives.every(([, from, , end]) => from === 0 && end === "up at end")) return undefined;
  const shown = groups.slice(0, series.length);
  const curves = shown.map(({ first, count }) => {
    const changes = lives.filter(([node]) => node >= first && node < first + count).flatMap(([, from, to, end]) => [[from, 1], ...(end === "up at end" ? [] : [[to, -1]])]).filter(([seconds]) => seconds <= clock.shown).sort(([a], [b]) => a - b);
    let up = 0;
    return [...changes.map(([seconds, by]) => ({ seconds, up: (up += by) })), { seconds: clock.shown, up }];
  });
  return figure({
    title: "Nodes up, by group",
    notes: [groups.length > shown.length ? `Thinned: ${shown.length} of ${groups.length} groups are shown.` : undefined],
    height: 200,
    controls: curve_key(shown.map(({ name }) => name)),
    draw: (width) => {
      const { x, factor } = time_axis(clock.shown, width);
      return time_picture(chart(width, {
        height: 200,
        x,
        y: { label: "nodes up (number)", grid: true, nice: true, zero: true, ticks: 4 },
        marks: [
          mark_rules(great_marks(run), factor),
          ...curves.map((points, i) => Plot.lineY(points, { x: (point) => point.seconds / factor, y: "up", curve: "step-after", stroke: series[i], strokeWidth: 1.8, strokeDasharray: dashes[i] || undefined })),
          Plot.ruleY([0], { stroke: "var(--ink)" }),
        ],
      }), factor);
    },
    table: () => ({ columns: ["group", "from (s)", "up"], rows: shown.flatMap(({ name }, i) => curves[i].map(({ seconds, up }) => [name, seconds, up])) }),
  }, clock);
}

function lives_figure(run: Run, clock: Clock): HTMLElement | undefined {
  const lives = run.lives ?? [];
  const names = run.nodes ?? [];
  if (!lives.length) return undefined;
  const first = new Map<number, number>();
  for (const [node, from] of lives) first.set(node, Math.min(first.get(node) ?? Infinity, from));
  const nodes = [...first.keys()].sort((a, b) => first.get(a)! - first.get(b)! || a - b);
  const row = new Map(nodes.map((node, i) => [node, i]));
  const each = Math.max(1.5, Math.min(14, 420 / nodes.length));
  const height = Math.ceil(each * nodes.length);
  return figure({
    title: "Who was up when",
    words: "A row for each node, in the order of their first start. Orange ends: crashes; other ends: graceful departures.",
    notes: [thinned_note("lives", run.lives_thinned)],
    height: height + 60,
    wide: true,
    draw: (width) => {
      const { x, factor } = time_axis(clock.shown, width);
      return raster({
        width, height, left: room_for(nodes.map((node) => names[node] ?? `node ${node}`)),
        x: { domain: [0, clock.shown / factor], label: x.label as string, ticks: x.ticks as number },
        rows: row_labels(nodes.map((node) => names[node] ?? `node ${node}`), each),
        row_label: "node",
        now: (seconds) => seconds / factor,
        paint: (context, place) => {
          const [bar, crash, line] = [colour("blue"), colour("vermillion"), colour("panel")];
          context.fillStyle = line;
          context.fillRect(place(0), 0, place(clock.shown / factor) - place(0), height);
          for (const [node, from, to, end] of lives) {
            const [left, right] = [place(from / factor), place(to / factor)];
            const top = row.get(node)! * each;
            const thick = Math.max(1, each * 0.75);
            context.fillStyle = bar;
            context.globalAlpha = 0.75;
            context.fillRect(left, top, Math.max(0.5, right - left), thick);
            context.globalAlpha = 1;
            if (end !== "crash") continue;
            context.fillStyle = crash;
            context.fillRect(right - 1.5, top, 3, thick);
          }
        },
        hover: (at, y) => {
          const node = nodes[Math.floor(y / each)];
          if (node === undefined) return "";
          const life = lives.find(([other, from, to]) => other === node && from <= at * factor && at * factor <= to);
          return `${names[node] ?? node}: ${life ? `up from ${life[1].toFixed(1)} s to ${life[2].toFixed(1)} s, ${life[3]}` : "down"}`;
        },
      });
    },
    table: () => ({
      columns: ["node", "from (s)", "to (s)", "end"],
      rows: lives.map(([node, from, to, end]) => [names[node] ?? String(node), from, to, end]),
    }),
  }, clock);
}
