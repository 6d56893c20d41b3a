import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and its server and holds every answer back for a while. */
export class SlowProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  delayMs = 0;

  private constructor(port: number) {
    this.#server = createServer((client) => {
      const server = connect(port, '127.0.0.1');
      this.#join(client, server, () => 0);
      this.#join(server, client, () => this.delayMs);
    });
  }

  static async open(port: number): Promise<{ proxy: SlowProxy; port: number }> {
    const proxy = new SlowProxy(port);
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    return { proxy, port: (proxy.#server.address() as { port: number }).port };
  }

  close(): void {
    for (const socket of this.#sockets) socket.destroy();
    this.#server.close();
  }

  #join(from: Socket, to: Socket, delayMs: () => number): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => {
      if (delayMs() === 0) to.write(bytes);
      else setTimeout(() => to.write(bytes), delayMs());
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
