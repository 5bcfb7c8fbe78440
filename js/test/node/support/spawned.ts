/** The processes that a test has spawned, oldest first. */
import childProcess, { type ChildProcess } from 'node:child_process';
import { afterEach, beforeEach, jest } from '@jest/globals';

let spawn: jest.SpiedFunction<typeof childProcess.spawn>;

beforeEach(() => {
  spawn = jest.spyOn(childProcess, 'spawn');
});

afterEach(() => {
  spawn.mockRestore();
});

export function spawned(): ChildProcess[] {
  return spawn.mock.results.map(({ value }) => value as ChildProcess);
}
