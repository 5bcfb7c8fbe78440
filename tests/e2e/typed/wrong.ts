// Calls that must not compile. Each is marked; `compilers.test.ts` also removes the marks and looks that every one fails.
import * as shop from './generated/shop.js';
import * as values from './generated/values.js';

declare const client: shop.Shop;
declare const matrix: values.Values;
declare const counter: shop.Counter;
const sku = shop.Sku('S-1');
const order = { customer: 'A', items: [{ sku, price: 1 }] };

// @ts-expect-error no such function
void client.chekout(order, { express: true });
// @ts-expect-error a required keyword is missing
void client.checkout(order);
// @ts-expect-error a required keyword is missing from the object
void client.checkout(order, { rebate: 0.5 });
// @ts-expect-error no such keyword
void client.checkout(order, { express: true, rebat: 0.5 });
// @ts-expect-error keywords come before options
void client.checkout(order, { timeoutMs: 5 });
// @ts-expect-error a plain string is no Sku
void client.checkout({ customer: 'A', items: [{ sku: 'S-1', price: 1 }] }, { express: true });
// @ts-expect-error a required field is missing
void client.checkout({ items: [] }, { express: true });
// @ts-expect-error a price is a number
void client.checkout({ customer: 'A', items: [{ sku, price: '1' }] }, { express: true });
// @ts-expect-error null is not the same as not given
void client.middle(null);
// @ts-expect-error too many arguments
void client.middle(1, 2, 3, {}, 5);
// @ts-expect-error options are last, and there is no keyword slot
void client.middle(1, 2, 3, {}, {});
// @ts-expect-error no such option
void client.middle(1, 2, 3, { timeout: 5 });
// @ts-expect-error an argument without default
void client.kinds();
// @ts-expect-error the rest is one array
void client.kinds(1, 'b', null, 1, 2);
// @ts-expect-error further keywords are booleans, or what named ones are
void client.kinds(1, 'b', null, [], { more: 'x' });
// @ts-expect-error one of four words
void client.fail('other');
// @ts-expect-error no overload takes a boolean
void client.find(true);
// @ts-expect-error a stream is no promise
void client.prices(1).then();
// @ts-expect-error a callback that returns the wrong type
void client.total_of([], () => 'x');
// @ts-expect-error a callback that wants more than it is given
void client.total_of([], (_item: shop.Item, _more: number) => 1);
// @ts-expect-error a callback is required
void client.total_of([]);
// @ts-expect-error private methods do not travel
void counter._hidden();
// @ts-expect-error a service is made by create()
void client.Counter(1);
// @ts-expect-error its constructor takes an int
void client.Counter.create('x');
// @ts-expect-error no such option of connect()
void shop.connect({ wokers: 1 });
// @ts-expect-error a bigint is no number
void matrix.int_trip(1n, (value) => value);
// @ts-expect-error a Map is asked for
void matrix.int_keys_trip({}, (value) => value);
// @ts-expect-error a record is asked for
void matrix.dict_trip(new Map(), (value) => value);
// @ts-expect-error a Set is asked for
void matrix.set_trip([1], (value) => value);
// @ts-expect-error a Date is asked for
void matrix.datetime_trip('2026-01-31', (value) => value);
// @ts-expect-error no member of the enum
void matrix.enum_trip('blue', (value) => value);
// @ts-expect-error the tag decides on the fields
void matrix.tagged_trip({ type: 'deposit', amount: 1, to: new Map() }, (value) => value);
// @ts-expect-error no such tag
void matrix.shape_trip({ kind: 'square', radius: 1 }, (value) => value);
// @ts-expect-error the tuple is too short
void matrix.pair_trip([1], (value) => value);
// @ts-expect-error bytes are a Uint8Array
void matrix.bytes_trip([1, 2], (value) => value);
// @ts-expect-error an array of other numbers
void matrix.float64s_trip(new Int8Array(1), (value) => value);
// @ts-expect-error one NewType is not another
void matrix.new_type_trip(values.Slug('x'), (value) => value);
// @ts-expect-error the callback's argument is a number
void matrix.int_trip(1, (value: string) => Number(value));
// @ts-expect-error what is unknown must be narrowed
void matrix.any_trip(1, (value) => value.length);
void matrix
  .optional_trip(null, (value) => value)
  .then((at) => {
    // @ts-expect-error it may be null
    at.getTime();
  });
