// Takes a picture of the running dashboard:
// node tools/screenshot.mjs --url http://127.0.0.1:8080 --out docs/images/dashboard.png
//   [--width 1440] [--height 900] [--scheme light|dark] [--scale 1] [--wait-ms 8000] [--full-page]
//   [--wait-for '[data-ready="true"]']
import { mkdirSync } from 'node:fs';
import { dirname } from 'node:path';
import { parseArgs } from 'node:util';
import { chromium } from 'playwright-core';

const { values } = parseArgs({
  options: {
    url: { type: 'string', default: 'http://127.0.0.1:8080' },
    out: { type: 'string', default: 'docs/images/dashboard.png' },
    width: { type: 'string', default: '1440' },
    height: { type: 'string', default: '900' },
    scheme: { type: 'string', default: 'dark' },
    scale: { type: 'string', default: '1' },
    'wait-ms': { type: 'string', default: '8000' },
    'wait-for': { type: 'string', default: '[data-ready="true"]' },
    'full-page': { type: 'boolean', default: false },
  },
});
if (values.scheme !== 'light' && values.scheme !== 'dark') {
  process.stderr.write(`--scheme is light or dark, not ${values.scheme}\n`);
  process.exit(2);
}

const browser = await chromium.launch({
  executablePath: process.env.CERBERUS_CHROMIUM ?? '/usr/bin/chromium',
  args: [
    '--headless',
    '--no-sandbox',
    '--disable-gpu',
    '--no-first-run',
    '--disable-background-networking',
    '--disable-component-update',
    '--disable-sync',
  ],
});
try {
  const page = await browser.newPage({
    viewport: { width: Number(values.width), height: Number(values.height) },
    colorScheme: values.scheme,
    deviceScaleFactor: Number(values.scale),
  });
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  page.on('console', (message) => message.type() === 'error' && errors.push(message.text()));
  await page.goto(values.url);
  await page.waitForSelector(values['wait-for'], { timeout: 60_000 });
  // Histories begin when the page opens: a picture taken at once would show empty charts.
  await page.waitForTimeout(Number(values['wait-ms']));
  mkdirSync(dirname(values.out), { recursive: true });
  await page.screenshot({ path: values.out, fullPage: values['full-page'] });
  for (const error of errors) process.stderr.write(`page error: ${error}\n`);
  process.stdout.write(`${values.out}\n`);
} finally {
  await browser.close();
}
