// Opens pages in Chromium and lets axe-core look for faults of accessibility: light and dark, wide and narrow.
// node tests/desktop/axe.mjs PAGE...; wants playwright-core and axe-core in NODE_PATH's folder.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";

const require = createRequire(resolve(process.env.CIVEX_NODE_MODULES, "of-tests.js"));
const { chromium } = require("playwright-core");
const axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");

const browser = await chromium.launch({
  executablePath: process.env.CIVEX_BROWSER || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-background-networking"],
});
let serious = 0;
for (const page of process.argv.slice(2)) {
  for (const colorScheme of ["light", "dark"]) {
    for (const width of [1280, 390]) {
      const tab = await browser.newPage({ colorScheme, viewport: { width, height: 900 }, bypassCSP: true });
      await tab.goto("file://" + resolve(page));
      await tab.waitForSelector("#map path.area, #map canvas");
      await tab.locator(".pick").first().click();
      await tab.evaluate(axe);
      const found = await tab.evaluate(() => window.axe.run(document, { resultTypes: ["violations"] }));
      for (const fault of found.violations) {
        const is = ["serious", "critical"].includes(fault.impact);
        serious += is ? 1 : 0;
        console.log(`${page} ${colorScheme} ${width}: ${fault.impact}: ${fault.id}: ${fault.help}`);
        fault.nodes.slice(0, 3).forEach((node) => console.log("   " + node.html.slice(0, 160) + " | " + (node.failureSummary || "").split("\n").slice(1).join(" ").slice(0, 200)));
      }
      await tab.close();
    }
  }
}
await browser.close();
console.log(`${serious} serious faults`);
process.exit(serious ? 1 : 0);
