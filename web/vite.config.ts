import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

const isBase = (id: string): boolean =>
  (/\/node_modules\//.test(id) && !/\/uplot\//.test(id)) || /\/web\/src\/(api|shell|components)\/(?!chart)[\w-]+\.tsx?$/.test(id);

/** The strict content security policy of the server allows files of its own only: nothing is inlined, nothing comes from elsewhere. */
export default defineConfig({
  root: import.meta.dirname,
  plugins: [react()],
  // The language packs and pages beside the first load are fetched when they are needed.
  build: {
    outDir: 'dist',
    emptyOutDir: true,
    assetsInlineLimit: 0,
    modulePreload: { polyfill: false },
    target: 'es2023',
    rolldownOptions: {
      output: {
        // What every page needs is one file: over HTTP/1.1 twenty small ones take longer than their bytes.
        codeSplitting: { groups: [{ name: 'base', test: isBase }] },
      },
    },
  },
  server: { host: '127.0.0.1' },
});
