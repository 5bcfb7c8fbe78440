/**
 * What a browser loads of us: a peer without abilities and a generated client, bundled and counted in bytes. It
 * must not grow unseen.
 */
import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { gzipSync } from 'node:zlib';
import { describe, expect, it } from '@jest/globals';
import { build, type Metafile, type Plugin } from 'esbuild';

const ROOT = join(__dirname, '..', '..');
const CORE = join(ROOT, 'js', 'src', 'core');
/** The client of `benchmarks/modules/browser`: records, scalars, moments, a stream and an error of its own type. */
const GENERATED = join(ROOT, 'tests', 'python', 'typescript', 'goldens', 'browser.ts');

/** What it was when this was written, and a little room for repairs. */
const MAX_GZIP_BYTES = 15_000;

/** Parts that only those need who ask for them: each has to be given to the peer, or named by the client. */
const OPTIONAL = [
  'client/caller-stack.ts',
  'client/instance-table.ts',
  'client/option-refusals.ts',
  'peer/id-table.ts',
  'peer/lent-segments.ts',
  'peer/method-shapes.ts',
  'peer/serving.ts',
  'peer/sliced-reception.ts',
  'protocol/answer-writer.ts',
  'protocol/codec/advice.ts',
  'protocol/codec/array-extension.ts',
  'protocol/codec/nd-array.ts',
  'protocol/codec/short-text.ts',
  'protocol/codec/streamable.ts',
  'protocol/codec/text-cache.ts',
  'protocol/codec/wide-integers.ts',
  'protocol/segmented-decoder.ts',
  'protocol/codec/open-container.ts',
  'protocol/codec/parts-writer.ts',
  'protocol/codec/sliced-writer.ts',
  'protocol/encoded-parts.ts',
  'protocol/sliced-arguments.ts',
  'protocol/slab-writer.ts',
  'schema/callbacks.ts',
  'schema/mappings.ts',
  'schema/recursion.ts',
  'schema/sequences.ts',
];

/** What generated files import; a runtime for browsers makes its connections of the peer. */
const ENTRY = `
export { method, plainMethod } from './client/define-method.js';
export { ModuleClient } from './client/module-client.js';
export { PythonError } from './protocol/errors.js';
import { Peer } from './peer/peer.js';
export const connectModule = (...settings) => new Peer(...settings);
`;

const asPackage: Plugin = {
  name: 'the package as browsers have it',
  setup(building) {
    building.onResolve({ filter: /^synapse-worker\/plan$/ }, () => ({
      path: join(CORE, 'schema', 'plans.ts'),
    }));
    building.onResolve({ filter: /^synapse-worker$/ }, () => ({
      path: 'entry',
      namespace: 'package',
    }));
    building.onLoad({ filter: /./, namespace: 'package' }, () => ({
      contents: ENTRY,
      resolveDir: CORE,
    }));
  },
};

async function bundled(): Promise<{ contents: Uint8Array; metafile: Metafile }> {
  const { outputFiles, metafile } = await build({
    stdin: { contents: readFileSync(GENERATED, 'utf8'), loader: 'ts' },
    plugins: [asPackage],
    ...{ bundle: true, minify: true, format: 'esm', platform: 'browser', target: 'es2022' },
    ...{ write: false, metafile: true },
  });
  return { contents: (outputFiles[0] as { contents: Uint8Array }).contents, metafile };
}

/** The files of the core of which something is in the bundle. */
function contributors({ outputs }: Metafile): string[] {
  return Object.values(outputs)
    .flatMap(({ inputs }) => Object.entries(inputs))
    .filter(([, { bytesInOutput }]) => bytesInOutput > 0)
    .map(([file]) => file.replace(/^.*src\/core\//, ''));
}

/** The largest parts, for whoever has to find what grew. */
function largest({ outputs }: Metafile): string {
  const inputs = Object.values(outputs).flatMap(({ inputs: parts }) => Object.entries(parts));
  return inputs
    .map(([file, { bytesInOutput }]) => ({ file, bytes: bytesInOutput }))
    .sort((one, other) => other.bytes - one.bytes)
    .slice(0, 10)
    .map(({ file, bytes }) => `${bytes} ${file}`)
    .join('\n');
}

describe('The core with a generated client, as a browser loads it', () => {
  it('does not grow, compressed', async () => {
    const { contents, metafile } = await bundled();
    const bytes = gzipSync(contents, { level: 9 }).length;
    if (bytes > MAX_GZIP_BYTES) {
      throw new Error(`It has ${bytes} bytes, minified ${contents.length}:\n${largest(metafile)}`);
    }
    // The core is in there: less would mean that something was left out of the count.
    expect(contributors(metafile)).toContain('peer/peer.ts');
  });

  it('holds no part that neither the client nor the peer was given', async () => {
    const { metafile } = await bundled();
    const parts = contributors(metafile);
    expect(OPTIONAL.filter((part) => parts.includes(part))).toEqual([]);
    for (const part of OPTIONAL) expect(existsSync(join(CORE, part))).toBe(true);
  });

  it('asks for nothing of Node', async () => {
    const { metafile } = await bundled();
    const imported = Object.values(metafile.outputs).flatMap(({ imports }) => imports);
    expect(imported).toEqual([]);
  });
});
