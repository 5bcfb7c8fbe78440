/**
 * Every scenario by its name, in the order of the report. A scenario is
 *
 * - `name`, `title`, `about`: one sentence on what is done and how it is measured,
 * - `metrics`: what a turn gives, the first of them the one that is compared: `{ name, title, unit, better }`,
 * - `entrants`: who takes part, and `reference`: the limit (or the peer) that ratios are to,
 * - `plans`: by mode, how many rounds and whatever else decides how long it takes; `without`: who would take too long in it,
 * - `check(contender, plan)`: throws where a contender does not do what it should,
 * - `turn(contender, plan, entrant)`: does it and resolves to `{ [metric]: number, calls? }`,
 * - `pinned`: both ends on one core; `workers`: how many; `countsCpu`: processor time a call is told too.
 */
import { largeBuffers } from './buffers.mjs';
import { bundle } from './bundle.mjs';
import { coldStart } from './cold-start.mjs';
import { demo } from './demo.mjs';
import { environment } from './environment.mjs';
import { firstItem } from './first-item.mjs';
import { idle } from './idle.mjs';
import { idlePool } from './idle-pool.mjs';
import { inFlight } from './in-flight.mjs';
import { newEnvironment } from './new-environment.mjs';
import { pool } from './pool.mjs';
import { records } from './records.mjs';
import { replacement } from './replacement.mjs';
import { scaleUp } from './scale-up.mjs';
import { sequential } from './sequential.mjs';
import { stream } from './stream.mjs';
import { upload } from './upload.mjs';

export const scenarios = Object.fromEntries(
  [
    sequential,
    inFlight,
    stream,
    upload,
    firstItem,
    records,
    ...largeBuffers,
    coldStart,
    demo,
    environment,
    newEnvironment,
    replacement,
    scaleUp,
    pool,
    idlePool,
    idle,
    bundle,
  ].map((scenario) => [scenario.name, scenario]),
);
