// The time that all figures of one run show, and the bar that changes it.

import type { Mark } from "./document";
import { html } from "./elements";
import { seconds_text } from "./units";

type Listener = (seconds: number) => void;

export class Clock {
  now: number;
  private listeners_ = new Set<Listener>();

  // Charts end at `shown`; nothing moves after that.
  constructor(readonly until: number, readonly shown = until) {
    this.now = until;
  }

  set(seconds: number): void {
    this.now = Math.min(Math.max(seconds, 0), this.until);
    for (const listener of this.listeners_) listener(this.now);
  }

  // Calls `listener` now and at each change.
  follow(listener: Listener): () => void {
    this.listeners_.add(listener);
    listener(this.now);
    return () => this.listeners_.delete(listener);
  }
}

const steps = 500;
const seconds_for_all = 20; // to play from the beginning to the end

// The bar: a slider that arrow keys move, and a play button; the space bar plays too.
export function scrubber(clock: Clock, marks: Mark[]): HTMLElement {
  const step = clock.until / steps;
  const slider = html("input", { type: "range", min: 0, max: steps, step: 1, "aria-label": "Time of the pictures" });
  const readout = html("output", { class: "readout" });
  const button = html("button", { type: "button", class: "play", "aria-label": "Play", click: () => toggle() });
  const ticks = html("div", { class: "ticks", "aria-hidden": true });
  for (const mark of marks.slice(0, 200)) {
    const place = clock.until > 0 ? (100 * mark.seconds) / clock.until : 0;
    ticks.append(html("i", { style: `left: ${Math.min(place, 100)}%`, title: `${seconds_text(mark.seconds)}: ${mark.what}` }));
  }

  let playing = 0; // id of the animation frame, or 0
  let before = 0;
  function show_button(): void {
    button.textContent = playing ? "❚❚" : "►";
    button.setAttribute("aria-label", playing ? "Pause" : "Play");
  }
  function advance(moment: number): void {
    if (before) clock.set(clock.now + ((moment - before) / 1000) * (clock.until / seconds_for_all));
    before = moment;
    playing = clock.now < clock.until ? requestAnimationFrame(advance) : 0;
    if (!playing) show_button();
  }
  function pause(): void {
    cancelAnimationFrame(playing);
    playing = 0;
    show_button();
  }
  function toggle(): void {
    if (playing) return pause();
    if (clock.now >= clock.until) clock.set(0);
    before = 0;
    playing = requestAnimationFrame(advance);
    show_button();
  }

  slider.addEventListener("input", () => {
    if (playing) pause();
    clock.set(Number(slider.value) * step);
  });
  slider.addEventListener("keydown", (event) => {
    if (event.key !== " ") return;
    event.preventDefault();
    toggle();
  });
  clock.follow((seconds) => {
    slider.value = String(step > 0 ? Math.round(seconds / step) : 0);
    slider.setAttribute("aria-valuetext", seconds_text(seconds));
    readout.textContent = `${seconds_text(seconds)} of ${seconds_text(clock.until)}`;
  });
  show_button();
  return html("div", { class: "scrubber", role: "group", "aria-label": "Time" }, button,
    html("div", { class: "track" }, slider, ticks), readout);
}
