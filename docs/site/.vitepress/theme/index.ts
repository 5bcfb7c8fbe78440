/** The looks of the site: the default theme in our colours, a landing page with numbers, drawings. */
import type { Theme } from 'vitepress';
import DefaultTheme from 'vitepress/theme';
import { Numbers } from './numbers.ts';

import './colours.css';
import './blocks.css';
import './drawings.css';
import './landing.css';
import './layout.css';

export default {
  extends: DefaultTheme,
  enhanceApp({ app }) {
    app.component('Numbers', Numbers);
  },
} satisfies Theme;
