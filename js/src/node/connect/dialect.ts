/**
 * Which dialect an entrypoint speaks, decided from its source without running it: one that imports
 * `synapse_worker` is native, any other a raw script that reads and writes frames itself.
 */

/** An import statement at the start of a line: `from synapse_worker…` or `import …, synapse_worker`. */
const IMPORTS_RUNTIME =
  /^[ \t]*(?:from[ \t]+synapse_worker(?![\w])|import[ \t]+(?:[\w.]+(?:[ \t]+as[ \t]+\w+)?[ \t]*,[ \t]*)*synapse_worker(?![\w]))/m;

export function dialectOf(source: string): 'native' | 'raw' {
  return IMPORTS_RUNTIME.test(source) ? 'native' : 'raw';
}
