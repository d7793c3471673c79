import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync, gzipSync } from 'node:zlib';
import tailwindcss from '@tailwindcss/vite';
import react from '@vitejs/plugin-react';
import { defineConfig, type Plugin } from 'vite';

/** Below this, compressing saves less than a packet. */
const WORTH_BYTES = 1500;

/** Writes each file a second and third time, compressed once here instead of at every request. */
function compressed(): Plugin {
  return {
    name: 'penny:compressed',
    // Of the files as they were written: until then Vite still changes the code of a chunk.
    async writeBundle({ dir = '' }, bundle) {
      for (const fileName of Object.keys(bundle)) {
        const path = join(dir, fileName);
        const source = await readFile(path);
        if (source.length < WORTH_BYTES) continue;
        await writeFile(`${path}.br`, brotliCompressSync(source));
        await writeFile(`${path}.gz`, gzipSync(source));
      }
    },
  };
}

/** The page: built into dist/web/client and served by the web server; in development `/api` and `/auth` go to a running one. */
export default defineConfig({
  root: 'web/client',
  plugins: [react(), tailwindcss(), compressed()],
  build: {
    outDir: '../../dist/web/client',
    emptyOutDir: true,
    // echarts, which is loaded only when an answer has a chart, is the one large file.
    chunkSizeWarningLimit: 700,
    modulePreload: { polyfill: false },
  },
  // The Host stays that of the page, so that the server sees its own site in Origin.
  server: { proxy: { '/api': 'http://127.0.0.1:3000', '/auth': 'http://127.0.0.1:3000' } },
});
