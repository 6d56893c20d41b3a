import { connect, createServer, type Server, type Socket } from 'node:net';

/** Stands between a client and its server, and can swallow everything without closing anything. */
export class SilentProxy {
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  #isSilent = false;

  private constructor(target: { host: string; port: number }) {
    this.#server = createServer((client) => {
      const server = connect(target);
      this.#join(client, server);
      this.#join(server, client);
    });
  }

  static async open(target: string): Promise<{ proxy: SilentProxy; address: string }> {
    const [host = '', port = ''] = target.split(':');
    const proxy = new SilentProxy({ host, port: Number(port) });
    await new Promise<void>((resolve) => proxy.#server.listen(0, '127.0.0.1', resolve));
    const bound = proxy.#server.address() as { port: number };
    return { proxy, address: `127.0.0.1:${bound.port}` };
  }

  set silent(isSilent: boolean) {
    this.#isSilent = isSilent;
  }

  /** Cuts what is open; new connections may come. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  close(): void {
    this.cut();
    this.#server.close();
  }

  #join(from: Socket, to: Socket): void {
    this.#sockets.add(from);
    from.on('data', (bytes) => {
      if (!this.#isSilent) to.write(bytes);
    });
    from.on('error', () => to.destroy());
    from.on('close', () => {
      this.#sockets.delete(from);
      to.destroy();
    });
  }
}
