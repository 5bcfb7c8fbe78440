// A type of the user's own on the JavaScript side, and how it travels: the module's pyproject.toml names this codec.
import type { Codec } from 'synapse-worker';

export class Money {
  constructor(
    readonly cents: number,
    readonly currency: string,
  ) {}
}

export const moneyCodec: Codec<Money, string> = {
  encode: (money) => `${(money.cents / 100).toFixed(2)} ${money.currency}`,
  decode: (text) => {
    const [amount, currency] = text.split(' ');
    return new Money(Math.round(Number(amount) * 100), String(currency));
  },
};
