/** What a call costs, in a few figures: `<Numbers />` on the landing page. */
import { withBase } from 'vitepress';
import { h } from 'vue';
import { data as figures } from './numbers.data.ts';

export function Numbers() {
  return [
    h(
      'dl',
      { class: 'numbers' },
      figures.map(({ value, what, than }) =>
        h('div', [h('dt', [what, h('small', than)]), h('dd', value)]),
      ),
    ),
    h('p', { class: 'source' }, [
      'Medians of ',
      h('a', { href: withBase('/benchmarks.html') }, 'one published run on two cores'),
      ', against raw pipes and the other ways to call Python from Node. What was not reached is there, too.',
    ]),
  ];
}
