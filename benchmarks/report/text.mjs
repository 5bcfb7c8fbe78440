// What a run shows in a terminal.
import { goals } from './goals.mjs';
import { aligned, failures, tableOf } from './tables.mjs';

function drawTable(table) {
  const [head, ...body] = aligned(table).lines.map((cells) => cells.join('   '));
  return [head, '─'.repeat(head.length), ...body];
}

/** One scenario: its table, and who is not in it. */
export function scenarioText(scenario) {
  return [scenario.title, '', ...drawTable(tableOf(scenario)), ...failures(scenario), ''].join(
    '\n',
  );
}

/** How the run stands to what is wanted. */
export function goalsText(result) {
  const rows = goals(result).map(({ title, wanted, got, met }) => [
    title,
    wanted,
    got,
    met ? 'met' : 'not met',
  ]);
  if (rows.length === 0) return '';
  return ['Goals', '', ...drawTable({ headings: ['', 'wanted', 'measured', ''], rows }), ''].join(
    '\n',
  );
}
