import react from "@vitejs/plugin-react";
import { defineConfig } from "vitest/config";

export default defineConfig({
  plugins: [react()],
  build: {
    // The app, and the page that shows what can be called over REST.
    rollupOptions: { input: ["index.html", "docs/api/index.html"] },
    // The gateway's content security policy allows no inline scripts.
    modulePreload: { polyfill: false },
    chunkSizeWarningLimit: 700,
  },
  server: { host: "127.0.0.1" },
  test: { include: ["src/**/*.test.ts", "src/**/*.test.tsx"], setupFiles: ["src/i18n/both-languages.ts"] },
});
