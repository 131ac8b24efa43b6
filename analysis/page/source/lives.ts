// Which nodes were up when: a row per node, a bar per session.

import type { Clock } from "./clock";
import { time_axis } from "./chart";
import type { Run } from "./document";
import { figure, thinned_note } from "./figure";
import { raster, room_for, row_labels } from "./raster";
import { colour } from "./theme";

export function lives_figure(run: Run, clock: Clock): HTMLElement | undefined {
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
      const { x, factor } = time_axis(clock.until, width);
      return raster({
        width, height, left: room_for(nodes.map((node) => names[node] ?? `node ${node}`)),
        x: { domain: [0, clock.until / factor], label: x.label as string, ticks: x.ticks as number },
        rows: row_labels(nodes.map((node) => names[node] ?? `node ${node}`), each),
        row_label: "node",
        now: (seconds) => seconds / factor,
        paint: (context, place) => {
          const [bar, crash, line] = [colour("blue"), colour("vermillion"), colour("panel")];
          context.fillStyle = line;
          context.fillRect(place(0), 0, place(clock.until / factor) - place(0), height);
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
