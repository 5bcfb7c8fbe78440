// Every contender by its command-line name, in the order of the table. A contender is
// `{ name, about, open({ python, payloadBytes }) }`, and what `open` resolves to is `{ call(payload), burst?(payload, n), close() }`.
import * as hqDesign from './hq-design.mjs';
import * as pythonShell from './python-shell.mjs';
import * as pythonia from './pythonia.mjs';
import * as rawPipe from './raw-pipe.mjs';
import * as synapseNative from './synapse-native.mjs';
import * as synapseRaw from './synapse-raw.mjs';

export const contenders = {
  'raw-pipe': rawPipe,
  'synapse-native': synapseNative,
  'synapse-raw': synapseRaw,
  'hq-design': hqDesign,
  'python-shell': pythonShell,
  pythonia,
};
