import { SystemClock } from '@cerberus/runtime';
import { startVenueSim, type VenueSim, type VenueSimOptions } from '@cerberus/service-venue-sim';
import { ApiCredentials } from '@cerberus/venues';

export const clock = new SystemClock();

export const ACCOUNT = {
  apiKey: 'test-key',
  secret: 'test-secret',
  account: 'alice',
  spot: { USDT: '1000000', BTC: '10', ETH: '100' },
  futures: { USDT: '1000000' },
};
export const OTHER_ACCOUNT = {
  apiKey: 'other-key',
  secret: 'other-secret',
  account: 'bob',
  spot: { USDT: '1000000', BTC: '10' },
  futures: { USDT: '1000000' },
};

export const credentials = new ApiCredentials(ACCOUNT.apiKey, ACCOUNT.secret);
export const otherCredentials = new ApiCredentials(OTHER_ACCOUNT.apiKey, OTHER_ACCOUNT.secret);

export function startSim(options: Partial<VenueSimOptions> = {}): Promise<VenueSim> {
  return startVenueSim({ clock, accounts: [ACCOUNT, OTHER_ACCOUNT], seed: 7, ...options });
}

export async function until(condition: () => boolean, what: string): Promise<void> {
  for (let i = 0; i < 400; i += 1) {
    if (condition()) return;
    await clock.sleep(25);
  }
  throw new Error(`never came: ${what}`);
}
