/**
 * Reads one table, `[tool.synapse]`, from the text of a pyproject.toml.
 *
 * Keys with strings, lists of strings, integers and booleans do not justify a TOML dependency (docs/decisions): this
 * reader walks the file's tables, skips every other one, and refuses what it does not understand
 * in its own, so nothing is ever half read.
 */
import { SynapseError } from '../../core/protocol/errors.js';

export type ToolValue = string | number | boolean | readonly string[];

const HEADER = /^\[\s*("?)tool\1\s*\.\s*("?)synapse\2\s*\]\s*(?:#.*)?$/;
/** Other ways to write the same table, which this reader does not follow. */
const ELSEWHERE =
  /^(?:tool\s*\.\s*synapse\s*[.=]|\[\s*tool\s*\.\s*synapse\s*\.|\[\[\s*tool\s*\.\s*synapse)/;
/** Tables below it that belong to `synapse generate` and `synapse bundle`. */
const FOR_COMMANDS = /^\[\s*tool\s*\.\s*synapse\s*\.\s*(?:generate|types|bundle)\s*[.\]]/;
const TOOL_HEADER = /^\[\s*("?)tool\1\s*\]/;
const IN_TOOL = /^synapse\s*[.=]/;
const ANY_HEADER = /^\[/;
const KEY_VALUE = /^([A-Za-z0-9_-]+)\s*=\s*(.+)$/;
const BASIC_STRING = /^("(?:[^"\\]|\\.)*")\s*(?:#.*)?$/;
const LITERAL_STRING = /^'([^']*)'\s*(?:#.*)?$/;
const INTEGER = /^([+-]?\d+(?:_\d+)*)\s*(?:#.*)?$/;
/** A string in a list; three quotes would begin another kind. */
const LIST_STRING = /^(?:"(?!"")(?:[^"\\]|\\.)*"|'(?!'')[^']*')/;
const LIST_END = /^\]\s*(?:#.*)?$/;
const BOOLEAN = /^(true|false)\s*(?:#.*)?$/;

/** Returns the table's keys and values; undefined when the file has no such table. */
export function readToolTable(text: string): Map<string, ToolValue> | undefined {
  let table: Map<string, ToolValue> | undefined;
  let inside = false;
  let insideTool = false;
  let multiline: string | undefined;
  const lines = text.split(/\r?\n/);
  for (let index = 0; index < lines.length; index++) {
    const line = (lines[index] ?? '').trim();
    if (multiline !== undefined) {
      multiline = openMultiline(line, multiline);
      continue;
    }
    if (HEADER.test(line)) {
      if (table !== undefined) throw refusal(index, 'the table appears twice');
      table = new Map();
      inside = true;
    } else if (FOR_COMMANDS.test(line)) {
      inside = false;
      insideTool = false;
    } else if (ELSEWHERE.test(line) || (insideTool && IN_TOOL.test(line))) {
      throw refusal(index, 'write it as a plain table, [tool.synapse], with key = value lines');
    } else if (ANY_HEADER.test(line)) {
      inside = false;
      insideTool = TOOL_HEADER.test(line);
    } else if (inside && table !== undefined && line !== '' && !line.startsWith('#')) {
      const pair = readPair(lines, index);
      if (table.has(pair.key)) throw refusal(index, `${pair.key} appears twice`);
      table.set(pair.key, pair.value);
      index = pair.last;
    } else if (!inside) {
      multiline = openMultiline(line);
    }
  }
  return table;
}

interface Pair {
  readonly key: string;
  readonly value: ToolValue;
  /** Index of the line where the value ends: a list may go on over several. */
  readonly last: number;
}

function readPair(lines: readonly string[], index: number): Pair {
  const line = (lines[index] ?? '').trim();
  const [, key, value] = KEY_VALUE.exec(line) ?? [];
  if (key === undefined || value === undefined) throw refusal(index, `cannot read "${line}"`);
  if (value.startsWith('[')) return { key, ...readList(lines, index, key, value.slice(1)) };
  return { key, value: readValue(key, value, index), last: index };
}

/** Reads a list of strings, from behind its opening bracket on. */
function readList(
  lines: readonly string[],
  index: number,
  key: string,
  start: string,
): Omit<Pair, 'key'> {
  const value: string[] = [];
  let rest = start;
  let last = index;
  let isSeparated = true;
  for (;;) {
    rest = rest.trim();
    const text = LIST_STRING.exec(rest)?.[0];
    if (LIST_END.test(rest)) return { value, last };
    if (rest === '' || rest.startsWith('#')) {
      last++;
      if (last >= lines.length) throw refusal(index, `the list ${key} has no end`);
      rest = lines[last] ?? '';
    } else if (rest.startsWith(',') && !isSeparated) {
      isSeparated = true;
      rest = rest.slice(1);
    } else if (text !== undefined && isSeparated) {
      value.push(text.startsWith("'") ? text.slice(1, -1) : readEscapes(text, last));
      isSeparated = false;
      rest = rest.slice(text.length);
    } else throw refusal(last, `${key} must be a list of strings`);
  }
}

function readValue(key: string, value: string, index: number): ToolValue {
  const basic = BASIC_STRING.exec(value)?.[1];
  if (basic !== undefined) return readEscapes(basic, index);
  const literal = LITERAL_STRING.exec(value)?.[1];
  if (literal !== undefined) return literal;
  const integer = INTEGER.exec(value)?.[1];
  if (integer !== undefined) return Number(integer.replaceAll('_', ''));
  const boolean = BOOLEAN.exec(value)?.[1];
  if (boolean !== undefined) return boolean === 'true';
  const kinds = 'a string on one line, a list of those, an integer, or true or false';
  throw refusal(index, `${key} must be ${kinds}`);
}

/** The escapes that TOML and JSON share are all that names and paths need. */
function readEscapes(quoted: string, index: number): string {
  try {
    return JSON.parse(quoted) as string;
  } catch {
    throw refusal(index, `cannot read the escapes of ${quoted}`);
  }
}

/** The pieces of a line that may hold quotes: a comment, opening quotes, a string on one line. */
const PIECE = /#.*|"""|'''|"(?:[^"\\]|\\.)*"|'[^']*'/g;
/** What a multi-line string holds up to its end; up to two quotes may stand right before that. */
const CLOSING = new Map([
  ['"""', /^(?:[^"\\]|\\.|"(?!""))*"{3,5}/],
  ["'''", /^.*?'{3,5}/],
]);

/** The quotes of the multi-line string that is open after this line; `open` are those before it. */
function openMultiline(line: string, open?: string): string | undefined {
  let rest = line;
  let quotes = open;
  for (;;) {
    if (quotes !== undefined) {
      const closing = CLOSING.get(quotes)?.exec(rest)?.[0];
      if (closing === undefined) return quotes;
      rest = rest.slice(closing.length);
    }
    const opening = [...rest.matchAll(PIECE)].find(([piece]) => CLOSING.has(piece));
    if (opening === undefined) return undefined;
    quotes = opening[0];
    rest = rest.slice(opening.index + quotes.length);
  }
}

function refusal(index: number, reason: string): SynapseError {
  return new SynapseError(
    'INVALID_CONFIG',
    `pyproject.toml, line ${index + 1}: [tool.synapse]: ${reason}.`,
  );
}
