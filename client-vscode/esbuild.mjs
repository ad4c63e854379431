// Bundles the extension into two files, which VS Code loads in a few milliseconds: what it activates, and the language
// client with its library, which is loaded only when the server is started.
import { build } from 'esbuild';

const options = {
  outdir: 'dist',
  bundle: true,
  minify: true,
  platform: 'node',
  format: 'cjs',
  target: 'node20',
  supported: { 'dynamic-import': false }, // becomes require, which finds client.js
  logLevel: 'warning',
};
await build({ ...options, entryPoints: ['src/extension.ts'], external: ['vscode', './client'] });
await build({ ...options, entryPoints: ['src/client.ts'], external: ['vscode'] });
