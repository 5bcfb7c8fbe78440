/**
 * The documentation site: the pages of `docs/` as they stand, plus the landing page beside this folder.
 *
 * Owns where pages come from and go to. How Markdown becomes HTML is in `markdown/`, the looks are in `theme/`,
 * the navigation is read from `docs/README.md`. Nothing here may make a page ask another host for anything.
 */
import { readFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitepress';
import { renderBlocks } from './markdown/blocks.ts';
import { inlineCharts } from './markdown/charts.ts';
import { resolveLinks } from './markdown/links.ts';
import { readNavigation } from './navigation.ts';

const site = (path: string) => fileURLToPath(new URL(`../${path}`, import.meta.url));
const docs = site('..').replace(/\/$/, '');
const logo = `data:image/svg+xml,${encodeURIComponent(
  readFileSync(new URL('./theme/logo.svg', import.meta.url), 'utf8'),
)}`;

export default defineConfig({
  title: 'Synapse',
  description: 'Call Python functions from TypeScript as if they were local.',
  lang: 'en',
  head: [
    ['link', { rel: 'icon', href: logo }],
    ['meta', { name: 'referrer', content: 'no-referrer' }],
  ],
  // Works from any folder of any server; `SYNAPSE_DOCS_BASE=/name/` where it does not stand at the root.
  base: process.env.SYNAPSE_DOCS_BASE ?? '/',
  srcDir: docs,
  outDir: `${docs}/.site`,
  cacheDir: site('.vitepress/cache'),
  srcExclude: ['site/node_modules/**', '.site/**'],
  rewrites: {
    'site/index.md': 'index.md',
    'README.md': 'contents.md',
    'decisions/README.md': 'decisions/index.md',
  },
  cleanUrls: false,
  metaChunk: true,
  vite: {
    plugins: [
      {
        name: 'packages-of-the-site',
        enforce: 'pre',
        // The pages stand above this folder, where its packages are not found.
        async resolveId(source, importer, options) {
          if (!source.startsWith('vue') || importer?.endsWith('.md') !== true) return null;
          return this.resolve(source, site('index.md'), { ...options, skipSelf: true });
        },
      },
    ],
  },
  markdown: {
    theme: { light: 'github-light', dark: 'github-dark' },
    // Anchors are those that the code host makes of the same headings, so that one link serves both.
    anchor: { slugify: slug },
    toc: { level: [2, 3] },
    config(md) {
      renderBlocks(md);
      inlineCharts(md, docs);
      resolveLinks(md, docs);
    },
  },
  themeConfig: {
    logo,
    outline: [2, 3],
    search: {
      provider: 'local',
      options: {
        detailedView: true,
        // What a reader wants to do comes before how it is made. Sent to the browser as text: nothing from outside.
        miniSearch: {
          searchOptions: {
            boostDocument: (page: string) =>
              /\/(decisions\/|protocol|schema|benchmarks|architecture)/.test(page) ? 0.2 : 1,
          },
        },
      },
    },
    externalLinkIcon: true,
    ...readNavigation(`${docs}/README.md`),
  },
});

/** The fragment of a heading as code hosts form it; `tests/docs` holds links to the same rule. */
function slug(heading: string): string {
  return heading
    .toLowerCase()
    .replace(/[^\p{L}\p{N}\p{M}_\- ]/gu, '')
    .replaceAll(' ', '-');
}
