// A page in headless Chromium without a network, and helpers to examine it.

import { existsSync } from "node:fs";
import { chromium } from "playwright-core";

export const chromium_path = [process.env.CHROMIUM, "/usr/bin/chromium", "/usr/bin/chromium-browser", "/usr/bin/google-chrome"].find((path) => path && existsSync(path));

export async function launch() {
  return chromium.launch({ executablePath: chromium_path, args: ["--no-sandbox", "--disable-gpu"] });
}

// Opens a file and collects its console output and network requests.
export async function open_page(browser, file, options = {}) {
  const page = await browser.newPage({ viewport: { width: 1280, height: 2400 }, ...options });
  const heard = { errors: [], requests: [] };
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") heard.errors.push(message.text());
  });
  page.on("pageerror", (error) => heard.errors.push(error.message));
  page.on("request", (request) => {
    if (request.url() !== `file://${file}` && !request.url().startsWith("data:")) heard.requests.push(request.url());
  });
  await page.goto(`file://${file}`);
  return { page, heard };
}

// Waits until a condition holds in the page. (Playwright's waitForFunction needs eval, which the page forbids.)
export async function until(page, question) {
  const deadline = Date.now() + 20000;
  while (!(await page.evaluate(question))) {
    if (Date.now() > deadline) throw new Error(`this never came true: ${question}`);
    await page.waitForTimeout(50);
  }
}

// Scrolls past every figure, so that all are drawn.
export async function draw_all(page) {
  for (let top = 0; top < (await page.evaluate(() => document.documentElement.scrollHeight)); top += 2000) {
    await page.evaluate((to) => scrollTo({ top: to, behavior: "instant" }), top);
    await page.evaluate(() => new Promise((done) => requestAnimationFrame(() => requestAnimationFrame(done))));
  }
  await until(page, () => [...document.querySelectorAll(".picture")].every((one) => one.childElementCount > 0 || one.clientWidth === 0));
}

// The pairs of texts in one figure whose boxes overlap, and texts that a figure cuts off.
export function overlaps(page) {
  return page.evaluate(() => {
    const found = [];
    for (const drawing of document.querySelectorAll(".picture svg, .colours svg")) {
      const title = drawing.closest("figure")?.querySelector("strong")?.textContent ?? "";
      const frame = drawing.getBoundingClientRect();
      const boxes = [...drawing.querySelectorAll("text")]
        .map((text) => ({ words: text.textContent, box: text.getBoundingClientRect() }))
        .filter(({ words, box }) => words.trim() && box.width > 0);
      boxes.forEach(({ words, box }, i) => {
        if (box.left < frame.left - 4) found.push(`${title}: "${words}" is cut off`);
        for (const other of boxes.slice(i + 1)) {
          const width = Math.min(box.right, other.box.right) - Math.max(box.left, other.box.left);
          const height = Math.min(box.bottom, other.box.bottom) - Math.max(box.top, other.box.top);
          if (width > 1 && height > 3) found.push(`${title}: "${words}" and "${other.words}"`);
        }
      });
    }
    return found;
  });
}

// Texts whose contrast with their background is below 4.5 to 1 (WCAG 2.2, 1.4.3).
export function faint_texts(page) {
  return page.evaluate(() => {
    const channel = (value) => (value / 255 <= 0.04045 ? value / 255 / 12.92 : ((value / 255 + 0.055) / 1.055) ** 2.4);
    const parse = (text) => (/rgba?\(([^)]+)\)/.exec(text)?.[1] ?? "").split(/[ ,/]+/).map(Number);
    const lightness = ([r, g, b]) => 0.2126 * channel(r) + 0.7152 * channel(g) + 0.0722 * channel(b);
    const background = (node) => {
      for (let at = node; at; at = at.parentElement) {
        const colour = parse(getComputedStyle(at).backgroundColor);
        if (colour.length >= 3 && (colour[3] ?? 1) > 0.9) return colour;
      }
      return [255, 255, 255];
    };
    const found = new Set();
    for (const node of document.querySelectorAll("body *")) {
      const own = [...node.childNodes].some((child) => child.nodeType === Node.TEXT_NODE && child.textContent.trim());
      if (!own || !node.getClientRects().length || node.closest("script, style, noscript, .skip, option")) continue;
      const style = getComputedStyle(node);
      const ink = lightness(parse(node instanceof SVGElement ? style.fill : style.color));
      const paper = lightness(background(node));
      const contrast = (Math.max(ink, paper) + 0.05) / (Math.min(ink, paper) + 0.05);
      if (!(contrast >= 4.5)) found.add(`${node.tagName} "${node.textContent.trim().slice(0, 30)}": ${contrast.toFixed(2)}`);
    }
    return [...found];
  });
}
