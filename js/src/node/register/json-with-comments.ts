/** Reads JSON as tsconfig files are written: with comments and trailing commas. */

/** A string, a comment, or a comma with nothing but space and comments before a closing bracket. */
const PIECE =
  /("(?:[^"\\]|\\.)*")|\/\/[^\n]*|\/\*[\s\S]*?\*\/|,(?=(?:\s|\/\/[^\n]*|\/\*[\s\S]*?\*\/)*[}\]])/g;

/** @throws SyntaxError when it is no JSON even so */
export function parseJsonWithComments(text: string): unknown {
  return JSON.parse(
    text.replace(/^\uFEFF/, '').replace(PIECE, (_, string?: string) => string ?? ''),
  );
}
