/** Reads the navigation out of `docs/README.md`: its headings are the groups, its lists the pages. */
import { readFileSync } from 'node:fs';
import type { DefaultTheme } from 'vitepress';

const LINE = /^(?:## (?<group>.+)|- \[(?<text>[^\]]+)\]\((?<target>[^)]+)\).*)$/gm;

/** Groups that a reader opens when there is need, not on the way. */
const FOLDED = ['Inside'];

/**
 * Returns side bar and top bar.
 *
 * @throws Error where the index has no groups: a site without navigation must not be built.
 */
export function readNavigation(index: string): Pick<DefaultTheme.Config, 'sidebar' | 'nav'> {
  const sidebar: DefaultTheme.SidebarItem[] = [];
  for (const { groups } of readFileSync(index, 'utf8').matchAll(LINE)) {
    if (groups?.group !== undefined) {
      const folded = FOLDED.includes(groups.group) ? { collapsed: true } : {};
      sidebar.push({ text: groups.group, items: [], ...folded });
    } else if (groups?.text !== undefined && groups.target?.startsWith('..') === false) {
      sidebar.at(-1)?.items?.push({ text: plain(groups.text), link: address(groups.target) });
    }
  }
  const pages = sidebar.flatMap((group) => group.items ?? []);
  if (pages.length === 0) throw new Error(`${index} lists no pages`);
  return {
    sidebar,
    nav: ['Getting started', 'Environments', 'Errors', 'Benchmarks'].map((text) => {
      const link = pages.find((page) => page.text === text)?.link;
      if (link === undefined) throw new Error(`${index} has no page called ${text}`);
      return { text, link };
    }),
  };
}

function plain(text: string): string {
  return text.replaceAll('`', '');
}

/** `decisions/README.md` is `/decisions/`, `types.md` is `/types`. */
function address(target: string): string {
  return `/${target.replace(/README\.md$/, '').replace(/\.md$/, '')}`;
}
