/** A route that needs no web framework: the gateway and the health server both mount it. */
export interface HttpRoute {
  readonly method: 'GET' | 'POST' | 'PUT' | 'PATCH' | 'DELETE';
  /** Segments starting with `:` are parameters, e.g. `/executions/:order_id`. */
  readonly path: string;
  handle(request: HttpRouteRequest): HttpRouteReply | Promise<HttpRouteReply>;
}

export interface HttpRouteRequest {
  readonly params: Readonly<Record<string, string>>;
  readonly query: Readonly<Record<string, string>>;
  /** Parsed JSON, undefined when there was none. */
  readonly body: unknown;
}

export interface HttpRouteReply {
  readonly status: number;
  /** A string is sent as it is, anything else as JSON. */
  readonly body: unknown;
  readonly contentType?: string;
}
