// Synapse where pipes cannot be had through /proc: the same over the child's stdin and stdout.
import { connectNative } from './synapse-native.mjs';

export const title = 'Synapse, stdio';
export const about = "the portable fallback: `channel: 'stdio'`";
export const module = 'native';

export const open = ({ workers = 1, options }) =>
  connectNative({ workers, channel: 'stdio', ...options });
