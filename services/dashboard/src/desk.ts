import { createContext, useContext } from 'react';
import { createAlertStore } from './alerts/alert-store.ts';
import { GatewayApi, reasonOf } from './connection/gateway-api.ts';
import { createStore, type Store } from './connection/store.ts';
import {
  type SocketLike,
  StreamConnection,
  type StreamStatus,
} from './connection/stream-connection.ts';
import {
  STREAM_BASE,
  STREAM_NAMES,
  type StreamMessage,
  type StreamName,
  streamProtocols,
  subscription,
} from './contract.ts';
import { createControlStore } from './control/control-store.ts';
import { createMarketStore } from './market/market-store.ts';
import { createOrderStore } from './orders/order-store.ts';
import { createPositionStore } from './positions/position-store.ts';
import { createRiskStore, HISTORY_CAPACITY } from './risk/risk-store.ts';

export type StreamStatuses = Partial<Record<StreamName, StreamStatus>>;

const CONTROL_POLL_MS = 3000;
const TERMS_POLL_MS = 20_000;

/** Everything live on the page: the gateway's client, the five streams and the stores they fill. */
export interface Desk {
  api: GatewayApi;
  market: ReturnType<typeof createMarketStore>;
  positions: ReturnType<typeof createPositionStore>;
  risk: ReturnType<typeof createRiskStore>;
  orders: ReturnType<typeof createOrderStore>;
  alerts: ReturnType<typeof createAlertStore>;
  control: ReturnType<typeof createControlStore>;
  statuses: Store<StreamStatuses>;
  refreshControl: () => Promise<void>;
  /** Puts what was before in front of an account's risk figures, once. */
  readRiskHistory: (account: string) => Promise<void>;
  start: () => void;
  stop: () => void;
}

export function createDesk(key: string, onUnauthorised: () => void): Desk {
  const api = new GatewayApi(key, onUnauthorised);
  const market = createMarketStore();
  const positions = createPositionStore();
  const risk = createRiskStore();
  const orders = createOrderStore();
  const alerts = createAlertStore();
  const control = createControlStore();
  const statuses = createStore<StreamStatuses>({});

  const receivers: Record<StreamName, (message: StreamMessage) => void> = {
    'market-data': (message) => market.receive(message, Date.now()),
    greeks: (message) => positions.receive(message),
    'risk-metrics': (message) => risk.receive(message, Date.now()),
    orders: (message) => orders.receive(message),
    alerts: (message) => alerts.receive(message),
  };
  const streams = STREAM_NAMES.map((name) =>
    openStream(name, key, {
      onMessage: receivers[name],
      onStatus: (status) => statuses.update((all) => ({ ...all, [name]: status })),
    }),
  );

  const refreshControl = () => readControl(api, control);
  const historyRead = new Set<string>();
  const readRiskHistory = async (account: string) => {
    if (historyRead.has(account)) return;
    historyRead.add(account);
    // Where it cannot be read the chart begins with the page.
    const points = await api.riskHistory(account, HISTORY_CAPACITY).catch(() => []);
    risk.addHistory(account, points);
  };
  const refreshTerms = async () => positions.setTerms(await api.positions());

  const stops: (() => void)[] = [];
  return {
    api,
    market,
    positions,
    risk,
    orders,
    alerts,
    control,
    statuses,
    refreshControl,
    readRiskHistory,
    start() {
      for (const stream of streams) stream.start();
      stops.push(repeat(refreshControl, CONTROL_POLL_MS), repeat(refreshTerms, TERMS_POLL_MS));
      void readHistory(api, orders);
    },
    stop() {
      for (const stream of streams) stream.stop();
      for (const stop of stops.splice(0)) stop();
    },
  };
}

async function readControl(api: GatewayApi, control: Desk['control']): Promise<void> {
  const [leader, kill] = await Promise.allSettled([api.leader(), api.killSwitches()]);
  control.update((state) => ({
    leader: leader.status === 'fulfilled' ? leader.value : state.leader,
    leaderProblem: leader.status === 'rejected' ? reasonOf(leader.reason) : null,
    engaged: kill.status === 'fulfilled' ? kill.value.filter((each) => each.active) : state.engaged,
    killProblem: kill.status === 'rejected' ? reasonOf(kill.reason) : null,
  }));
}

/** What happened before the streams began; where it cannot be read the streams' snapshots stand. */
async function readHistory(api: GatewayApi, orders: Desk['orders']): Promise<void> {
  const [past, fills] = await Promise.allSettled([api.orders(), api.executions()]);
  orders.addHistory({
    ...(past.status === 'fulfilled' ? { orders: past.value } : {}),
    ...(fills.status === 'fulfilled' ? { fills: fills.value } : {}),
  });
}

function openStream(
  name: StreamName,
  key: string,
  listener: {
    onMessage: (message: StreamMessage) => void;
    onStatus: (status: StreamStatus) => void;
  },
): StreamConnection {
  const address = new URL(`${STREAM_BASE}/${name}`, location.href);
  address.protocol = address.protocol === 'https:' ? 'wss:' : 'ws:';
  return new StreamConnection({
    ...listener,
    open: () => new WebSocket(address, streamProtocols(key)) as unknown as SocketLike,
    subscription: (lastSeq) => subscription(name, lastSeq),
    nowMs: () => Date.now(),
    schedule(action, delayMs) {
      const timer = setTimeout(action, delayMs);
      return () => clearTimeout(timer);
    },
  });
}

/** Runs one after another, never two at once; a failure is tried again at the next turn. */
function repeat(action: () => Promise<void>, everyMs: number): () => void {
  let timer: ReturnType<typeof setTimeout> | null = null;
  let stopped = false;
  const turn = () => {
    const again = () => {
      if (!stopped) timer = setTimeout(turn, everyMs);
    };
    action().then(again, again);
  };
  turn();
  return () => {
    stopped = true;
    if (timer !== null) clearTimeout(timer);
  };
}

const DeskContext = createContext<Desk | null>(null);
export const DeskProvider = DeskContext.Provider;

export function useDesk(): Desk {
  const desk = useContext(DeskContext);
  if (desk === null) throw new Error('useDesk needs a DeskProvider above it');
  return desk;
}
