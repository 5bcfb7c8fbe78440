/** How our own command is typed by whoever reads it: npm puts nothing on PATH, `npx` finds it. */

const IN_A_SENTENCE = /(?<=`)synapse (?=(?:bundle|call|dev|doctor|env|generate|init|schema)\b)/g;

/** A sentence of the Python wing with the commands in it (between backticks) as they are typed here. */
export function asTyped(sentence: string): string {
  return sentence.replace(IN_A_SENTENCE, 'npx synapse ');
}
