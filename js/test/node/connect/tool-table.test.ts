import { describe, expect, it } from '@jest/globals';
import { readToolTable } from '../../../src/node/connect/tool-table.js';

const read = (text: string): unknown => {
  const table = readToolTable(text);
  return table === undefined ? undefined : Object.fromEntries(table);
};

describe('[tool.synapse] in pyproject.toml', () => {
  it('is read among other tables', () => {
    const text = `
[project]
name = "other"
dependencies = [
  "numpy",   # [tool.synapse]
]

[tool.synapse]  # ours
entrypoint = "src/app.py"  # with a comment
name = 'prix "é"'
python="3.12"
workers = 4
timeout-ms = 30_000

[tool.ruff]
name = "not ours"
`;
    expect(read(text)).toEqual({
      entrypoint: 'src/app.py',
      name: 'prix "é"',
      python: '3.12',
      workers: 4,
      'timeout-ms': 30_000,
    });
  });

  it.each(['', '[project]\nname = "x"', '[tool.synapse-other]\nname = "x"', '# [tool.synapse]'])(
    'may be missing: %j',
    (text) => {
      expect(read(text)).toBeUndefined();
    },
  );

  it('in a multi-line string is text', () => {
    expect(read('[project]\ndescription = """\n[tool.synapse]\nname = "x"\n"""\n')).toBeUndefined();
  });

  it.each([
    `name = "x"  # uses ''' quoting`,
    `name = "it's ''' here"`,
    `name = '""" there'`,
    'text = """a""" # """',
    `text = """\nsaid ''' and # and \\""" too\n"""`,
    `texts = ["""\na""", """b\n"""]`,
    `text = """\n"it is""""`,
  ])('is found below quotes that open nothing: %j', (above) => {
    expect(read(`[project]\n${above}\n\n[tool.synapse]\nworkers = 2\n`)).toEqual({ workers: 2 });
  });

  it('ends where a table of the generator begins', () => {
    const below =
      '[tool.synapse.types.Money]\nimport = "./a.js"\n\n[tool.synapse.generate]\nchecked = true\n';
    expect(read(`[tool.synapse]\nworkers = 2\n${below}`)).toEqual({ workers: 2 });
    expect(read(below)).toBeUndefined();
  });

  it('may be written with quotes, spaces and Windows line ends', () => {
    expect(read('[ "tool" . synapse ]\r\nname = "a\\tb \\u00e9"\r\n')).toEqual({ name: 'a\tb é' });
  });

  it.each([
    ['groups = []', []],
    ['groups = ["ml"]  # one', ['ml']],
    [`groups = ["a", 'b"]',]`, ['a', 'b"]']],
    ['groups = [ # why\n  "ml", # [tool.x]\n\n  "a\\tb"\n]', ['ml', 'a\tb']],
    ['groups = [\r\n"ml"\r\n,\r\n]\r\n', ['ml']],
    ['groups = [""]', ['']],
  ])('may hold lists of strings, over several lines: %j', (text, groups) => {
    expect(read(`[tool.synapse]\n${text}\nworkers = 2\n`)).toEqual({ groups, workers: 2 });
  });

  it.each([
    ['[tool.synapse]\nworkers = [1]', 2],
    ['[tool.synapse]\ngroups = ["a" "b"]', 2],
    ['[tool.synapse]\ngroups = [, "b"]', 2],
    ['[tool.synapse]\ngroups = ["a",, "b"]', 2],
    ['[tool.synapse]\ngroups = [\n"a",\n["b"]]', 4],
    ['[tool.synapse]\ngroups = ["""a"""]', 2],
    ['[tool.synapse]\ngroups = ["a"', 2],
    ['[tool.synapse]\ngroups = ["a"\nworkers = 2', 3],
    ['[tool.synapse]\ngroups = ["a"] extras', 2],
    ['[tool.synapse]\nname = """x"""', 2],
    ['[tool.synapse]\nname', 2],
    ['[tool.synapse]\nname = "a"\nname = "b"', 3],
    ['[tool.synapse]\n[tool.synapse]', 2],
    ['\n[tool.synapse.pool]', 2],
    ['[tool]\nsynapse.name = "x"', 2],
    ['tool.synapse.name = "x"', 1],
    ['[tool.synapse]\nname = "\\q"', 2],
  ])('refuses what it does not read: %j', (text, line) => {
    expect(() => read(text)).toThrow(`pyproject.toml, line ${line}: [tool.synapse]`);
  });
});
