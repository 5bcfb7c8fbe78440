// Errors of the module's own are classes of the client, told apart by instanceof, by code, or by Python's type.
import { describe, expect, it } from '@jest/globals';
import { PythonError } from 'synapse-worker';
import { errorOf } from '../support/waiting.js';
import { OutOfStock, ShopError, Sku } from './generated/shop.js';
import { collected, openShop } from './shop.js';

const shop = openShop();

describe('An error of the module', () => {
  it('is an instance of its class, with its data', async () => {
    const items = [{ sku: Sku('S-9'), price: 1, amount: 11 }];
    const error = await errorOf(shop.client.checkout({ customer: 'A', items }, { express: false }));
    expect(error).toBeInstanceOf(OutOfStock);
    expect(error).toBeInstanceOf(PythonError);
    if (!(error instanceof OutOfStock)) throw error;
    expect(error.code).toBe('PYTHON_EXCEPTION');
    expect(error.pythonType).toBe('OutOfStock');
    expect(error.details).toStrictEqual({
      sku: 'S-9',
      left: 10,
      until: new Date('2026-02-01T00:00:00Z'),
    });
    expect(error.message).toContain('only 10 of S-9 left');
    expect(error.traceback).toContain('in checkout');
  });

  it('narrows by its Python type', async () => {
    const error: unknown = await errorOf(shop.client.fail('shop'));
    if (!(error instanceof PythonError)) throw error;
    expect(error).toBeInstanceOf(ShopError);
    expect(error.pythonType).toBe('ShopError');
  });

  it('has the class of the nearest declared ancestor', async () => {
    const error = await errorOf(shop.client.fail('hidden'));
    expect(error).toBeInstanceOf(OutOfStock);
    expect(error).toMatchObject({ pythonType: 'OutOfStock', details: { sku: 'S-1', left: 0 } });
    expect((error as OutOfStock).traceback).toContain('HiddenError');
  });

  it('stays a PythonError where it is not declared', async () => {
    const error = await errorOf(shop.client.fail('value'));
    expect(error).toBeInstanceOf(PythonError);
    expect(error).not.toBeInstanceOf(ShopError);
    expect(error).toMatchObject({ pythonType: 'ValueError', message: 'no such thing' });
  });

  it('comes out of a stream as well', async () => {
    const error = await errorOf(collected(shop.client.breaks_off(2)));
    expect(error).toBeInstanceOf(ShopError);
  });
});
