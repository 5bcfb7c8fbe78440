// How many bytes a browser loads for the core and a generated client.
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { generatedClient, packageTool, ROOT } from '../paths.mjs';

/** What stands for the package in a browser: the names that generated clients import, and the peer that a transport would be given to. */
const BROWSER_ENTRY = `
export { method, plainMethod } from './client/define-method.js';
export { ModuleClient } from './client/module-client.js';
export { PythonError } from './protocol/errors.js';
import { Peer } from './peer/peer.js';
export const connectModule = (...settings) => new Peer(...settings);
`;

const CORE = join(ROOT, 'js', 'src', 'core');

const asBrowserPackage = {
  name: 'browser package',
  setup(build) {
    build.onResolve({ filter: /schema\/plans\.js$|^synapse-worker\/plan$/ }, () => ({
      path: join(CORE, 'schema', 'plans.ts'),
    }));
    build.onResolve({ filter: /dist\/esm\/index\.js$|^synapse-worker$/ }, () => ({
      path: 'synapse-worker',
      namespace: 'browser',
    }));
    build.onLoad({ filter: /./, namespace: 'browser' }, () => ({
      contents: BROWSER_ENTRY,
      resolveDir: CORE,
    }));
  },
};

export const bundle = {
  name: 'bundle',
  title: 'What a browser loads',
  about:
    'The peer, the codec and a generated client, bundled and minified by esbuild for a browser. The typed client has records, scalars, a stream and an error of its own type; the smallest is of one function of numbers.',
  metrics: [
    { name: 'gzipKb', title: 'gzip', unit: 'KB', better: 'lower' },
    { name: 'minifiedKb', title: 'minified', unit: 'KB', better: 'lower' },
  ],
  opensItself: true,
  entrants: [
    {
      key: 'browser',
      contender: 'synapse-typed',
      title: 'core and typed client',
      about: 'the generated client of `benchmarks/modules/browser`',
    },
    {
      key: 'smallest',
      contender: 'synapse-typed',
      title: 'core and smallest client',
      about: 'the generated client of `benchmarks/modules/smallest`',
    },
  ],
  plans: { smoke: { rounds: 1 }, quick: { rounds: 1 }, full: { rounds: 1 } },

  async turn(_contender, _plan, { key }) {
    const { outputFiles } = await packageTool('esbuild').build({
      stdin: { contents: readFileSync(generatedClient(key), 'utf8'), resolveDir: ROOT },
      plugins: [asBrowserPackage],
      bundle: true,
      minify: true,
      format: 'esm',
      platform: 'browser',
      target: 'es2022',
      write: false,
    });
    const [{ contents }] = outputFiles;
    return {
      gzipKb: gzipSync(contents, { level: 9 }).length / 1000,
      minifiedKb: contents.length / 1000,
    };
  },
};
