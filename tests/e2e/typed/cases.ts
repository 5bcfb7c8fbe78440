// The values that the matrix sends: for every type what Node gives, what Python must hold, and what comes back.
import { NdArray } from 'synapse-worker';
import { Slug, UserId, type Values } from './generated/values.js';
import { Money } from './money.js';

// The type of the module's first parameter by the name of the kind: a wrong value below does not compile.
type KindName = {
  [K in keyof Values]: K extends `${infer Name}_trip` ? Name : never;
}[keyof Values];
type Argument<Name extends KindName> = Values[`${Name}_trip`] extends (
  value: infer Value,
  ...rest: never[]
) => unknown
  ? Value
  : never;
type Result<Name extends KindName> = Values[`${Name}_trip`] extends (
  ...all: never[]
) => Promise<infer Value>
  ? Value
  : never;

export interface Case {
  name: string;
  value: unknown;
  /** What Python holds: type and repr. */
  python: string;
  /** What comes back to Node. */
  back: unknown;
}

function carries<Name extends KindName>(
  name: Name,
  value: Argument<Name>,
  python: string,
  back: Result<Name> = value as Result<Name>,
): Case {
  return { name, value, python, back };
}

const AT = new Date('2026-01-31T10:11:12.345Z');
const PYTHON_AT =
  'datetime.datetime(2026, 1, 31, 10, 11, 12, 345000, tzinfo=datetime.timezone.utc)';
const NIL_UUID = '12345678-1234-5678-1234-567812345678';

export const scalars: Case[] = [
  carries('none', null, 'NoneType None'),
  carries('bool', true, 'bool True'),
  carries('bool', false, 'bool False'),
  carries('int', 5, 'int 5'),
  carries('int', -0, 'int 0', 0),
  carries('int', Number.MAX_SAFE_INTEGER, 'int 9007199254740991'),
  carries('int', Number.MIN_SAFE_INTEGER, 'int -9007199254740991'),
  carries('bigint', 5n, 'int 5'),
  carries('bigint', -(2n ** 63n), 'int -9223372036854775808'),
  carries('bigint', 2n ** 70n, 'int 1180591620717411303424'),
  carries('float', 1.5, 'float 1.5'),
  carries('float', 5, 'float 5.0'),
  carries('float', -0, 'float -0.0'),
  carries('float', Number.NaN, 'float nan'),
  carries('float', Number.POSITIVE_INFINITY, 'float inf'),
  carries('float', Number.NEGATIVE_INFINITY, 'float -inf'),
  carries('float', 2 ** 60, 'float 1.152921504606847e+18'),
  carries('float', Number.MIN_VALUE, 'float 5e-324'),
  carries('complex', [1, -2.5], 'complex (1-2.5j)'),
  carries('str', '', "str ''"),
  carries('str', 'ü€😀', "str 'ü€😀'"),
  carries('bytes', new Uint8Array(), "bytes b''"),
  carries('bytes', new Uint8Array([0, 128, 255]), "bytes b'\\x00\\x80\\xff'"),
  carries('bytearray', new Uint8Array([1]), "bytearray bytearray(b'\\x01')"),
  carries('memoryview', new Uint8Array([1, 2]), 'memoryview B (2,) [1, 2] read-only'),
  carries('datetime', AT, `datetime ${PYTHON_AT}`),
  carries(
    'datetime',
    new Date('0001-01-01T00:00:00.000Z'),
    'datetime datetime.datetime(1, 1, 1, 0, 0, tzinfo=datetime.timezone.utc)',
  ),
  carries(
    'datetime',
    new Date('9999-12-31T23:59:59.999Z'),
    'datetime datetime.datetime(9999, 12, 31, 23, 59, 59, 999000, tzinfo=datetime.timezone.utc)',
  ),
  carries(
    'naive',
    '2026-01-31T10:11:12.000001',
    'datetime datetime.datetime(2026, 1, 31, 10, 11, 12, 1)',
  ),
  carries('date', '2024-02-29', 'date datetime.date(2024, 2, 29)'),
  carries('time', '10:11:12.000013', 'time datetime.time(10, 11, 12, 13)'),
  carries(
    'timedelta',
    'P1DT5.000003S',
    'timedelta datetime.timedelta(days=1, seconds=5, microseconds=3)',
  ),
  carries('uuid', NIL_UUID, `UUID UUID('${NIL_UUID}')`),
  carries('decimal', '1.10', "Decimal Decimal('1.10')"),
  carries('path', 'a/b.txt', "PosixPath PosixPath('a/b.txt')"),
];

