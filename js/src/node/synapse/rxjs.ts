/** Loads the classes of rxjs that `Synapse` is made of, when the lines of one are first asked for. */
import { createRequire } from 'node:module';
import { join } from 'node:path';
import { loadRxjs as requireRxjs } from '#rxjs';
import { packageRoot } from '../env/package-root.js';

/** @throws {Error} rxjs is not installed */
export function loadRxjs(): ReturnType<typeof requireRxjs> {
  try {
    return requireRxjs();
  } catch {
    // A bundle that is an ES module and has left rxjs outside has no `require`: it is loaded as the installed
    // package would, which also says what is wrong where that is something else.
    const require = createRequire(join(packageRoot, 'any.js'));
    return {
      Observable: require('rxjs/internal/Observable').Observable,
      Subject: require('rxjs/internal/Subject').Subject,
    };
  }
}
