// All the extensions there are, for whoever cannot know which values will come.

import { ARRAYS } from './array-extension.js';
import { allOf, type Extensions } from './extension-tables.js';
import { REFERENCES } from './reference-extensions.js';

export const ALL_EXTENSIONS: Extensions = /* @__PURE__ */ allOf(ARRAYS, REFERENCES);