export const choices: Case[] = [
  carries('enum', 'green', "Color <Color.GREEN: 'green'>"),
  carries('int_enum', 2, 'Level <Level.HIGH: 2>'),
  carries('str_enum', 'bad', "Mood <Mood.BAD: 'bad'>"),
  carries('flag', 5, 'Rights <Rights.READ|RUN: 5>'),
  carries('flag', 0, 'Rights <Rights: 0>'),
  carries('literal', 'a', "str 'a'"),
  carries('literal', 1, 'int 1'),
  carries('literal', true, 'bool True'),
  carries('literal', null, 'NoneType None'),
  carries('optional', null, 'NoneType None'),
  carries('optional', AT, `datetime ${PYTHON_AT}`),
  carries('union', 1, 'int 1'),
  carries('union', '1', "str '1'"),
  carries('union', [AT], `list [${PYTHON_AT}]`),
  carries('number', 1, 'int 1'),
  carries('number', 1.5, 'float 1.5'),
];

export const collections: Case[] = [
  carries('list', [], 'list []'),
  carries('list', [1, 2], 'list [1, 2]'),
  carries('dates', [[AT], []], `list [[${PYTHON_AT}], []]`),
  carries('sequence', [1, 2.5], 'list [1.0, 2.5]'),
  carries('tuple_of', [1, 2], 'tuple (1, 2)'),
  carries('deque', ['a'], "deque deque(['a'])"),
  carries('set', new Set([3]), 'set {3}'),
  carries('set', new Set(), 'set set()'),
  carries('frozenset', new Set(['a']), "frozenset frozenset({'a'})"),
  carries('pair', [1, AT], `tuple (1, ${PYTHON_AT})`),
  carries('empty_tuple', [], 'tuple ()'),
  carries('named_tuple', ['top', AT, 3], `Place Place(name='top', at=${PYTHON_AT}, height=3)`),
  carries('dict', {}, 'dict {}'),
  carries('dict', { a: AT }, `dict {'a': ${PYTHON_AT}}`),
  carries('int_keys', new Map(), 'dict {}'),
  carries(
    'int_keys',
    new Map([
      [-1, 'a'],
      [2, 'b'],
    ]),
    "dict {-1: 'a', 2: 'b'}",
  ),
  carries('uuid_keys', new Map([[NIL_UUID, 1]]), `dict {UUID('${NIL_UUID}'): 1}`),
  carries('literal_keys', { a: 1 }, "dict {'a': 1}"),
  carries('enum_keys', { good: 1 }, "dict {<Mood.GOOD: 'good'>: 1}"),
  carries('mapping', { a: 1 }, "dict {'a': 1}"),
  carries(
    'nested_maps',
    new Map([
      [1, new Map([[2, new Set([3])]])],
      [4, new Map()],
    ]),
    'dict {1: {2: {3}}, 4: {}}',
  ),
];

