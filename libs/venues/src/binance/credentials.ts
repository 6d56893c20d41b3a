import { createHmac } from 'node:crypto';
import { inspect } from 'node:util';

/** An API key and its secret. The secret cannot be read back, printed or serialised. */
export class ApiCredentials {
  readonly apiKey: string;
  readonly #secret: string;

  constructor(apiKey: string, secret: string) {
    this.apiKey = apiKey;
    this.#secret = secret;
  }

  /** HMAC-SHA256 in lower-case hex over the exact characters sent. */
  sign(payload: string): string {
    return createHmac('sha256', this.#secret).update(payload, 'utf8').digest('hex');
  }

  toJSON(): string {
    return '[credentials]';
  }

  [inspect.custom](): string {
    return '[credentials]';
  }
}
