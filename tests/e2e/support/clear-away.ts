// After the last drill: the scratch folder of the run goes, unless SYNAPSE_E2E_KEEP asks to look at it.
import { rmSync } from 'node:fs';

export default function clearAway(): void {
  const root = process.env.SYNAPSE_E2E_ROOT;
  if (root !== undefined && process.env.SYNAPSE_E2E_KEEP === undefined) {
    rmSync(root, { recursive: true, force: true });
  }
}
