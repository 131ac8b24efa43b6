// Which peer had which piece when, and how fast each received and sent: two heat maps.

import { time_axis } from "./chart";
import type { Clock } from "./clock";
import type { Arrival, Run } from "./document";
import { html } from "./elements";
import { figure, thinned_note } from "./figure";
import { colour_scale, paint_cells, type Cells } from "./heat";
import { raster, room_for, row_labels } from "./raster";
import { number_text, quantity_text, scale_for, seconds_text } from "./units";

function row_height(rows: number): number {
  return Math.max(1.5, Math.min(16, 480 / rows));
}

function name_of(run: Run, node: number): string {
  return node < 0 ? "several" : (run.nodes?.[node] ?? `node ${node}`);
}

// The peers that received pieces of a file, in order of completion.
function receivers(arrivals: Arrival[]): number[] {
  const last = new Map<number, number>();
  const count = new Map<number, number>();
  for (const [seconds, node] of arrivals) {
    last.set(node, Math.max(last.get(node) ?? 0, seconds));
    count.set(node, (count.get(node) ?? 0) + 1);
  }
  return [...last.keys()].sort((a, b) => count.get(b)! - count.get(a)! || last.get(a)! - last.get(b)! || a - b);
}

function piece_figure(run: Run, clock: Clock, file: number): HTMLElement | undefined {
  const swarm = run.swarm!;
  const arrivals = (swarm.arrivals ?? []).filter(([, , of]) => of === file);
  if (!arrivals.length) return undefined;
  const peers = receivers(arrivals);
  const row = new Map(peers.map((node, i) => [node, i]));
  const pieces = Math.max(swarm.files?.[file]?.pieces ?? 0, ...arrivals.map(([, , , piece]) => piece + 1));
  const last = Math.max(...arrivals.map(([seconds]) => seconds));
  const { unit, factor } = scale_seconds(last);
  const each = row_height(peers.length);
  const height = Math.ceil(each * peers.length);
  const info = swarm.files?.[file];
  const about = info ? ` ${info.name ?? `file ${file}`}, ${quantity_text(info.size, "B")} in ${number_text(info.pieces)} pieces of ${quantity_text(info.piece_size, "B")}.` : "";
  return figure({
    title: "Pieces by peer and time of arrival",
    words: `A row for each peer, the first to finish on top; a column for each piece. What has not arrived at the time of the bar above is blank.${about}`,
    notes: [thinned_note("arrivals", swarm.arrivals_thinned), pieces > 900 ? "Thinned: a column stands for several pieces, by the last of them to arrive." : undefined],
    height: height + 70,
    wide: true,
    controls: colour_scale(last / factor, `arrival (${unit})`),
    draw: (width) => {
      const columns = Math.min(pieces, Math.max(50, width - 160));
      const cells: Cells = { columns, rows: peers.length, values: new Float64Array(columns * peers.length).fill(NaN) };
      for (const [seconds, node, , piece] of arrivals) {
        const cell = row.get(node)! * columns + Math.floor((piece * columns) / pieces);
        cells.values[cell] = Math.max(seconds, Number.isNaN(cells.values[cell]) ? 0 : cells.values[cell]);
      }
      return raster({
        width, height, left: room_for(peers.map((node) => name_of(run, node))),
        x: { domain: [0, pieces], label: "piece (number)", ticks: Math.floor(width / 80), whole: true },
        rows: row_labels(peers.map((node) => name_of(run, node)), each),
        row_label: "peer",
        repaint_with_time: true,
        paint: (context, place, seconds) =>
          paint_cells(context, cells, { x: place(0), y: 0, width: place(pieces) - place(0), height: each * peers.length }, last, seconds),
        hover: (x, y) => {
          const [peer, piece] = [peers[Math.floor(y / each)], Math.floor(x)];
          const arrival = arrivals.find(([, node, , other]) => node === peer && other === piece);
          const when = arrival ? `after ${seconds_text(arrival[0])}, from ${name_of(run, arrival[4])}` : "not arrived";
          return peer === undefined ? "" : `${name_of(run, peer)}, piece ${piece}: ${when}`;
        },
      });
    },
    table: () => ({
      columns: ["time (s)", "peer", "piece", "from"],
      rows: arrivals.map(([seconds, node, , piece, source]) => [seconds, name_of(run, node), piece, name_of(run, source)]),
    }),
  }, clock);
}

function scale_seconds(seconds: number) {
  const { unit, factor } = scale_for("ns", seconds * 1e9);
  return { unit, factor: factor / 1e9 };
}

// One map per file, for at most the first four.
export function piece_figures(run: Run, clock: Clock): (HTMLElement | undefined)[] {
  const files = [...new Set((run.swarm?.arrivals ?? []).map(([, , file]) => file))].sort((a, b) => a - b);
  const figures = files.slice(0, 4).map((file) => piece_figure(run, clock, file));
  if (files.length > 4) figures.push(html("p", { class: "note" }, `Thinned: the first 4 of ${number_text(files.length)} files are shown.`));
  return figures;
}

export function rate_figure(run: Run, clock: Clock, way: "down" | "up"): HTMLElement | undefined {
  const rates = run.swarm?.rates;
  if (!rates) return undefined;
  const peers = rates.nodes.filter((peer) => peer[way].some((rate) => rate > 0));
  if (!peers.length) return undefined;
  const columns = Math.max(...peers.map((peer) => peer[way].length));
  const most = peers.reduce((so_far, peer) => peer[way].reduce((a, b) => Math.max(a, b), so_far), 0);
  const scale = scale_for("B/s", most);
  const each = row_height(peers.length);
  const height = Math.ceil(each * peers.length);
  const cells: Cells = { columns, rows: peers.length, values: new Float64Array(columns * peers.length).fill(NaN) };
  peers.forEach((peer, i) => peer[way].forEach((rate, at) => {
    if (rate > 0) cells.values[i * columns + at] = rate;
  }));
  return figure({
    title: way === "down" ? "What each peer received, by time" : "What each peer sent, by time",
    words: `A row for each peer, the mean of each ${seconds_text(rates.interval)}.`,
    notes: [thinned_note("peers", run.swarm?.rates_thinned)],
    height: height + 70,
    controls: colour_scale(most / scale.factor, `rate (${scale.unit})`),
    draw: (width) => {
      const { x, factor } = time_axis(clock.shown, width);
      return raster({
        width, height, left: room_for(peers.map(({ n }) => name_of(run, n))),
        x: { domain: [0, clock.shown / factor], label: x.label as string, ticks: x.ticks as number },
        rows: row_labels(peers.map(({ n }) => name_of(run, n)), each),
        row_label: "peer",
        now: (seconds) => seconds / factor,
        paint: (context, place) => {
          const width_of_all = place((columns * rates.interval) / factor) - place(0);
          paint_cells(context, cells, { x: place(0), y: 0, width: width_of_all, height: each * peers.length }, most);
        },
        hover: (at, y) => {
          const peer = peers[Math.floor(y / each)];
          const rate = peer?.[way][Math.floor((at * factor) / rates.interval)];
          return peer ? `${name_of(run, peer.n)}: ${quantity_text(rate ?? 0, "B/s")} after ${seconds_text(at * factor)}` : "";
        },
      });
    },
    table: () => ({
      columns: ["from (s)", ...peers.slice(0, 40).map(({ n }) => `${name_of(run, n)} (${scale.unit})`)],
      rows: Array.from({ length: columns }, (_, i) => [i * rates.interval, ...peers.slice(0, 40).map((peer) => (peer[way][i] ?? 0) / scale.factor)]),
    }),
  }, clock);
}
