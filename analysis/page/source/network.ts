// The links of the network: a map of a topology with their load over time, and the links that dropped most.

import * as Plot from "@observablehq/plot";
import * as d3 from "d3";
import { chart, time_axis, time_picture } from "./chart";
import type { Clock } from "./clock";
import type { LinkUse, Network, Run } from "./document";
import { html, svg } from "./elements";
import { figure, thinned_note, type Picture } from "./figure";
import { short } from "./raster";
import { great_marks, mark_rules } from "./timeline";
import { number_text, plural, quantity_text, seconds_text } from "./units";

const links_shown = 6;
const most_labels = 40; // sites of a map with names
const least_load = 0.005; // that shows

const drops_of = (link: LinkUse) => d3.sum(link.rows, ([, , , queue, loss, partition]) => queue + loss + partition);
const bytes_of = (link: LinkUse) => d3.sum(link.rows, (row) => row[2]);

// The mean over the run: an interval without a row was idle.
function mean_use(link: LinkUse, run: Run): number {
  return (d3.sum(link.rows, (row) => row[1]) * run.links!.interval) / Math.max(run.simulated_seconds ?? 1, run.links!.interval);
}

function use_at(link: LinkUse | undefined, seconds: number, interval: number): number {
  const row = link?.rows.findLast(([begin]) => begin <= seconds + 1e-9);
  return row && seconds < row[0] + interval + 1e-9 ? row[1] : 0;
}

type Place = [x: number, y: number];

// By their coordinates if all sites have some; otherwise linked sites attract each other and all others keep apart.
function places_of(network: Network, width: number, height: number): Place[] {
  const margin = { x: Math.min(90, width * 0.14), y: 26 };
  const located = network.sites.every(({ latitude, longitude }) => latitude !== undefined && longitude !== undefined);
  let raw: Place[];
  if (located) {
    const stretch = Math.cos((d3.mean(network.sites, ({ latitude }) => latitude!)! * Math.PI) / 180);
    raw = network.sites.map(({ latitude, longitude }) => [longitude! * stretch, -latitude!]);
  } else {
    const nodes: d3.SimulationNodeDatum[] = network.sites.map(() => ({}));
    const links = network.links.map(({ from, to }) => ({ source: from, target: to }));
    d3.forceSimulation(nodes).force("link", d3.forceLink(links).distance(50)).force("apart", d3.forceManyBody().strength(-160)).force("middle", d3.forceCenter(0, 0)).stop().tick(300);
    raw = nodes.map(({ x = 0, y = 0 }) => [x, y]);
  }
  const [left, right] = d3.extent(raw, ([x]) => x) as [number, number];
  const [top, bottom] = d3.extent(raw, ([, y]) => y) as [number, number];
  const scale = Math.min((width - 2 * margin.x) / Math.max(right - left, 1e-9), (height - 2 * margin.y) / Math.max(bottom - top, 1e-9));
  return raw.map(([x, y]) => [width / 2 + (x - (left + right) / 2) * scale, height / 2 + (y - (top + bottom) / 2) * scale]);
}

// The two directions of a link lie beside each other, each on its right-hand side.
function beside([x1, y1]: Place, [x2, y2]: Place): [Place, Place] {
  const length = Math.hypot(x2 - x1, y2 - y1) || 1;
  const [dx, dy] = [(-(y2 - y1) / length) * 3, ((x2 - x1) / length) * 3];
  return [[x1 + dx, y1 + dy], [x2 + dx, y2 + dy]];
}

