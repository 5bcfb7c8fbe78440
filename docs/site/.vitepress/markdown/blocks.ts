/**
 * Code blocks as this documentation writes them.
 *
 * The first line of a file block is a comment with the file's name, which `tests/docs` writes it to; here it
 * becomes the block's title. A `text` block is what the block before it printed. A `mermaid` block is drawn.
 */
import type { MarkdownRenderer } from 'vitepress';
import { drawDiagram } from './diagrams.ts';

const FILE_NAME = /^(?:#|\/\/) (?<name>\S+\.\w+)\n/;

export function renderBlocks(md: MarkdownRenderer): void {
  const { fence } = md.renderer.rules;
  if (fence === undefined) throw new Error('the generator has no rule for code blocks any more');
  md.renderer.rules.fence = (tokens, index, options, env, self) => {
    const token = tokens[index];
    if (token === undefined) return '';
    if (token.info === 'mermaid') return drawDiagram(token.content);
    const name = FILE_NAME.exec(token.content)?.groups?.name;
    if (name !== undefined) token.content = token.content.replace(FILE_NAME, '');
    const html = fence(tokens, index, options, env, self);
    if (name !== undefined) return titled(md.utils.escapeHtml(name), 'file', html);
    if (token.info === 'bash') return titled('Terminal', 'terminal', html);
    if (token.info === 'text') return titled('Output', 'output', html);
    return html;
  };
}

function titled(title: string, kind: string, html: string): string {
  return `<div class="block ${kind}"><div class="block-title">${title}</div>${html}</div>\n`;
}
