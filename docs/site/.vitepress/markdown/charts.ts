/**
 * Puts the charts of the benchmarks into their page, where they follow its light and dark.
 *
 * As an image of its own a chart follows the system's, which need not be what the reader has chosen here.
 */
import { readFileSync } from 'node:fs';
import { dirname, join } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

const STYLE = /<style>.*?<\/style>/s;

export function inlineCharts(md: MarkdownRenderer, docs: string): void {
  const { image } = md.renderer.rules;
  if (image === undefined) throw new Error('the generator has no rule for images any more');
  md.renderer.rules.image = (tokens, index, options, env, self) => {
    const source = tokens[index]?.attrGet('src') ?? '';
    if (!source.endsWith('.svg')) return image(tokens, index, options, env, self);
    const svg = readFileSync(join(docs, dirname(env.relativePath), source), 'utf8');
    return `<span class="chart" v-pre>${svg.replace(STYLE, '')}</span>`;
  };
}
