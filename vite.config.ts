import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig } from 'vite';

/** The page: built into dist/web/client and served by the web server; in development `/api` goes to a running one. */
export default defineConfig({
  root: 'web/client',
  plugins: [react(), tailwindcss()],
  build: {
    outDir: '../../dist/web/client',
    emptyOutDir: true,
    // echarts, which is loaded only when an answer has a chart, is the one large file.
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
  },
  server: { proxy: { '/api': { target: 'http://127.0.0.1:3000', changeOrigin: true } } },
});
