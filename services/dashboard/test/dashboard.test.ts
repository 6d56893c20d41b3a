import { spawnSync } from 'node:child_process';
import { existsSync, mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from '@jest/globals';
import { type Browser, type BrowserContextOptions, chromium, type Page } from 'playwright-core';
import { FIXTURE_KEY, FixtureGateway } from './fixture/gateway.ts';

const CHROMIUM = process.env['CERBERUS_CHROMIUM'] ?? '/usr/bin/chromium';
const PACKAGE = dirname(dirname(fileURLToPath(import.meta.url)));
const VITE = join(PACKAGE, '../../node_modules/vite/bin/vite.js');
const DESK = { width: 1440, height: 900 };

const inBrowser = existsSync(CHROMIUM)
  ? describe
  : (name: string, tests: () => void) =>
      describe.skip(`${name} (skipped: no chromium at ${CHROMIUM})`, tests);

inBrowser('the dashboard in a browser', () => {
  let files: string;
  let browser: Browser;
  let gateway: FixtureGateway;
  let url: string;
  let errors: string[];

  beforeAll(async () => {
    files = mkdtempSync(join(tmpdir(), 'cerberus-dashboard-'));
    const built = spawnSync(
      process.execPath,
      [VITE, 'build', '--outDir', files, '--emptyOutDir', '--logLevel', 'error'],
      { cwd: PACKAGE, encoding: 'utf8' },
    );
    if (built.status !== 0) throw new Error(`vite build failed:\n${built.stderr}`);
    browser = await chromium.launch({
      executablePath: CHROMIUM,
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
  }, 60_000);

  afterAll(async () => {
    await browser?.close();
    rmSync(files, { recursive: true, force: true });
  });

  beforeEach(() => {
    errors = [];
  });

  afterEach(async () => {
    for (const context of browser.contexts()) await context.close();
    await gateway.stop();
  });

  async function open(
    options: { context?: BrowserContextOptions; injectKey?: boolean } = {},
  ): Promise<Page> {
    gateway = new FixtureGateway({ files, injectKey: options.injectKey ?? true });
    url = await gateway.start();
    const context = await browser.newContext({ viewport: DESK, ...options.context });
    const page = await context.newPage();
    page.on('pageerror', (error) => errors.push(String(error)));
    page.on('console', (message) => {
      if (message.type() === 'error') errors.push(message.text());
    });
    await page.goto(url);
    if (options.injectKey !== false) await live(page);
    return page;
  }

  async function live(page: Page): Promise<void> {
    await page.getByTestId('connection').getByText('Live', { exact: true }).waitFor();
    await page.waitForSelector('[data-ready="true"]');
  }

  const ticket = (page: Page) => page.getByRole('form', { name: 'Order ticket' });
  const cell = (page: Page, table: string, row: string, column: number) =>
    page
      .getByRole('table', { name: table })
      .getByRole('row', { name: row })
      .first()
      .locator('td')
      .nth(column);

  async function fill(page: Page, quantity: string): Promise<void> {
    await ticket(page).getByLabel('Quantity').fill(quantity);
    await ticket(page).getByRole('button', { name: 'Mid', exact: true }).click();
  }

  test('shows numbers that move on every live panel, without an error', async () => {
    const page = await open();
    const places = [
      page.getByTestId('portfolio-value'),
      cell(page, 'Quotes', 'BTCUSDT', 2),
      cell(page, 'Open positions with Greeks', 'ETHUSDT', 4),
      cell(page, 'Greeks summed by underlying', 'BTCUSDT', 1),
      page.locator('.ladder-mid'),
    ];
    const before = await Promise.all(places.map((place) => place.innerText()));
    await page.waitForTimeout(2500);
    const after = await Promise.all(places.map((place) => place.innerText()));
    for (const [index, text] of after.entries()) {
      expect(text).toMatch(/\d/);
      expect(text).not.toBe(before[index]);
    }
    expect(await page.locator('.chart canvas').count()).toBe(2);
    expect(errors).toEqual([]);
  });

  test('draws VaR from before the page was opened', async () => {
    const page = await open();
    const chart = page.getByRole('img', { name: 'VaR and expected shortfall over time' });
    await chart.scrollIntoViewIfNeeded();
    const area = await chart.locator('.u-over').boundingBox();
    const readout = chart.locator('.chart-readout');
    let oldest = '';
    for (let look = 0; look < 50 && !oldest.includes('43.0'); look += 1) {
      await page.mouse.move(area!.x + 1 + (look % 2), area!.y + area!.height / 2);
      await page.waitForTimeout(100);
      oldest = await readout.innerText();
    }
    // VaR 99 of the fixture's oldest points, in thousands of dollars.
    expect(oldest).toContain('43.0');
    expect(errors).toEqual([]);
  });

  test('shows a number that cannot be given as a dash with its reason', async () => {
    const page = await open();
    const gamma = cell(page, 'Open positions with Greeks', 'SOLUSDT', 7);
    expect(await gamma.innerText()).toContain('—');
    expect(await gamma.locator('.absent').getAttribute('title')).toBe('price older than 5 s');
    const sum = cell(page, 'Greeks summed by underlying', 'SOLUSDT', 2);
    expect(await sum.locator('.absent').getAttribute('title')).toContain('price older than 5 s');
  });

  test('shows what blocks an order before anything is sent', async () => {
    const page = await open();
    await fill(page, '40');
    const blocked = ticket(page).getByText('Blocked by pre-trade checks');
    await blocked.waitFor();
    const check = ticket(page).getByRole('listitem').filter({ hasText: 'Order size' });
    expect(await check.innerText()).toContain('CRB_GATE_ORDER_SIZE');
    expect(await check.innerText()).toMatch(/40\s*\/\s*5/);
    expect(await check.getByRole('meter').getAttribute('aria-valuetext')).toBe('800.0%');
    expect(await blocked.isDisabled()).toBe(true);
    await ticket(page).getByLabel('Quantity').press('Enter');
    expect(gateway.idempotencyKeys).toEqual([]);
    await ticket(page).getByRole('button', { name: /max/ }).click();
    await ticket(page).getByText('Pass', { exact: true }).waitFor();
    expect(await ticket(page).getByLabel('Quantity').inputValue()).toBe('5');
  });

  test('sends a checked order once and follows it to its execution', async () => {
    const page = await open();
    await fill(page, '0.5');
    await ticket(page)
      .getByRole('button', { name: /^Buy 0.5 BTCUSDT @/ })
      .click();
    await ticket(page).getByRole('status').getByText('Filled').waitFor();
    expect(gateway.idempotencyKeys).toHaveLength(1);
    expect(gateway.idempotencyKeys[0]).toMatch(/^[0-9a-f]{32}$/);
    const orderId = gateway.orders[0]?.order_id ?? '';
    await page.getByRole('table', { name: 'Executions' }).getByTitle(`order ${orderId}`).waitFor();
    await page.getByRole('button', { name: `Journey of order ${orderId}` }).click();
    await page.getByText('Position updated').waitFor();
    expect(await page.locator('.step-time').nth(1).innerText()).toBe('+400 µs');
    await page.getByText('Arrival slippage').waitFor();
    expect(errors).toEqual([]);
  });

  test('cancels a working order', async () => {
    const page = await open();
    const order = gateway.orders.find((each) => each.status === 'NEW');
    await page.getByRole('button', { name: `Cancel order ${order?.order_id}` }).click();
    await page
      .getByRole('table', { name: 'Orders' })
      .getByRole('row', { name: order?.order_id ?? '' })
      .getByText('Canceled')
      .waitFor();
    expect(order?.status).toBe('CANCELED');
  });

  test('stops trading only after a reason and a second word, shows it, and releases it', async () => {
    const page = await open();
    await page.getByRole('button', { name: /^Kill switch/ }).click();
    const dialog = page.getByRole('dialog', { name: 'Engage kill switch' });
    expect(await dialog.getByRole('button', { name: 'Continue' }).isDisabled()).toBe(true);
    await dialog.getByLabel(/^Reason/).fill('venue answers late');
    await dialog.getByRole('button', { name: 'Continue' }).click();
    expect(gateway.kills).toEqual([]);
    await dialog.getByRole('button', { name: 'Stop trading now' }).click();
    const banner = page.getByRole('region', { name: 'Kill switch engaged' });
    await banner.getByText('Trading stopped for the whole firm').waitFor();
    expect(gateway.kills).toMatchObject([
      { scope: 'firm', id: 'firm', reason: 'venue answers late', cancel_open: true },
    ]);
    await fill(page, '0.5');
    await ticket(page).getByText('CRB_GATE_KILL_SWITCH').waitFor();

    await banner.getByRole('button', { name: 'Release…' }).click();
    const release = page.getByRole('dialog', { name: 'Release kill switch' });
    await release.getByLabel(/^Reason/).fill('venue recovered');
    await release.getByRole('button', { name: 'Continue' }).click();
    await release.getByRole('button', { name: 'Release and allow trading' }).click();
    await banner.waitFor({ state: 'detached' });
    expect(gateway.kills).toEqual([]);
    expect(errors).toEqual([]);
  });

  test('shows a gap in seq and heals it by resubscribing from the last whole seq', async () => {
    const page = await open();
    gateway.skip('greeks');
    await page.getByText('1 gap healed').waitFor();
    await live(page);
    const again = gateway.subscriptions.filter(({ stream }) => stream === 'greeks');
    expect(again).toHaveLength(2);
    expect(again[0]?.request['last_seq']).toBeUndefined();
    expect(again[1]?.request['last_seq']).toEqual(expect.any(Number));
  });

  test('says that it is offline, and comes back by itself with the last seq', async () => {
    const page = await open();
    gateway.dropStreams();
    await page.getByTestId('connection').getByText('Offline').waitFor();
    await live(page);
    const orders = gateway.subscriptions.filter(({ stream }) => stream === 'orders');
    expect(orders.at(-1)?.request).toHaveProperty('last_seq');
  });

  test('announces a new critical alert until it is dismissed', async () => {
    const page = await open();
    gateway.publish('alerts', {
      type: 'alert',
      severity: 'critical',
      message: 'Two leaders claim token 43',
      data: { alert_id: 'alert-new' },
      actions: [],
    });
    const announced = page.getByRole('alert').filter({ hasText: 'Two leaders claim token 43' });
    await announced.waitFor();
    await announced.getByRole('button', { name: 'Dismiss' }).click();
    await announced.waitFor({ state: 'detached' });
    await page
      .getByRole('list', { name: 'Alerts, newest first' })
      .getByText('Two leaders')
      .waitFor();
  });

  test('sorts positions by keyboard and says so', async () => {
    const page = await open();
    const table = page.getByRole('table', { name: 'Open positions with Greeks' });
    await table.getByRole('button', { name: 'P&L' }).focus();
    await page.keyboard.press('Enter');
    const heading = table.getByRole('columnheader', { name: 'P&L' });
    expect(await heading.getAttribute('aria-sort')).toBe('descending');
    const text = await table.locator('tbody tr td:nth-child(6)').allInnerTexts();
    const values = text.map((each) => Number(each.replace('\u2212', '-').replace(/[+$,]/g, '')));
    expect(values).toEqual([...values].sort((a, b) => b - a));
  });

  test('draws of a long book what is in sight, and reaches its last line', async () => {
    const page = await open();
    gateway.desk.lineCount = 250;
    await page.getByText('250 open').waitFor();
    const table = page.getByRole('table', { name: 'Open positions with Greeks' });
    expect(await table.getAttribute('aria-rowcount')).toBe('251');
    expect(await table.locator('tbody th').count()).toBeLessThan(60);
    const scroller = page.getByRole('region', { name: 'Open positions with Greeks' });
    await scroller.evaluate((element) => element.scrollTo(0, element.scrollHeight));
    const last = table.locator('tbody th').last();
    await last.filter({ hasText: 'Put 50,000' }).waitFor();
    const [box, frame] = [await last.boundingBox(), await scroller.boundingBox()];
    expect((box?.y ?? 0) + (box?.height ?? 0)).toBeCloseTo(
      (frame?.y ?? 0) + (frame?.height ?? 0),
      0,
    );
  });

  test('asks for the key where the page does not carry it, and keeps it for the tab', async () => {
    const page = await open({ injectKey: false });
    await page.getByLabel('API key').fill('wrong');
    await page.getByRole('button', { name: 'Connect' }).click();
    await page.getByText('The gateway refused that key.').waitFor();
    await page.getByLabel('API key').fill(FIXTURE_KEY);
    await page.getByRole('button', { name: 'Connect' }).click();
    await live(page);
    await page.reload();
    await live(page);
  });

  test.each([
    [1440, 900],
    [1024, 768],
    [390, 844],
  ])('fits %i × %i, and nothing jumps while numbers move', async (width, height) => {
    const page = await open({ context: { viewport: { width, height } } });
    await page.waitForTimeout(500);
    const shift = await page.evaluate(
      () =>
        new Promise<number>((done) => {
          let sum = 0;
          new PerformanceObserver((list) => {
            for (const entry of list.getEntries())
              sum += (entry as unknown as { value: number }).value;
          }).observe({ type: 'layout-shift', buffered: false });
          setTimeout(() => done(sum), 2500);
        }),
    );
    expect(shift).toBeLessThan(0.001);
    expect(await page.evaluate(() => document.documentElement.scrollWidth)).toBe(width);
  });

  test('follows the system to dark, and the reader who chooses otherwise', async () => {
    const page = await open({ context: { colorScheme: 'dark' } });
    const theme = () => page.evaluate(() => document.documentElement.dataset['theme']);
    expect(await theme()).toBe('dark');
    await page.getByRole('button', { name: 'Use the light theme' }).click();
    expect(await theme()).toBe('light');
    await page.reload();
    await live(page);
    expect(await theme()).toBe('light');
  });
});
