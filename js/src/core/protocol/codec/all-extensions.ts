// All the extensions there are, for whoever cannot know which values will come.

import { ADVICE } from './advice.js';
import { ARRAYS } from './array-extension.js';
import { allOf, type Extensions } from './extension-tables.js';
import { REFERENCES } from './reference-extensions.js';
import { TextCache } from './text-cache.js';
import { WIDE_INTEGERS } from './wide-integers.js';

/** The longest text whose length MessagePack puts into its first byte. */
const MAX_SHORT_BYTES = 31;
const KEPT_KEYS = 1024;
/** Values too come again and again, as names of kinds and states do: made once, they take no memory each time. */
const KEPT_TEXTS = 2048;
const KEPT_TEXT_BYTES = 15;
function all(): Extensions {
  return {
    advice: ADVICE,
    ...allOf(ARRAYS, REFERENCES, WIDE_INTEGERS),
    keys: new TextCache(KEPT_KEYS, MAX_SHORT_BYTES),
    texts: new TextCache(KEPT_TEXTS, KEPT_TEXT_BYTES),
  };
}

export const ALL_EXTENSIONS: Extensions = /* @__PURE__ */ all();
