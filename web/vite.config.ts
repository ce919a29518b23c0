import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The strict content security policy of the server allows files of its own only: nothing is inlined, nothing comes from elsewhere. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // The language packs and pages beside the first load are fetched when they are needed.
  build: { outDir: 'dist', emptyOutDir: true, assetsInlineLimit: 0, modulePreload: { polyfill: false }, target: 'es2023' },
  server: { host: '127.0.0.1' },
});
