// Raw stdio without batching: Python answers each call in a write of its own, as a program does that flushes each reply.
import { PAYLOAD_BYTES } from '../payload.mjs';
import { openEcho } from './raw-stdio.mjs';

export const title = 'raw stdio, unbatched';
export const about = 'the same with each answer a write of its own, too';

export const open = ({ python }) => openEcho(python, String(PAYLOAD_BYTES));