function map_picture(run: Run, width: number): Picture {
  const network = run.network!;
  const height = Math.round(Math.min(520, Math.max(220, width * 0.55)));
  const places = places_of(network, width, height);
  const uses = new Map((run.links?.links ?? []).map((link) => [link.link, link]));
  const hosts = d3.rollup(network.node_sites ?? [], (group) => group.length, (site) => site);
  const drawing = svg("svg", { width, height, viewBox: `0 0 ${width} ${height}`, class: "map", role: "img", "aria-label": "The topology with the load of its links" });
  const lines = network.links.map((link) => {
    const [[x1, y1], [x2, y2]] = beside(places[link.from], places[link.to]);
    const line = svg("line", { x1, y1, x2, y2, class: "load" }, svg("title"));
    drawing.append(line);
    return { line, link, use: uses.get(link.name) };
  });
  network.sites.forEach(({ name }, site) => {
    const [cx, cy] = places[site];
    const count = hosts.get(site) ?? 0;
    drawing.append(svg("circle", { cx, cy, r: count ? 3.5 + Math.min(6, Math.sqrt(count)) : 2.5, class: count ? "site" : "site empty" }, svg("title", {}, `${name}: ${plural(count, "host")}`)));
  });
  if (network.sites.length <= most_labels) {
    const taken: [number, number, number][] = places.map(([x, y]) => [x - 8, x + 8, y + 4]);
    network.sites.forEach(({ name }, site) => {
      const [x, y] = places[site];
      const half = 3.6 * short(name).length;
      const middle = Math.min(Math.max(x, half + 2), width - half - 2);
      const at = [y - 13, y + 22].find((row) => row > 10 && row < height - 4 && taken.every(([left, right, other]) => Math.abs(other - row) > 14 || middle + half < left || middle - half > right));
      if (at === undefined) return;
      taken.push([middle - half, middle + half, at]);
      drawing.append(svg("text", { x: middle, y: at, "text-anchor": "middle" }, short(name)));
    });
  }
  const words = html("p", { class: "note" });
  return {
    node: html("div", {}, drawing, words),
    show: (seconds) => {
      let busiest: { name: string; load: number } | undefined;
      const interval = run.links?.interval ?? 1;
      const is_idle = lines.every(({ use }) => use_at(use, seconds, interval) < least_load);
      for (const { line, link, use } of lines) {
        const load = is_idle ? (use ? mean_use(use, run) : 0) : use_at(use, seconds, interval);
        line.setAttribute("stroke-width", String(1 + 5 * load));
        line.style.stroke = load >= least_load ? `color-mix(in srgb, var(--vermillion) ${Math.round(100 * load)}%, var(--sky))` : "var(--line)";
        line.querySelector("title")!.textContent = `${link.name}: ${number_text(Math.round(1000 * load) / 10)}%`;
        if (!busiest || load > busiest.load) busiest = { name: link.name, load };
      }
      const share = `${number_text(Math.round(1000 * (busiest?.load ?? 0)) / 10)}%`;
      const name = busiest?.name ?? "none";
      words.textContent = is_idle ? `At ${seconds_text(seconds)}, all links are idle. Shown: their mean over the run; the busiest is ${name}, in use for ${share} of the time.`
        : `At ${seconds_text(seconds)}, the busiest link is ${name}: in use for ${share} of its interval.`;
    },
  };
}

function map_figure(run: Run, clock: Clock): HTMLElement | undefined {
  if (!run.network?.sites.length || !run.links) return undefined;
  const uses = new Map(run.links.links.map((link) => [link.link, link]));
  return figure({
    title: "The topology and the load of its links",
    words: "Each line is one direction of a link; the redder and the wider, the larger the share of the interval in which it was sending. Large dots: sites with hosts.",
    notes: [thinned_note("links", run.links.links_thinned)],
    height: 400,
    wide: true,
    draw: (width) => map_picture(run, width),
    table: () => ({
      columns: ["link", "rate (bit/s)", "mean use (%)", "bytes", "dropped packets"],
      rows: run.network!.links.map(({ name }) => {
        const use = uses.get(name);
        return [name, use?.rate, use ? 100 * mean_use(use, run) : 0, use ? bytes_of(use) : 0, use ? drops_of(use) : 0];
      }),
    }),
  }, clock);
}

