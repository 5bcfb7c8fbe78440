import { quote, ticks, UnknownSymbolError } from './pricing/main.py';

const { symbol, price, depth } = await quote('ACME', { depth: 3 });
console.log(`${symbol} costs ${price.toFixed(2)}, ${depth} deep`);

const prices: number[] = [];
for await (const tick of ticks('ACME')) {
  prices.push(tick.price);
  if (prices.length === 3) break; // stops the Python generator
}
console.log(`and then ${prices.join(', ')}`);

try {
  await quote('acme');
} catch (error) {
  if (!(error instanceof UnknownSymbolError)) throw error;
  console.log(`${error.pythonType}: ${error.message}`);
}
