/** The interpreter and the launcher that tests start workers with: those of the sources. */
import { resolve } from 'node:path';

const ROOT = resolve(__dirname, '../../../..');
export const PYTHON = resolve(ROOT, '.venv/bin/python');
export const LAUNCH = resolve(ROOT, 'python_side/synapse_worker/worker/launch.py');
