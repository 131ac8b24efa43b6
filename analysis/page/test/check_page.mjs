// Tests of the page of a check: a walk through its states.

import assert from "node:assert/strict";
import { draw_all, faint_texts, overlaps } from "./browser.mjs";
import { ring_check, text_check } from "./check_document.mjs";

export async function add_check_tests({ test, with_page, file_of }) {
  const file = await file_of("check", { format: 1, checks: [ring_check()] });
  const where = (page) => page.locator(".where").innerText();
  const action = (page, words) => page.locator(`.actions button:text-is('${words}')`);

  test("a check says what came of it, and how to repeat it", async () => {
    await with_page(file, {}, async (page, heard) => {
      const words = await page.locator("main").innerText();
      for (const wanted of ["Refuted. live first successor: nodes.2 points to a node that is down, after 1 step.", "fingers off", "peerbed check ring-made-up --html states.html", "in every state: live first successor", `All ${ring_check().states.length} states are shown.`]) assert.ok(words.includes(wanted), wanted);
      assert.match(await page.locator("pre").last().textContent(), /^# A counterexample to/);
      assert.deepEqual(heard, { errors: [], requests: [] });
    });
  });

  test("a click takes an action, and back and forward go along the way", async () => {
    await with_page(file, {}, async (page) => {
      assert.equal(await where(page), "State 0, the beginning");
      assert.equal(await page.locator(".small-ring .node.running").count(), 3);
      assert.equal(await page.locator(".small-ring .pointer.first").count(), 3);
      assert.equal(await page.locator(".actions li.idle").count(), 3); // each stabilization changes nothing
      await action(page, "nodes.1 crashes").click();
      assert.match(await where(page), /, 1 step from the beginning$/);
      assert.equal(await page.locator(".small-ring .node.absent").count(), 1);
      assert.equal(await page.locator(".small-ring .pointer.wrong.dead").count(), 1);
      assert.equal(await page.locator(".small-ring .changed").count(), 1);
      assert.match(await page.locator(".properties .unmet").innerText(), /live first successor: nodes.0 points to a node that is down/);
      const after_crash = await where(page);
      await action(page, "nodes.0: the timer stabilize fires").click();
      assert.equal(await page.locator(".small-ring .pointer.wrong").count(), 0);
      assert.equal(await page.locator(".way li").count(), 3);
      await page.locator("button:text-is('◄ Back')").click();
      assert.equal(await where(page), after_crash);
      assert.equal(await page.locator(".way li.taken-back").count(), 1);
      await page.locator("button:text-is('Forward ►')").click();
      assert.match(await where(page), /, 2 steps/);
      await page.locator(".way button").first().click();
      assert.equal(await where(page), "State 0, the beginning");
      // Another action forgets what was taken back.
      await action(page, "nodes.2 crashes").click();
      assert.equal(await page.locator(".way li").count(), 2);
    });
  });

  test("a step says what nodes reported, and whether it breaks a promise", async () => {
    await with_page(file, {}, async (page) => {
      assert.deepEqual(await page.locator(".actions li.fails button").allTextContents(), ["nodes.0 crashes", "nodes.1 crashes", "nodes.2 crashes"]);
      await action(page, "nodes.1 crashes").click();
      const row = page.locator(".actions li", { has: page.locator("button:text-is('nodes.0: the timer stabilize fires')") });
      assert.match(await row.innerText(), /nodes\.0: successor\.changed id=2/);
    });
  });

  test("one click leads to the refutation, and a number to any state, by a shortest way", async () => {
    const check = ring_check();
    await with_page(file, {}, async (page) => {
      await page.locator("button:text-is('To the refutation')").click();
      assert.ok((await where(page)).startsWith(`State ${check.refuted}, 1 step`));
      const deepest = check.states.reduce((best, [, depth], i) => (depth > check.states[best][1] ? i : best), 0);
      await page.locator(".explorer input").fill(String(deepest));
      await page.keyboard.press("Enter");
      assert.ok((await where(page)).startsWith(`State ${deepest}, ${check.states[deepest][1]} steps`));
      assert.equal(await page.locator(".way li").count(), check.states[deepest][1] + 1);
      await page.locator(".way button").last().focus();
      await page.keyboard.press("ArrowLeft");
      assert.ok((await where(page)).includes(`${check.states[deepest][1] - 1} step`));
    });
  });

  test("nodes that form no ring are shown as text, and states that are left out are said", async () => {
    await with_page(await file_of("text-check", { format: 1, checks: [text_check()] }), {}, async (page, heard) => {
      assert.equal(await page.locator(".small-ring").count(), 0);
      const words = await page.locator("main").innerText();
      for (const wanted of ["Thinned: the nearest 2 states of 9", "(1, [2, 3])", "Under way: ping from a.0 to a.1", "a.1: counted by=1"]) assert.ok(words.includes(wanted), wanted);
      await page.locator(".actions button").click();
      assert.ok(await page.locator(".actions button").isDisabled());
      assert.match(await page.locator(".actions li").innerText(), /not on this page/);
      assert.deepEqual(heard.errors, []);
    });
  });

  for (const [width, colorScheme] of [[1280, "light"], [1280, "dark"], [400, "light"], [400, "dark"]]) {
    test(`a check can be read, ${width} pixels wide, ${colorScheme}`, async () => {
      await with_page(file, { viewport: { width, height: 1600 }, colorScheme }, async (page) => {
        await action(page, "nodes.1 crashes").click();
        await draw_all(page);
        assert.deepEqual(await overlaps(page), []);
        assert.deepEqual(await faint_texts(page), []);
        assert.ok(await page.evaluate(() => document.documentElement.scrollWidth <= innerWidth + 1), "it scrolls sideways");
      });
    });
  }
}
