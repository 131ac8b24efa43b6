// Screenshots of a page for visual inspection. Usage: node test/look.mjs PAGE FOLDER [DOCUMENT.json [WIDTH]]

import { mkdir, readFile, writeFile } from "node:fs/promises";
import { join, resolve } from "node:path";
import { chromium } from "playwright-core";
import { page_with, whole_document } from "./documents.mjs";

const [template, folder, given, wanted] = process.argv.slice(2);
const width = Number(wanted ?? 1280);
await mkdir(folder, { recursive: true });
const content = given && given !== "-" ? JSON.parse(await readFile(given, "utf8")) : whole_document();
const file = resolve(join(folder, "report.html"));
await writeFile(file, page_with(await readFile(template, "utf8"), content));
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ["--no-sandbox"] });
for (const scheme of ["light", "dark"]) {
  const page = await browser.newPage({ viewport: { width, height: 1000 }, colorScheme: scheme });
  page.on("console", (message) => console.log(message.type(), message.text()));
  page.on("pageerror", (error) => console.log("error", error.message));
  await page.goto(`file://${file}`);
  const height = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let top = 0; top < height + 4000; top += 900) {
    await page.evaluate((to) => window.scrollTo(0, to), top);
    await page.waitForTimeout(120);
  }
  await page.evaluate(() => document.querySelectorAll(".scrubber").forEach((one) => (one.style.position = "static")));
  const whole = await page.evaluate(() => document.documentElement.scrollHeight);
  for (let part = 0; part * 1500 < whole; ++part) {
    await page.screenshot({ path: join(folder, `${scheme}-${String(part).padStart(2, "0")}.png`), fullPage: true, clip: { x: 0, y: part * 1500, width, height: Math.min(1500, whole - part * 1500) } });
  }
  if (scheme === "dark") await page.pdf({ path: join(folder, "print.pdf"), format: "A4" });
  await page.close();
}
await browser.close();
