/** What the campaigns ask of a running platform, through its public interface only. */
export interface PlatformAddress {
  readonly url: string;
  apiKey(): string;
}

const REST_MS_MAX = 60_000;
const PAUSE_MS = 250;
const REQUEST_MS_MAX = 5000;
const PAGE = 100;
const AT_WORK = ['PENDING_NEW', 'NEW', 'PARTIALLY_FILLED', 'PENDING_CANCEL', 'UNKNOWN', 'PENDING'];

/** Cancels what rests, then waits until no order is open or unknown; what is still open when time is up. */
export async function comeToRest(platform: PlatformAddress): Promise<readonly string[]> {
  const deadline = Date.now() + REST_MS_MAX;
  for (;;) {
    const open = await openOrders(platform);
    if (open.length === 0 || Date.now() > deadline) return open;
    for (const id of open) await call(platform, `/orders/${id}`, 'DELETE');
    await pause(PAUSE_MS);
  }
}

async function openOrders(platform: PlatformAddress): Promise<string[]> {
  const pages = await Promise.all(
    AT_WORK.map((status) => call(platform, `/orders?limit=${PAGE}&status=${status}`)),
  );
  return pages.flatMap((page) =>
    (page as { items: { order_id: string }[] }).items.map(({ order_id }) => order_id),
  );
}

export async function call(
  platform: PlatformAddress,
  path: string,
  method: 'GET' | 'DELETE' = 'GET',
): Promise<unknown> {
  const response = await fetch(`${platform.url}/api/v1/risk${path}`, {
    method,
    headers: { 'x-api-key': platform.apiKey() },
    signal: AbortSignal.timeout(REQUEST_MS_MAX),
  });
  return response.json();
}

export function pause(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}

/** Nearest rank; zero of nothing. */
export function percentile(values: readonly number[], share: number): number {
  const sorted = [...values].sort((a, b) => a - b);
  return sorted[Math.max(0, Math.ceil(share * sorted.length) - 1)] ?? 0;
}