export const classes: Case[] = [
  carries('dataclass', { x: 1, y: 2 }, 'Point Point(x=1.0, y=2.0)'),
  carries('dataclass', { x: 1 }, 'Point Point(x=1.0, y=0.0)', { x: 1, y: 0 }),
  carries(
    'inherited',
    { x: 1, color: 'green' },
    "Pixel Pixel(x=1.0, y=0.0, color=<Color.GREEN: 'green'>)",
    { x: 1, y: 0, color: 'green' },
  ),
  carries('typed_dict', { title: 'M' }, "dict {'title': 'M'}"),
  carries(
    'typed_dict',
    { title: 'M', released: AT },
    `dict {'title': 'M', 'released': ${PYTHON_AT}}`,
  ),
  carries(
    'struct',
    { orderId: 1, totalPrice: 2, placedAt: AT, notes: new Set(['n']) },
    `Order Order(order_id=1, total_price=2.0, placed_at=${PYTHON_AT}, notes={'n'})`,
  ),
  carries('tagged', { type: 'deposit', amount: 5 }, 'Deposit Deposit(amount=5)'),
  carries(
    'tagged',
    { type: 'transfer', amount: 5, to: new Map([[1, 0.5]]) },
    'Transfer Transfer(amount=5, to={1: 0.5})',
  ),
  carries(
    'model',
    { id: UserId(1), fullName: 'Ann', joined: AT, tags: new Set(['t']) },
    `User User(id=1, full_name='Ann', joined=${PYTHON_AT}, tags=frozenset({'t'}))`,
  ),
  carries('pet', { pet: 'cat' }, "Cat Cat(pet='cat', lives=9)", { pet: 'cat', lives: 9 }),
  carries(
    'attrs',
    { wheels: 4, built: AT, name: null },
    `Car Car(wheels=4, built=${PYTHON_AT}, name=None)`,
  ),
  carries('shape', { kind: 'circle', radius: 1 }, "Circle Circle(kind='circle', radius=1.0)"),
  carries('shape', { kind: 'stamp', at: AT }, `Stamp Stamp(kind='stamp', at=${PYTHON_AT})`),
  carries(
    'tree',
    { name: 'a', at: AT, children: [{ name: 'b', at: AT, children: [] }] },
    `Tree Tree(name='a', at=${PYTHON_AT}, children=[Tree(name='b', at=${PYTHON_AT}, children=[])])`,
  ),
  carries(
    'folder',
    { name: 'f', entries: [{ size: 1, inside: { name: 'g', entries: [] } }] },
    "Folder Folder(name='f', entries=[Entry(size=1, inside=Folder(name='g', entries=[]))])",
  ),
  carries('page', { items: [1], following: null }, 'Page Page(items=[1], following=None)'),
  carries(
    'pages',
    { items: [{ items: [AT], following: 'x' }], following: null },
    `Page Page(items=[Page(items=[${PYTHON_AT}], following='x')], following=None)`,
  ),
  carries('new_type', UserId(7), 'int 7'),
  carries('new_str', Slug('a-b'), "str 'a-b'"),
  carries(
    'any',
    { a: [1, 'x', null, 2n ** 60n] },
    "dict {'a': [1, 'x', None, 1152921504606846976]}",
  ),
  carries('object', 'text', "str 'text'"),
  carries('custom', new Money(1999, 'EUR'), "Money Money(cents=1999, currency='EUR')"),
  carries('customs', { a: [new Money(1, 'USD')] }, "dict {'a': [Money(cents=1, currency='USD')]}"),
];

export const array = <T extends NdArray['data']>(
  data: T,
  dtype: string,
  shape = [data.length],
): NdArray<T> => new NdArray(data, shape, dtype as NdArray['dtype']);

export const arrays: Case[] = [
  carries('bools', array(new Uint8Array([0, 1]), 'bool'), 'ndarray bool (2,) [False, True]'),
  carries('int8s', array(new Int8Array([-1]), 'int8'), 'ndarray int8 (1,) [-1]'),
  carries('uint8s', array(new Uint8Array([255]), 'uint8'), 'ndarray uint8 (1,) [255]'),
  carries('int16s', array(new Int16Array([-300]), 'int16'), 'ndarray int16 (1,) [-300]'),
  carries('uint16s', array(new Uint16Array([300]), 'uint16'), 'ndarray uint16 (1,) [300]'),
  carries('int32s', array(new Int32Array([-70000]), 'int32'), 'ndarray int32 (1,) [-70000]'),
  carries(
    'uint32s',
    array(new Uint32Array([4294967295]), 'uint32'),
    'ndarray uint32 (1,) [4294967295]',
  ),
  carries(
    'int64s',
    array(new BigInt64Array([-(2n ** 63n)]), 'int64'),
    'ndarray int64 (1,) [-9223372036854775808]',
  ),
  carries(
    'uint64s',
    array(new BigUint64Array([2n ** 64n - 1n]), 'uint64'),
    'ndarray uint64 (1,) [18446744073709551615]',
  ),
  carries('float32s', array(new Float32Array([0.5]), 'float32'), 'ndarray float32 (1,) [0.5]'),
  carries(
    'float64s',
    array(new Float64Array([1, -0, Number.NaN, 4]), 'float64', [2, 2]),
    'ndarray float64 (2, 2) [[1.0, -0.0], [nan, 4.0]]',
  ),
  carries('float64s', array(new Float64Array(), 'float64', [0, 3]), 'ndarray float64 (0, 3) []'),
  carries(
    'complex64s',
    array(new Float32Array([1, 2]), 'complex64', [1]),
    'ndarray complex64 (1,) [(1+2j)]',
  ),
  carries(
    'complex128s',
    array(new Float64Array([1, -2]), 'complex128', [1]),
    'ndarray complex128 (1,) [(1-2j)]',
  ),
  carries(
    'array',
    array(new Int16Array([1, 2]), 'int16', [2, 1]),
    'ndarray int16 (2, 1) [[1], [2]]',
  ),
];
