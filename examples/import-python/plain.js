import { quote } from './pricing/main.py';

const { symbol, price } = await quote('ACME');
console.log(`${symbol} costs ${price.toFixed(2)}`);
