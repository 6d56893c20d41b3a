const STORAGE_KEY = 'cerberus.api-key';

/** The gateway injects the key only where it serves the page on loopback. */
export function injectedKey(): string | null {
  const content = document.querySelector('meta[name="cerberus-api-key"]')?.getAttribute('content');
  return content ? content : null;
}

export function storedKey(): string | null {
  return sessionStorage.getItem(STORAGE_KEY);
}

/** Kept for this tab only: closing it forgets the key. */
export function storeKey(key: string): void {
  sessionStorage.setItem(STORAGE_KEY, key);
}

export function forgetKey(): void {
  sessionStorage.removeItem(STORAGE_KEY);
}
