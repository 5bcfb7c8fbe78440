/** What only Node knows of itself: `synapse doctor` is told it, to check both wings. */
import { VERSION } from '../../core/version.js';
import { packageRoot } from './package-root.js';

/** The variable that `synapse_worker/doctor/request.py` reads. */
export const NODE_FACTS = 'SYNAPSE_NODE_FACTS';

/** The Node that runs this, and the npm package that this is. */
export interface NodeFacts {
  /** As in `22.11.0`. */
  readonly version: string;
  readonly path: string;
  readonly packageVersion: string;
  readonly packageRoot: string;
}

/** Collect the facts. */
export function nodeFacts(): NodeFacts {
  return {
    version: process.versions.node,
    path: process.execPath,
    packageVersion: VERSION,
    packageRoot,
  };
}
