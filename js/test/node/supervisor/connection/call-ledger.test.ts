/** The memory that a worker shares, of which a file stands for it here. */
import { mkdtempSync, openSync, readFileSync, rmSync, truncateSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeEach, expect, it } from '@jest/globals';
import { CallLedger } from '../../../../src/node/supervisor/connection/call-ledger.js';

const folder = mkdtempSync(join(tmpdir(), 'ledger-'));
afterAll(() => rmSync(folder, { recursive: true }));
const path = join(folder, 'words');

const WORDS = 514;

function words(): number[] {
  const bytes = readFileSync(path);
  return Array.from(new BigUint64Array(bytes.buffer, bytes.byteOffset, WORDS), Number);
}

function begin(id: number): void {
  const before = new BigUint64Array(words().map(BigInt));
  before[0] = BigInt(id);
  writeFileSync(path, before);
}

let ledger: CallLedger;
beforeEach(() => {
  writeFileSync(path, new BigUint64Array(WORDS));
  ledger = new CallLedger(openSync(path, 'r+'));
});

it('tells the last call that was begun, and goes on to when it has been closed', () => {
  expect(ledger.lastBegun).toBe(0);
  begin(7);
  expect(ledger.lastBegun).toBe(7);
  begin(2 ** 48 - 1);
  ledger.close();
  begin(0);
  expect(ledger.lastBegun).toBe(2 ** 48 - 1);
  ledger.close();
});

it('knows nothing where the words are not there', () => {
  truncateSync(path, 4);
  expect(ledger.lastBegun).toBeUndefined();
  ledger.close();
  expect(ledger.lastBegun).toBeUndefined();
});

it('writes what is recalled into its slots, and the highest of all that ever were before them', () => {
  expect(ledger.recall([3, 515, 600])).toBe(true);
  expect(words()[1]).toBe(600);
  // 515 leaves the remainder of 3, and 600 that of 88.
  expect(words()[2 + 3]).toBe(515);
  expect(words()[2 + 88]).toBe(600);
  ledger.recall([601, 599]);
  expect(words()[1]).toBe(601);
  expect(words()[2 + 88]).toBe(600);
  expect([3, 515, 598, 599, 600, 601].filter((id) => ledger.isRecalled(id))).toEqual([
    515, 599, 600, 601,
  ]);
  ledger.close();
  expect(ledger.recall([602])).toBe(false);
});

it('recalls nothing where it cannot write', () => {
  const readable = new CallLedger(openSync(path, 'r'));
  expect(readable.recall([1])).toBe(false);
  readable.close();
  ledger.close();
});

it('reaches as many calls after the last begun as it has slots but that one, which the worker may be about to look at', () => {
  const reached = [9, 10, 11, 521, 522].filter((id) => ledger.reaches(id, 10));
  expect(reached).toEqual([11, 521]);
  ledger.close();
});

it('is none where there is no such descriptor', () => {
  expect(CallLedger.open(process.pid, 99_999)).toBeUndefined();
  expect(CallLedger.open(process.pid, Number.NaN)).toBeUndefined();
});
