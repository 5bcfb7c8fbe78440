/**
 * Makes links that are right in the repository right on the site.
 *
 * A folder's `README.md` is its index here. What stands outside `docs/` is not part of the site: such a link
 * keeps its text and says where the file is.
 */
import { existsSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import type { MarkdownRenderer } from 'vitepress';

export function resolveLinks(md: MarkdownRenderer, docs: string): void {
  md.core.ruler.push('links-of-the-repository', (state) => {
    for (const { children } of state.tokens) {
      const outside: string[] = [];
      for (const token of children ?? []) {
        if (token.type === 'link_open') {
          const href = token.attrGet('href') ?? '';
          const path = leavesDocs(href, docs, dirname(state.env.path));
          outside.push(path ?? '');
          if (path === undefined) {
            token.attrSet(
              'href',
              href.replace(/README\.md(?=#|$)/, indexOf(href, state.env.path, docs)),
            );
          } else {
            token.tag = 'span';
            token.type = 'outside_open';
            token.attrs = [
              ['class', 'outside'],
              ['title', `${path} in the repository`],
            ];
          }
        } else if (token.type === 'link_close' && outside.pop()) {
          token.tag = 'span';
          token.type = 'outside_close';
        }
      }
    }
  });
}

/** The file from the root of the repository, where a link leads out of `docs/`; else undefined. */
function leavesDocs(href: string, docs: string, folder: string): string | undefined {
  if (/^[a-z]+:|^[#/]/.test(href)) return undefined;
  const path = join(folder, href.replace(/#.*/, ''));
  const local = relative(docs, path);
  if (!local.startsWith('..') && (path.endsWith('.md') || !existsSync(path))) return undefined;
  return relative(join(docs, '..'), path);
}

/** What a folder's `README.md` is called here; that of `docs/` itself stands beside the landing page. */
function indexOf(href: string, page: string, docs: string): string {
  return join(dirname(page), dirname(href)) === join(docs, '.') ? 'contents.md' : 'index.md';
}
