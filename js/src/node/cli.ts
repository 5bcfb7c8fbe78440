#!/usr/bin/env node
/** The npm package's `synapse` command: it finds a Python and hands over to the Python command line. */
import { SynapseError } from '../core/protocol/errors.js';
import { runCommandLine } from './env/command-line.js';

runCommandLine(process.argv.slice(2)).then(
  (ending) => {
    if ('signal' in ending) process.kill(process.pid, ending.signal);
    else process.exitCode = ending.code;
  },
  (error: unknown) => {
    process.stderr.write(`synapse: ${SynapseError.is(error) ? error.message : String(error)}\n`);
    process.exitCode = 1;
  },
);
