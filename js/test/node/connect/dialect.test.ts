import { describe, expect, it } from '@jest/globals';
import { dialectOf } from '../../../src/node/connect/dialect.js';

describe('The dialect of an entrypoint', () => {
  it.each([
    'from synapse_worker import Module\n',
    '"""Doc."""\nimport os\nimport synapse_worker\n',
    'import os, synapse_worker as s\n',
    'from synapse_worker.worker import x\n',
    'try:\n    from synapse_worker import Module\nexcept ImportError:\n    raise\n',
    'import sys\r\nfrom  synapse_worker import Module\r\n',
    'import sys  # don\'t\nfrom synapse_worker import Module  # """\n',
    '\ufefffrom synapse_worker import Module\n',
    'import os; import synapse_worker as sw\n',
    'if True: import synapse_worker\n',
    'from \\\n    synapse_worker import Module\n',
    'import os, \\\r\n    synapse_worker\r\n',
  ])('is native when it imports the runtime: %j', (source) => {
    expect(dialectOf(source)).toBe('native');
  });

  it.each([
    '',
    'import msgpack, sys\n',
    '# like synapse_worker\nimport sys\nsys.stdin.buffer.read(4)\n',
    'from my_synapse_worker import x\nfrom sys import stdin\n',
    '"""One day:\n\nfrom synapse_worker import Module\n"""\nimport sys\nsys.stdin.buffer.read(4)\n',
    "a = 'x'  # it's\nb = '''\nimport synapse_worker\n'''\nimport sys\nsys.stdin\n",
  ])('is raw when it never mentions it, or reads stdin: %j', (source) => {
    expect(dialectOf(source)).toBe('raw');
  });

  it.each([
    '# from synapse_worker import Module\n',
    'print("import synapse_worker")\n',
    'import synapse_worker_tools\n',
    'import my.synapse_worker\n',
    'importlib.import_module("synapse_worker")\n',
    'from helper import app  # which imports synapse_worker\n',
    'x = {"from": synapse_worker}\n',
  ])('is undecided otherwise: %j', (source) => {
    expect(dialectOf(source)).toBe('undecided');
  });
});
