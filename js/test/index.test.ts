import { expect, it } from '@jest/globals';
import * as names from '../src/index.js';

it('The public names are these', () => {
  expect(Object.keys(names).sort()).toEqual([
    'CallCancelledError',
    'CallTimeoutError',
    'CircuitOpenError',
    'ClosedError',
    'DecodeError',
    'EncodeError',
    'EnvironmentError',
    'IntegerRangeError',
    'ModuleClient',
    'ModuleStartError',
    'NdArray',
    'ProtocolError',
    'PythonError',
    'QueueFullError',
    'ResultError',
    'ServiceFactory',
    'ServiceInstance',
    'StaleClientError',
    'Synapse',
    'SynapseError',
    'ValidationError',
    'WorkerExitedError',
    'connect',
    'connectModule',
    'method',
    'plainMethod',
    'plan',
    'toColumns',
    'toRows',
  ]);
});
