import { defineConfig } from 'vite';

/** The gateway that `vite` (development) talks to; the built files are served by the gateway itself. */
const gateway = process.env.CERBERUS_GATEWAY_URL ?? 'http://127.0.0.1:8080';

export default defineConfig({
  base: './',
  build: { outDir: 'dist', emptyOutDir: true, target: 'es2023', assetsInlineLimit: 0 },
  server: {
    host: '127.0.0.1',
    proxy: { '/api': gateway, '/stream': { target: gateway, ws: true } },
  },
});
