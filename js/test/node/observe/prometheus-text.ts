/** A strict reader of Prometheus' text format 0.0.4: what it takes, Prometheus takes. */

export interface Sample {
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly value: number;
}

export interface Family {
  readonly help: string;
  readonly type: string;
  readonly samples: Sample[];
}

const NAME = '[a-zA-Z_:][a-zA-Z0-9_:]*';
const HELP = new RegExp(`^# HELP (${NAME}) (.*)$`);
const TYPE = new RegExp(`^# TYPE (${NAME}) (counter|gauge|histogram|summary|untyped)$`);
const SAMPLE = new RegExp(`^(${NAME})(?:\\{(.*)\\})? (\\S+)$`);
const LABEL = /([a-zA-Z_][a-zA-Z0-9_]*)="((?:[^"\\]|\\[\\"n])*)"(?:,|$)/y;

export function parsePrometheus(text: string): Map<string, Family> {
  if (text !== '' && !text.endsWith('\n')) throw new Error('The last line has no end.');
  const families = new Map<string, Family>();
  const help = new Map<string, string>();
  let current: [string, Family] | undefined;
  for (const line of text.split('\n').slice(0, -1)) {
    const [, helped, words] = HELP.exec(line) ?? [];
    const [, typed, type] = TYPE.exec(line) ?? [];
    if (helped !== undefined) {
      if (help.has(helped)) throw new Error(`Help for ${helped} stands twice.`);
      help.set(helped, words as string);
    } else if (typed !== undefined) {
      if (families.has(typed)) throw new Error(`${typed} stands twice, or after its samples.`);
      current = [typed, { help: help.get(typed) ?? '', type: type as string, samples: [] }];
      families.set(...current);
    } else {
      addSample(line, current);
    }
  }
  for (const [name, family] of families) if (family.type === 'histogram') check(name, family);
  return families;
}

function addSample(line: string, current: [string, Family] | undefined): void {
  const [, name, inside, number] = SAMPLE.exec(line) ?? [];
  if (name === undefined || current === undefined) throw new Error(`Not understood: ${line}`);
  const [family, { type, samples }] = current;
  const suffixes = type === 'histogram' ? ['_bucket', '_sum', '_count'] : [''];
  if (!suffixes.some((suffix) => name === family + suffix)) {
    throw new Error(`${name} stands among the samples of ${family}.`);
  }
  const value = number === '+Inf' ? Number.POSITIVE_INFINITY : Number(number);
  if (Number.isNaN(value)) throw new Error(`No number: ${line}`);
  const labels = labelsOf(inside ?? '');
  const key = JSON.stringify([name, labels]);
  if (samples.some((other) => JSON.stringify([other.name, other.labels]) === key)) {
    throw new Error(`Twice: ${line}`);
  }
  samples.push({ name, labels, value });
}

function labelsOf(inside: string): Record<string, string> {
  const labels: Record<string, string> = {};
  LABEL.lastIndex = 0;
  while (LABEL.lastIndex < inside.length) {
    const [, name, text] = LABEL.exec(inside) ?? [];
    if (name === undefined || text === undefined) throw new Error(`No labels: {${inside}}`);
    if (name in labels) throw new Error(`The label ${name} stands twice.`);
    labels[name] = text.replace(/\\(.)/g, (_, mark) => (mark === 'n' ? '\n' : mark));
  }
  return labels;
}

/** Buckets grow with their bounds, and the last of them holds all. */
function check(family: string, { samples }: Family): void {
  const series = new Map<string, Map<string, Sample[]>>();
  for (const sample of samples) {
    const { le: _, ...rest } = sample.labels;
    const key = JSON.stringify(rest);
    const parts = series.get(key) ?? new Map<string, Sample[]>();
    const part = sample.name.slice(family.length);
    parts.set(part, [...(parts.get(part) ?? []), sample]);
    series.set(key, parts);
  }
  for (const [key, parts] of series) {
    const buckets = parts.get('_bucket') ?? [];
    const bounds = buckets.map(({ labels }) =>
      labels.le === '+Inf' ? Number.POSITIVE_INFINITY : Number(labels.le),
    );
    const ascending = (values: number[], strictly: boolean): boolean =>
      values.every((value, at) => {
        const before = values[at - 1] ?? Number.NEGATIVE_INFINITY;
        return strictly ? value > before : value >= before;
      });
    const counts = buckets.map(({ value }) => value);
    const [count] = parts.get('_count') ?? [];
    if (!ascending(bounds, true) || !ascending(counts, false)) throw new Error(`Order: ${key}`);
    if (bounds.at(-1) !== Number.POSITIVE_INFINITY) throw new Error(`No +Inf: ${key}`);
    if (count === undefined || counts.at(-1) !== count.value) throw new Error(`Count: ${key}`);
    if (parts.get('_sum')?.length !== 1) throw new Error(`Sum: ${key}`);
  }
}
