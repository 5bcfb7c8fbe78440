// What the generated clients' types promise. Compiled, never run: `compilers.test.ts` does it with three TypeScripts as
// an ES module, and again as CommonJS with the imports rewritten.
import type * as synapse from 'synapse-worker';
import type * as odd from './generated/odd.js';
import * as shop from './generated/shop.js';
import * as values from './generated/values.js';

type Equal<A, B> =
  (<T>() => T extends A ? 1 : 2) extends <T>() => T extends B ? 1 : 2 ? true : false;
declare function typeOf<T>(value: T): {
  /** Compiles only where the type is exactly the expected one. */
  is<Expected>(...unequal: Equal<T, Expected> extends true ? [] : [never]): void;
};
declare function typesOf<T>(): {
  are<Expected>(...unequal: Equal<T, Expected> extends true ? [] : [never]): void;
};

async function calls(client: shop.Shop, options: synapse.CallOptions): Promise<void> {
  const sku = shop.Sku('S-1');
  typeOf(sku).is<shop.Sku>();
  const text: string = sku;
  void text;

  const receipt = await client.checkout(
    { customer: 'A', items: [{ sku, price: 1 }] },
    { express: true },
    options,
  );
  typeOf(receipt).is<shop.Receipt>();
  typeOf(receipt.at).is<Date>();
  typeOf(receipt.order.items).is<shop.Item[]>();
  typeOf(receipt.order.placed).is<Date | null>();
  typeOf(receipt.order.tags).is<Record<string, string>>();

  typeOf(await client.find(1)).is<shop.Item>();
  typeOf(await client.find('x')).is<shop.Item[]>();
  typeOf(client.prices(1)).is<synapse.SynapseStream<shop.Item>>();
  typeOf(await client.fail('shop')).is<void>();
  for await (const at of client.arrivals(3)) typeOf(at).is<Date>();

  await client.kinds(1, 'b', null, [1, 2], { key: 1, more: true }, options);
  await client.kinds(1, undefined, undefined, undefined, undefined, options);
  await client.middle(undefined, undefined, 3, options);

  await client.total_of([{ sku, price: 1 }], (item) => {
    typeOf(item).is<shop.Item>();
    return item.price;
  });
  await client.watch(1, async (change, at) => {
    typeOf(change).is<number>();
    typeOf(at).is<Date>();
    return 'x';
  });
}

async function services(client: shop.Shop): Promise<void> {
  await using counter = await client.Counter.create(1, { name: 'n' });
  typeOf(await counter.increment()).is<number>();
  typeOf(counter.countdown()).is<synapse.SynapseStream<number>>();
  typeOf(await counter.twin()).is<shop.Counter>();
  typeOf(await client.Counter.of('x')).is<shop.Counter>();
  typeOf(await client.open_counter(1)).is<shop.Counter>();
}

function errors(error: shop.OutOfStock | shop.ShopError): void {
  typeOf(error.code).is<synapse.PythonError['code']>();
  if (error instanceof shop.OutOfStock) {
    typeOf(error.details.until).is<Date>();
    typeOf(error.details.left).is<number>();
  }
}

async function matrix(client: values.Values): Promise<void> {
  typesOf<Parameters<typeof client.set_trip>[0]>().are<ReadonlySet<number>>();
  typesOf<Parameters<typeof client.list_trip>[0]>().are<readonly number[]>();
  typesOf<Parameters<typeof client.int_keys_trip>[0]>().are<ReadonlyMap<number, string>>();
  typeOf(await client.set_trip(new Set(), (same) => new Set(same))).is<Set<number>>();
  typeOf(await client.int_keys_trip(new Map(), (same) => same)).is<Map<number, string>>();
  typeOf(await client.bigint_trip(1n, (value) => value)).is<bigint>();
  typeOf(await client.datetime_trip(new Date(), (value) => value)).is<Date>();
  typeOf(await client.uuid_trip('', (value) => value)).is<string>();
  typeOf(await client.any_trip(1, (value) => value)).is<unknown>();
  typeOf(await client.enum_trip('red', (value) => value)).is<values.Color>();
  typesOf<values.Color>().are<'red' | 'green'>();
  typeOf(values.Color.RED).is<'red'>();
  typeOf(await client.literal_trip('a', (value) => value)).is<'a' | 1 | true | null>();
  typeOf(await client.optional_trip(null, (value) => value)).is<Date | null>();
  typeOf(await client.float64s_trip(new Float64Array(1), (array) => array)).is<
    synapse.NdArray<Float64Array>
  >();
  typeOf(await client.int64s_trip(new BigInt64Array(1), (array) => array)).is<
    synapse.NdArray<BigInt64Array>
  >();
  typeOf(await client.page_trip({ items: [1] }, (page) => page)).is<values.Page<number>>();
  typesOf<values.Page<string>['items']>().are<string[]>();

  const shape = await client.shape_trip({ kind: 'circle', radius: 1 }, (same) => same);
  if (shape.kind === 'circle') typeOf(shape.radius).is<number>();
  else typeOf(shape.at).is<Date>();
  const tagged = await client.tagged_trip({ type: 'deposit', amount: 1 }, (same) => same);
  if (tagged.type === 'transfer') typeOf(tagged.to).is<Map<number, number>>();
  const place = await client.named_tuple_trip(['a', new Date(), 1], (same) => same);
  typeOf(place[1]).is<Date>();
  const movie: values.Movie = { title: 'x' };
  typeOf(movie.released).is<Date | undefined>();
  typeOf(values.UserId(1)).is<values.UserId>();
}

async function tortured(client: Awaited<ReturnType<typeof odd.connect>>): Promise<void> {
  typeOf(await client.numbered_7()).is<number>();
  typeOf((await client.wide()).field_3).is<number>();
}

const started: Promise<shop.Shop> = shop.connect({ workers: 2, dir: './shop', stale: 'warn' });
void [calls, services, errors, matrix, tortured, started];
