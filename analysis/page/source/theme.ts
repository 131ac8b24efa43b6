// Light and dark. Colours are CSS variables, so drawings follow by themselves; canvases are redrawn.

import { html } from "./elements";

const changed = new Set<() => void>();
const dark_preferred = matchMedia("(prefers-color-scheme: dark)");

export function on_theme_change(redraw: () => void): void {
  changed.add(redraw);
}

export function theme_changed(): void {
  for (const redraw of changed) redraw();
}

// The value of a CSS variable, for a canvas.
export function colour(name: string): string {
  return getComputedStyle(document.documentElement).getPropertyValue(`--${name}`).trim();
}

export function is_dark(): boolean {
  return (document.documentElement.dataset.theme ?? (dark_preferred.matches ? "dark" : "light")) === "dark";
}

export function theme_button(): HTMLElement {
  const button = html("button", { type: "button", class: "theme" });
  const name = () => (button.textContent = is_dark() ? "Light" : "Dark");
  button.addEventListener("click", () => {
    document.documentElement.dataset.theme = is_dark() ? "light" : "dark";
    name();
    theme_changed();
  });
  dark_preferred.addEventListener("change", () => {
    name();
    theme_changed();
  });
  name();
  return button;
}

// Okabe and Ito's colours, distinguishable with any colour vision; the variables have dark variants.
export const series = ["blue", "vermillion", "green", "purple", "orange", "sky"].map((name) => `var(--${name})`);
