// How many bytes a browser loads for the core and a generated client.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { packageTool, ROOT, typedClient } from '../paths.mjs';

const core = (file) => join(ROOT, 'js', 'src', 'core', file);

/** What stands for the package in a browser: the same names, but for `connectModule`, of which the peer is kept. */
const BROWSER_ENTRY = `
export { ModuleClient } from ${JSON.stringify(core('client/module-client.ts'))};
export { method } from ${JSON.stringify(core('client/method.ts'))};
import { Peer } from ${JSON.stringify(core('peer/peer.ts'))};
export const connectModule = (...args) => new Peer(...args);
`;

const asBrowserPackage = {
  name: 'browser package',
  setup(build) {
    build.onResolve({ filter: /dist\/esm\/index\.js$|^synapse-worker$/ }, () => ({
      path: 'synapse-worker',
      namespace: 'browser',
    }));
    build.onLoad({ filter: /./, namespace: 'browser' }, () => ({
      contents: BROWSER_ENTRY,
      resolveDir: ROOT,
    }));
  },
};

export const bundle = {
  name: 'bundle',
  title: 'What a browser loads',
  about:
    "The peer, the codec and the typed module's generated client, bundled and minified by esbuild for a browser.",
  metrics: [
    { name: 'gzipKb', title: 'gzip', unit: 'KB', better: 'lower' },
    { name: 'minifiedKb', title: 'minified', unit: 'KB', better: 'lower' },
  ],
  opensItself: true,
  entrants: [{ key: 'synapse-typed', contender: 'synapse-typed', title: 'core and client' }],
  plans: { smoke: { rounds: 1 }, quick: { rounds: 1 }, full: { rounds: 1 } },

  async turn() {
    const { outputFiles } = await packageTool('esbuild').build({
      stdin: { contents: readFileSync(typedClient(), 'utf8'), resolveDir: ROOT },
      plugins: [asBrowserPackage],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      write: false,
    });
    const [{ contents }] = outputFiles;
    return {
      gzipKb: gzipSync(contents, { level: 9 }).length / 1000,
      minifiedKb: contents.length / 1000,
    };
  },
};
