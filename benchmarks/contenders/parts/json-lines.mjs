// JSON lines with whatever carries lines: requests are `[operation, argument]`, a stream's items come and go a line each.
import { InOrder } from './in-order.mjs';
import { ItemQueue } from './item-queue.mjs';
import { operations } from './operations.mjs';

/** @param carrier `send(value)` writes a value as one line; `sendAll(items)` writes many, a line each, and resolves when they are on their way */
export function jsonLines({ send, sendAll }) {
  const waiting = new InOrder();
  let items;
  let left = 0;

  const answer = () => new Promise((resolve) => waiting.wait(resolve));
  const ask = (operation, value) => {
    const answered = answer();
    send([operation, value]);
    return answered;
  };

  return {
    /** Takes values in the order their lines came. */
    receive(values) {
      let at = 0;
      if (left > 0) {
        at = Math.min(left, values.length);
        left -= at;
        items.push(at === values.length ? values : values.slice(0, at));
      }
      for (; at < values.length; at += 1) waiting.answer(values[at]);
    },
    methods: {
      ...operations(ask),
      produce: (count) => {
        items = new ItemQueue(count);
        left = count;
        send(['produce', count]);
        return items;
      },
      consume: async (uploaded) => {
        const answered = ask('consume', null);
        await sendAll(uploaded);
        send(null);
        return answered;
      },
    },
  };
}
