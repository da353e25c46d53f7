import { gzipSync } from "node:zlib";
import react from "@vitejs/plugin-react";
import type { Plugin } from "vite";
import { defineConfig } from "vitest/config";

/** What a browser fetches before it shows anything, compressed: a dealer's phone waits for it. */
const FIRST_LOAD_KB = 300;

function firstLoad(): Plugin {
  return {
    name: "first-load",
    generateBundle(_, bundle) {
      const files = new Set<string>();
      const add = (file: string) => {
        const part = bundle[file];
        if (!part || files.has(file)) return;
        files.add(file);
        if (part.type === "chunk") [...part.imports, ...(part.viteMetadata?.importedCss ?? [])].forEach(add);
      };
      for (const part of Object.values(bundle)) {
        if (part.type === "chunk" && part.isEntry && part.facadeModuleId === `${import.meta.dirname}/index.html`) add(part.fileName);
      }
      const sizes = [...files].map((file) => {
        const part = bundle[file]!;
        return gzipSync(part.type === "chunk" ? part.code : part.source).length;
      });
      const kb = Math.ceil(sizes.reduce((sum, size) => sum + size, 0) / 1000);
      if (files.size === 0 || kb > FIRST_LOAD_KB) {
        this.error(`the first load is ${kb} kB in ${files.size} files, of at most ${FIRST_LOAD_KB}: fetch what not every page needs with the pages that do`);
      }
      this.info(`the first load is ${kb} kB in ${files.size} files`);
    },
  };
}

export default defineConfig({
  plugins: [react(), firstLoad()],
  build: {
    rollupOptions: {
      // The app, and the page that shows what can be called over REST.
      input: ["index.html", "docs/api/index.html"],
      // They are made of components alone, and do not say so.
      treeshake: { moduleSideEffects: [{ test: /\/node_modules\/@rc-component\//, sideEffects: false }] },
      output: {
        codeSplitting: {
          // What every page needs, in two files: what others wrote, which seldom changes, and the rest.
          groups: [
            { name: "vendor", tags: ["$initial"], test: /\/node_modules\/(?!swagger-ui-dist\/)/ },
            { name: "shell", tags: ["$initial"], test: /\/web\/src\/(?!reference\/)/ },
          ],
        },
      },
    },
    // The gateway's content security policy allows no inline scripts.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { host: "127.0.0.1" },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], setupFiles: ["src/i18n/both-languages.ts"] },
});