function link_figure(run: Run, link: LinkUse, clock: Clock): HTMLElement {
  const { interval } = run.links!;
  const drops = drops_of(link);
  const queue = (row: LinkUse["rows"][number]) => (link.queue ? (100 * row[6]) / link.queue : NaN);
  // An interval without a row was idle.
  const points = link.rows.flatMap((row, i) => {
    const gap = i > 0 && row[0] - link.rows[i - 1][0] > interval * 1.5;
    const idle = (seconds: number) => ({ seconds, use: 0, queue: 0, drops: 0 });
    const point = { seconds: row[0] + interval / 2, use: 100 * row[1], queue: queue(row), drops: row[3] + row[4] + row[5] };
    return gap ? [idle(link.rows[i - 1][0] + interval * 1.5), idle(row[0] - interval / 2), point] : [point];
  }).filter(({ seconds }) => seconds <= clock.shown);
  const most = Math.max(1, ...points.map((point) => point.drops));
  return figure({
    title: link.link,
    words: `${link.rate ? `${quantity_text(link.rate / 8, "B/s")}, ` : ""}${plural(drops, "packet")} dropped.`,
    height: 190,
    draw: (width) => {
      const { x, factor } = time_axis(clock.shown, width);
      const time = (point: { seconds: number }) => point.seconds / factor;
      return time_picture(chart(width, {
        height: 190,
        x,
        y: { domain: [0, 100], label: "in use (%)", grid: true, ticks: 4 },
        marks: [
          mark_rules(great_marks(run), factor),
          Plot.ruleX(points.filter((point) => point.drops > 0), { x: time, y1: 0, y2: (point) => 8 + (22 * point.drops) / most, stroke: "var(--vermillion)", strokeWidth: 1.6 }),
          Plot.lineY(points, { x: time, y: "use", stroke: "var(--blue)", strokeWidth: 1.6 }),
          Plot.lineY(points, { x: time, y: "queue", stroke: "var(--ink)", strokeWidth: 1.1, strokeDasharray: "3 2" }),
          Plot.ruleY([0], { stroke: "var(--ink)" }),
        ],
      }), factor);
    },
    table: () => ({
      columns: ["from (s)", "in use (%)", "bytes", "dropped, queue full", "lost", "partitioned", "queue p99 (B)", "queue max (B)"],
      rows: link.rows.map(([seconds, use, ...rest]) => [seconds, 100 * use, ...rest]),
    }),
  }, clock);
}

export function network_part(run: Run, clock: Clock): (HTMLElement | undefined | false)[] {
  const links = run.links?.links ?? [];
  if (!links.length) return [];
  const shown = links.slice(0, links_shown);
  const rest = links.slice(links_shown);
  const all = run.links!.links_thinned?.of ?? links.length;
  return [
    map_figure(run, clock),
    html("p", { class: "note" }, `${plural(all, "link was", "links were")} in use or dropped packets; ${rest.length ? "these dropped or carried most" : "all are shown"}. Solid: share of the time in use; dashed: 99th percentile of the queue, as a share of its size; red strokes: drops.`),
    html("div", { class: "multiples" }, ...shown.map((link) => link_figure(run, link, clock))),
    rest.length > 0 && all_links(run, rest),
  ];
}

function all_links(run: Run, links: LinkUse[]): HTMLElement {
  const details = html("details", { class: "more" }, html("summary", {}, plural(links.length, "more link")));
  details.addEventListener("toggle", () => {
    if (!details.open || details.childElementCount > 1) return;
    const rows = links.map((link) => html("tr", {}, ...[link.link, quantity_text(bytes_of(link), "B"), `${number_text(100 * mean_use(link, run))}%`, number_text(drops_of(link))].map((text, i) => html("td", { class: i ? "number" : undefined }, text))));
    details.append(html("div", { class: "scroll", tabindex: 0, role: "region", "aria-label": "Links" },
      html("table", {}, html("thead", {}, html("tr", {}, ...["link", "bytes", "mean use", "dropped packets"].map((name) => html("th", { scope: "col" }, name)))), html("tbody", {}, ...rows))));
  });
  return details;
}
