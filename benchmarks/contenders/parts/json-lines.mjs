// JSON lines with whatever carries lines: requests are `[operation, argument]`, a stream's items come a line each.
import { InOrder } from './in-order.mjs';
import { ItemQueue } from './item-queue.mjs';

/** @param send takes a value to write as one line of JSON */
export function jsonLines(send) {
  const waiting = new InOrder();
  let items;
  let left = 0;

  const ask = (operation, value) =>
    new Promise((resolve) => {
      waiting.wait(resolve);
      send([operation, value]);
    });

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
      call: (value) => ask('echo', value),
      sendRecords: (records) => ask('send_records', records),
      fetchRecords: (count) => ask('fetch_records', count),
      spin: (rounds) => ask('spin', rounds),
      produce: (count) => {
        items = new ItemQueue(count);
        left = count;
        send(['produce', count]);
        return items;
      },
    },
  };
}
