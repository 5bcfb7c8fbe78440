/**
 * Which dialect an entrypoint speaks, decided from its source without running it: one that imports
 * `synapse_worker` is native, one that never mentions it a raw script that reads and writes frames
 * itself. The worker has the same rules (`worker/dialect.py`), for callers that leave it to decide.
 * Where the source does not show it, the way the module is started does (`module.ts`).
 */

export type Decision = 'native' | 'raw' | 'undecided';

/**
 * An import statement, at the start of a line or behind `;` or `:`: `from synapse_worker…` or
 * `import …, synapse_worker`.
 */
const IMPORTS_RUNTIME =
  /(?:^|[;:])[ \t]*(?:from[ \t]+synapse_worker(?![\w])|import[ \t]+(?:[\w.]+(?:[ \t]+as[ \t]+\w+)?[ \t]*,[ \t]*)*synapse_worker(?![\w]))/m;

const BYTE_ORDER_MARK = /^\ufeff/;

/** A backslash at the end of a line: the statement goes on in the next. */
const FOLD = /\\\r?\n/g;

/** Comments and strings, docstrings too: what they say of an import imports nothing. */
const PROSE =
  /#[^\n]*|("""|''')(?:\\[\s\S]|(?!\1)[\s\S])*\1|"(?:\\.|[^"\\\n])*"|'(?:\\.|[^'\\\n])*'/g;

export function dialectOf(source: string): Decision {
  if (!source.includes('synapse_worker')) return 'raw';
  const code = source.replace(BYTE_ORDER_MARK, '').replace(PROSE, '""').replace(FOLD, ' ');
  if (IMPORTS_RUNTIME.test(code)) return 'native';
  return /\bstdin\b/.test(code) ? 'raw' : 'undecided';
}
