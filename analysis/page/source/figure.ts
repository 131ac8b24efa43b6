// A figure with its title, description and table of numbers. It is drawn when it comes into view, redrawn when its
// width changes, and follows the time of its run.

import type { Clock } from "./clock";
import type { Thinned } from "./document";
import { html } from "./elements";
import { folded_table, type Table } from "./table";
import { on_theme_change } from "./theme";
import { number_text } from "./units";

export interface Picture {
  node: Element;
  show?: (seconds: number) => void; // moves it to a time
  repaint?: () => void; // after a change of colours, where the style sheet has no effect
}

export interface Figure {
  title: string;
  words?: string; // what is shown, and how to read it
  notes?: (string | undefined)[]; // what was left out
  height: number; // approximate, in pixels: reserved until it is drawn
  wide?: boolean;
  draw: (width: number) => Picture;
  table: () => Table;
  controls?: HTMLElement;
  below?: HTMLElement;
}

export function thinned_note(what: string, thinned: Thinned | undefined): string | undefined {
  if (!thinned || thinned.kept >= thinned.of) return undefined;
  return `Thinned: ${number_text(thinned.kept)} of ${number_text(thinned.of)} ${what} are shown (${thinned.how}).`;
}

const draw_all: (() => void)[] = [];
const drawers = new WeakMap<Element, () => void>();
const in_view = new IntersectionObserver(
  (entries) => {
    for (const entry of entries) {
      if (!entry.isIntersecting) continue;
      in_view.unobserve(entry.target);
      drawers.get(entry.target)?.();
    }
  },
  { rootMargin: "400px" },
);
const widths = new ResizeObserver((entries) => {
  for (const entry of entries) drawers.get(entry.target)?.();
});

// Redraws at the current width, whether the figure has been scrolled into view or not.
export function draw_everything(): void {
  for (const draw of draw_all) draw();
}

export function figure(parts: Figure, clock?: Clock): HTMLElement {
  const canvas = html("div", { class: "picture", style: `min-height: ${parts.height}px` });
  let picture: Picture | undefined;
  let drawn_width = 0;
  const draw = () => {
    const width = Math.floor(canvas.clientWidth);
    if (width < 160 || width === drawn_width) return;
    drawn_width = width;
    const first = picture === undefined;
    picture = parts.draw(width);
    canvas.replaceChildren(picture.node);
    canvas.style.minHeight = "";
    if (first) {
      widths.observe(canvas);
      clock?.follow((seconds) => picture?.show?.(seconds));
      on_theme_change(() => picture?.repaint?.());
    } else if (clock) picture.show?.(clock.now);
  };
  drawers.set(canvas, draw);
  draw_all.push(draw);
  in_view.observe(canvas);
  const notes = (parts.notes ?? []).filter((note): note is string => note !== undefined);
  return html("figure", { class: parts.wide ? "wide" : undefined },
    html("figcaption", {}, html("strong", {}, parts.title), parts.words ?? "", parts.controls),
    canvas,
    html("div", { class: "below" }, parts.below, ...notes.map((note) => html("p", { class: "note" }, note)),
      folded_table(`Numbers: ${parts.title}`, parts.table)));
}
