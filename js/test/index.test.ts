import { expect, it } from '@jest/globals';
import * as names from '../src/index.js';

it('The public names are these', () => {
  expect(Object.keys(names).sort()).toEqual([
    'CallCancelledError',
    'CallTimeoutError',
    'ClosedError',
    'DecodeError',
    'EncodeError',
    'EnvironmentError',
    'ModuleStartError',
    'ProtocolError',
    'PythonError',
    'QueueFullError',
    'Synapse',
    'SynapseError',
    'WorkerExitedError',
    'connect',
  ]);
});
