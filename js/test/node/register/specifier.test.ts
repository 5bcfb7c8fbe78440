import { expect, it } from '@jest/globals';
import { isPythonUrl, pythonSpecifier, pythonUrl } from '../../../src/node/register/specifier.js';

const IMPORTER = 'file:///app/src/app.ts';

it.each([
  ['./pricing/main.py', '/app/src/pricing/main.py', ''],
  ['../pricing/main.py', '/app/pricing/main.py', ''],
  ['/elsewhere/main.py', '/elsewhere/main.py', ''],
  ['file:///elsewhere/main.py', '/elsewhere/main.py', ''],
  ['./my module/main.py', '/app/src/my module/main.py', ''],
  ['./my%20module/main.py', '/app/src/my module/main.py', ''],
  ['./größe/日本.py', '/app/src/größe/日本.py', ''],
  ['./why%3F/ma%23in.py', '/app/src/why?/ma#in.py', ''],
  ['./main.py?fresh', '/app/src/main.py', '?fresh'],
  ['./main.py?a=b.py#c', '/app/src/main.py', '?a=b.py#c'],
  ['./.py/main.py', '/app/src/.py/main.py', ''],
])('%s names the Python file %s', (specifier, path, suffix) => {
  expect(pythonSpecifier(specifier, IMPORTER)).toEqual({ path, suffix });
});

it.each([
  './main.pyc',
  './main.js?from=main.py',
  './main.py.js',
  './main.py/',
  'package/main.py',
  '#pricing/main.py',
  'node:fs',
  'https://example.org/main.py',
  'data:text/javascript,main.py',
])('%s is left to others', (specifier) => {
  expect(pythonSpecifier(specifier, IMPORTER)).toBeUndefined();
});

it('What has no file as its importer is relative to the current folder', () => {
  const expected = `${process.cwd()}/main.py`;
  expect(pythonSpecifier('./main.py', undefined)?.path).toBe(expected);
  expect(pythonSpecifier('./main.py', 'data:text/javascript,0')?.path).toBe(expected);
});

it('A URL keeps what its path cannot say unencoded, and the suffix', () => {
  const url = pythonUrl('/app/why?/größe 1/main.py', '?fresh');
  expect(url).toBe('file:///app/why%3F/gr%C3%B6%C3%9Fe%201/main.py?fresh');
  expect(isPythonUrl(url)).toBe(true);
});

it.each(['file:///app/main.js?x.py', 'https://example.org/main.py', 'file:///app/main.py/x.js'])(
  '%s is no URL of a Python file',
  (url) => {
    expect(isPythonUrl(url)).toBe(false);
  },
);
